"""`accounts` against real databases and in running processes."""
