"""How to talk to a CRM: one folder each, the same four files in each."""
