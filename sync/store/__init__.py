"""The local store: what was pulled, what was found, what was written."""
