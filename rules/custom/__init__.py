"""Rules without code: the `[[rules.custom]]` tables of the config, CEL expressions over documented facts."""
