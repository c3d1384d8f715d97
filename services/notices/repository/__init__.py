"""Rows to values and back; no row, query or session leaves here."""
