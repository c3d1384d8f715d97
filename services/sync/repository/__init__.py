"""Rows to domain objects and back; no row, query or session leaves this package."""
