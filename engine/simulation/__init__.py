"""Simulation: how a plan fares on demand and lead times that it has not seen, against a tuned rule."""
