"""What may happen to a case, when and by whom: pure values and rules."""
