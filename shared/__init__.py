"""What several services share: the platform they run on, the values of the trade, the contracts between them."""
