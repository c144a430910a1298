"""Which code made a plan."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version


@cache
def code_version() -> str:
    """Version of the installed package."""
    try:
        return version("yunchou")
    except PackageNotFoundError:
        return "unknown"
