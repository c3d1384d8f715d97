"""Pure values and code tables of the trade that several services need."""
