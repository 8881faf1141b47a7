"""Who is the same in two CRMs: keys of accounts and people, and what they decide. Pure."""
