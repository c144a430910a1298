"""One import from files to the next snapshot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from engine.data.importing.files import content_hash, find_files
from engine.data.importing.flow import Flow, Tell
from engine.data.importing.model import Book
from engine.data.importing.options import ImportOptions, ImportReport
from engine.data.importing.quarantine import is_correction
from engine.data.importing.recognise import vocabulary
from engine.data.importing.sheets.database import is_address, open_query
from engine.data.importing.sheets.open import open_file
from engine.data.store import Workspace
from engine.plans.errors import BadInput, Problem

LOCK_SECONDS = 30


def import_files(
    workspace: Workspace,
    paths: Sequence[str | Path],
    options: ImportOptions,
    tell: Tell = lambda text, share: None,
) -> ImportReport:
    """Load files, folders and databases into a workspace; the current snapshot changes whole or not at all.

    Rows that break the contract go to ``quarantine/``; corrected quarantine files are added to what is there. A path
    such as ``sqlite:///erp.db`` is a database, of which ``options.query`` is asked. One import at a time: another one
    waits, and is refused after a while. :class:`BadInput` where nothing can be read.
    """
    with _alone(workspace):
        books, loads = _open(paths, options.query, tell)
        problems = [problem for book in books for problem in book.problems]
        sheets = [sheet for book in books for sheet in book.sheets]
        if not sheets:
            raise BadInput(problems or [Problem(", ".join(map(str, paths)), "holds no table")])
        report = ImportReport(parent=workspace.current_or_none(), problems=problems)
        report.snapshot = report.parent
        groups = ([s for s in sheets if not is_correction(s)], [s for s in sheets if is_correction(s)])
        for group, additive in zip(groups, (False, True), strict=True):
            if group:
                Flow(workspace, options, report, tell, additive).run(group, loads)
        return report


def _open(paths: Sequence[str | Path], query: str | None, tell: Tell) -> tuple[list[Book], dict[str, str]]:
    """Every source as a book, and the hash of each file."""
    addresses = [str(path) for path in paths if is_address(str(path))]
    places = [Path(path) for path in paths if not is_address(str(path))]
    if addresses and not query:
        raise BadInput([Problem("--query", "is missing", expected='--query "select ..." beside a database')])
    files, outside = find_files(places) if places else ([], [])
    books = [Book("", (), tuple(outside))] + [open_query(address, str(query)) for address in addresses]
    known = vocabulary()
    for number, (path, name) in enumerate(files):
        tell(f"reading {name}", number / len(files) / 10)
        books.append(open_file(path, name, known))
    return books, {name: content_hash(path) for path, name in files}


@contextmanager
def _alone(workspace: Workspace) -> Iterator[None]:
    from filelock import FileLock, Timeout

    folder = workspace.path / "data"
    folder.mkdir(exist_ok=True)
    try:
        with FileLock(str(folder / ".lock"), timeout=LOCK_SECONDS):
            yield
    except Timeout:
        remedy = "Wait until it has ended, then import again; nothing of this import was loaded."
        raise BadInput([Problem(str(workspace.path), "another import is at work", remedy=remedy)]) from None
