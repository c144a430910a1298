"""Our own format."""

from __future__ import annotations

from pathlib import Path

from engine.data.readers.source import Source


def read_csv_folder(path: str | Path) -> Source:
    """To come."""
    raise NotImplementedError(path)
