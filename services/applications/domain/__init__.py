"""The rules of applying for, holding and proving a registration, on values alone."""
