"""How rules would have done over the past: month-ends replayed with what was known then, and what came of it."""
