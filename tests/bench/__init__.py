"""How fast, how many calls, how much memory: `python -m tests.bench`. Figures beside their floors, never a timed test."""
