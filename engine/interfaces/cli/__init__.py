"""The command ``yunchou``: a thin layer over ``engine.workflow``; heavy imports stay inside the commands."""

from engine.interfaces.cli.app import main

__all__ = ["main"]
