"""Writing so that a crash at any moment leaves the last good state readable."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def write_bytes(path: Path, content: bytes) -> None:
    """Replace a file whole: temporary file beside it, fsync, rename."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync(path.parent)


def write_text(path: Path, content: str) -> None:
    """Replace a UTF-8 text file whole."""
    write_bytes(path, content.encode("utf-8"))


@contextmanager
def replaced_folder(target: Path) -> Iterator[Path]:
    """Yield an empty folder; on success it takes the place of ``target``, on failure nothing changes.

    Between the two renames of a swap the former content stands under :func:`former`; :func:`recover` puts it back.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    recover(target)
    fresh = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    fresh.chmod(0o755)
    try:
        yield fresh
        for file in fresh.rglob("*"):
            _sync(file)
        if target.exists():
            os.rename(target, former(target))
        os.rename(fresh, target)
        _sync(target.parent)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        recover(target)
        raise
    shutil.rmtree(former(target), ignore_errors=True)


def former(target: Path) -> Path:
    """Where the content of a folder stands while it is being replaced."""
    return target.with_name(f".{target.name}.former")


def recover(target: Path) -> None:
    """Put back what a swap that was cut short left behind."""
    if former(target).exists():
        if target.exists():
            shutil.rmtree(former(target))
        else:
            os.rename(former(target), target)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
