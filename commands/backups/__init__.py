"""What `python -m commands backup` does, one step a module."""
