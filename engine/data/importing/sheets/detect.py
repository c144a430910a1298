"""What a file is, by its content: names lie."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Literal

from engine.data.importing.sheets.unreadable import Unreadable

Kind = Literal["text", "excel", "html", "xml", "parquet"]
ZIP, OLE, PARQUET = b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1"), b"PAR1"
FOREIGN = {
    b"%PDF": "a PDF document",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x1f\x8b": "a gzip archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"SQLite format 3": "an SQLite database",
}


def detect(path: Path) -> Kind:
    """Kind of a file; raises :class:`Unreadable` where it is empty or of a kind that holds no table."""
    with path.open("rb") as file:
        head = file.read(2**13)
    if not head.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        if path.stat().st_size <= len(head):
            raise Unreadable("is empty", "Export it again, or remove the file.")
        return "text"
    for magic, kind in FOREIGN.items():
        if head.startswith(magic):
            remedy = "Unpack it first." if kind.endswith("archive") else "Export the table as CSV or .xlsx."
            raise Unreadable(f"is {kind}", remedy)
    if head.startswith(PARQUET):
        return "parquet"
    if head.startswith(OLE):
        return "excel"
    if head.startswith(ZIP):
        return _in_zip(path)
    return _marked_up(head) or "text"


def _in_zip(path: Path) -> Kind:
    """A workbook, unless the archive holds something else; a truncated archive has no directory."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError) as error:
        message = "is a truncated or damaged workbook (.xlsx)"
        raise Unreadable(message, "Download or export it again.") from error
    if "[Content_Types].xml" not in names and "mimetype" not in names:
        raise Unreadable("is a zip archive", "Unpack it first.")
    return "excel"


def _marked_up(head: bytes) -> Literal["html", "xml"] | None:
    """A web page or XML workbook, in any encoding that holds ASCII letters."""
    start = head.replace(b"\0", b"").lower()
    if not start.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith(b"<"):
        return None
    if b"workbook" in start and b"urn:schemas-microsoft-com:office:spreadsheet" in start:
        return "xml"
    return "html" if any(mark in start for mark in (b"<table", b"<html", b"<!doctype html", b"<body")) else None
