"""Frozen types that the rooms hand to each other, and the errors a user can cause."""
