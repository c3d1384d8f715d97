"""Rows to domain objects and back, one family a file."""
