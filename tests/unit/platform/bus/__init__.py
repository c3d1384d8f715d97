"""The parts of the bus that need neither a broker nor green threads."""
