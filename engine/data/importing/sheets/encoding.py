"""Which encoding a text file has, and its text as UTF-8 with a mark where bytes cannot be read."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.data.importing.sheets.column import MARK

FIRST_PIECE, PIECE = 2**20, 16 * 2**20
REST_OF_LINE = 2**16
"""Pieces end with a line where it is no longer, so that nothing is copied to join them."""
EMPTY, BOM = (b"", 0), "\ufeff"
JUDGED = 2**22
"""So many bytes that are not plain ASCII decide between encodings."""
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def _mark(error: UnicodeError) -> tuple[str, int]:
    """Undecodable bytes become the mark, but for the euro sign of GBK, which GB18030 has elsewhere."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    euro = error.encoding == "gb18030" and error.object[error.start] == 0x80
    return ("€", error.start + 1) if euro else (MARK, error.end)


codecs.register_error("yunchou-mark", _mark)


@dataclass(frozen=True)
class Encoding:
    """``name`` of the codec; ``old_lines``: lines end in a carriage return alone."""

    name: str
    old_lines: bool = False


def detect_encoding(path: Path) -> Encoding:
    """The encoding with which most of a file can be read: UTF-8 or UTF-16 by their marks, UTF-8, else GB18030."""
    with path.open("rb") as file:
        head = file.read(2**16)
    name = next((name for bom, name in BOMS if head.startswith(bom)), None) or _utf16(head) or _by_evidence(path)
    text = _decoded(head, name)
    return Encoding(name, "\r" in text[:-1] and "\n" not in text)


def pieces(path: Path, encoding: Encoding) -> Iterator[bytes]:
    """The file as UTF-8 in pieces, the first one small; undecodable bytes are marked.

    Byte order marks are left out: files that were appended to one another hold them in the midst.
    """
    decoder = codecs.getincrementaldecoder(encoding.name)(errors="yunchou-mark")
    size, whole = FIRST_PIECE, True
    with path.open("rb") as file:
        while block := file.read(size) + file.readline(REST_OF_LINE):
            text, began_whole = decoder.decode(block), whole
            whole = decoder.getstate() == EMPTY
            changed = encoding.name != "utf-8" or encoding.old_lines or MARK in text or BOM in text
            yield _as_utf8(text, encoding) if changed or not (began_whole and whole) else block
            size = PIECE
        yield _as_utf8(decoder.decode(b"", final=True), encoding)


def _as_utf8(text: str, encoding: Encoding) -> bytes:
    text = text.replace(BOM, "")
    return (text.replace("\r", "\n") if encoding.old_lines else text).encode()


def _utf16(head: bytes) -> str | None:
    """UTF-16 without a mark: zeros of digits and separators stand at odd or at even places only."""
    zeros = [head[0::2].count(0), head[1::2].count(0)]
    if sum(zeros) < 0.02 * len(head) or min(zeros) > 0.02 * sum(zeros):
        return None
    name = "utf-16-le" if zeros[1] > zeros[0] else "utf-16-be"
    text = _decoded(head, name)
    return name if text.count(MARK) <= 0.01 * len(text) else None


def _by_evidence(path: Path) -> str:
    """UTF-8 where more of the bytes beyond ASCII read as UTF-8 than do not, GB18030 where fewer."""
    good = bad = judged = 0
    decoder = codecs.getincrementaldecoder("utf-8")(errors="yunchou-mark")
    with path.open("rb") as file:
        while (block := file.read(FIRST_PIECE)) and judged < JUDGED:
            if block.isascii():
                decoder.reset()
                continue
            judged += len(block)
            text = decoder.decode(block)
            marks = text.count(MARK)
            bad += marks
            good += len(text) - len(text.encode("ascii", "ignore")) - marks
    return "utf-8" if good >= bad else "gb18030"


def _decoded(head: bytes, name: str) -> str:
    return codecs.getincrementaldecoder(name)(errors="yunchou-mark").decode(head)
