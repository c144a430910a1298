"""What to buy, when and where."""
