"""The entry points of the service, one family a file: load, apply a rule, save, tell."""
