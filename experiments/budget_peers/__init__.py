"""Estimate, split and score on the truth: our response model and allocation against open-source peers."""
