"""Files to and from the bank: pure functions, no database."""
