"""Pure values and code tables of physician registration that several services need."""
