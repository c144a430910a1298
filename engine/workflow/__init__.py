"""Composes the rooms into stages and runs them on a workspace."""
