"""Organisations and staff from files: each line is its own transaction, and each has its line in the report."""
