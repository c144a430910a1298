"""Peers on our data: the same series, drivers, origins and machine."""
