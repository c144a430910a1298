"""The files of an import: found below the given paths, never outside of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from engine.plans.errors import BadInput, Problem

IGNORED = (".", "~$")
"""Beginnings of names of hidden files and of Excel's lock files."""


def find_files(paths: Sequence[Path]) -> tuple[list[tuple[Path, str]], list[Problem]]:
    """Files with their names relative to the given folder, in the order of their names; problems for links that lead
    out of it. :class:`BadInput` where a path does not exist or holds nothing."""
    problems = [Problem(str(path), "there is no such file or folder") for path in paths if not path.exists()]
    if problems:
        raise BadInput(problems)
    found: list[tuple[Path, str]] = []
    outside: list[Problem] = []
    for path in paths:
        if path.is_file():
            found.append((path, path.name))
            continue
        root = path.resolve()
        for file in _walk(path):
            name = file.relative_to(path).as_posix()
            if not file.resolve().is_relative_to(root):
                outside.append(Problem(name, "is a link that leads out of the folder", remedy="Copy the file itself."))
            else:
                found.append((file, name))
    if not found and not outside:
        raise BadInput([Problem(", ".join(map(str, paths)), "holds no files", expected="exports of shops or an ERP")])
    return found, outside


def _walk(folder: Path) -> Iterable[Path]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.name.startswith(IGNORED):
            continue
        if entry.is_dir() and not entry.is_symlink():
            yield from _walk(entry)
        elif entry.is_file() or entry.is_symlink():
            yield entry


def content_hash(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
