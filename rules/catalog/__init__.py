"""One rule per file; the file's name with hyphens is the rule's id and its TOML table."""
