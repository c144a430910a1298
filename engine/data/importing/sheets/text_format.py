"""How a text file is written: encoding, separator, header and widths, from its first rows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path

from engine.data.importing.sheets.column import MARK, readable, tidy
from engine.data.importing.sheets.encoding import Encoding, detect_encoding, pieces
from engine.data.importing.sheets.layout import Cells, Layout, Sample, find_layout, trimmed
from engine.data.importing.sheets.records import cut
from engine.data.importing.sheets.separators import guess_separator, plain_cells, split
from engine.data.importing.sheets.unreadable import Unreadable, check_width

SAMPLED = 300
FEW = 8
"""Control characters that a small file of text may hold."""


@dataclass(frozen=True)
class TextFormat:
    """``cells``: cells of most rows; ``ragged``: rows leave out empty cells at their end."""

    path: Path
    encoding: Encoding
    separator: str
    cells: int
    ragged: bool
    layout: Layout


def text_format(path: Path, known: Callable[[str], bool]) -> TextFormat:
    """Format of a text file; raises :class:`Unreadable` where it is no table of text."""
    encoding = detect_encoding(path)
    head = next(filter(None, pieces(path, encoding)), b"").decode()
    _check_text(head, encoding)
    separator = guess_separator(head, known)
    sample = _sample(path, encoding, separator)
    if not any(any(cells) for _, cells in sample):
        raise Unreadable("holds no rows", "Fill it, or remove the file.")
    layout = find_layout(sample, known)
    below = [cells for row, cells in sample if row > layout.header_row and any(cells)]
    cells, width, ragged = _widths(below, layout)
    check_width(max(cells, width))
    return TextFormat(path, encoding, separator, cells, ragged, layout.widened(width))


def _check_text(head: str, encoding: Encoding) -> None:
    """Pictures and archives hold control characters; of a foreign encoding most lines cannot be read."""
    junk = len(re.findall(r"[\x00-\x08\x0e-\x1f]", head))
    lines = head.splitlines()
    marked = sum(MARK in line for line in lines)
    if junk > max(FEW, 0.05 * len(head)) or (junk and marked > 0.5 * len(lines)):
        raise Unreadable("is neither text nor a known table format", "Save it as CSV UTF-8 or as .xlsx.")
    if marked > 0.5 * len(lines) or (encoding.name == "gb18030" and _is_foreign(head)):
        raise Unreadable("holds text that is neither UTF-8 nor GB18030 nor UTF-16", "Save it as CSV UTF-8.")


def _is_foreign(text: str) -> bool:
    """Whether a text read as GB18030 is none: Western letters give characters that hardly anyone writes."""
    wide = [char for char in text if not char.isascii() and char != MARK]
    common = len("".join(wide).encode("gb2312", errors="ignore")) / 2
    return common < 0.4 * len(wide)


def _sample(path: Path, encoding: Encoding, separator: str) -> Sample:
    """The first records with their row numbers."""
    rows: list[tuple[int, Cells]] = []
    for chunk in islice(cut(pieces(path, encoding), separator), 1):
        unclosed = {place + 1: plain_cells(line, separator) for place, line in chunk.unclosed}
        numbers = (number for number in count(1) if number not in unclosed)
        whole = zip(islice(split(chunk.data.decode(), separator), SAMPLED), numbers, strict=False)
        rows = sorted([*unclosed.items(), *((number, _shown(cells)) for cells, number in whole)])[:SAMPLED]
    return rows


def _shown(cells: Sequence[str]) -> Cells:
    return tuple(map(readable, tidy(cells)))


def _widths(below: Sequence[Cells], layout: Layout) -> tuple[int, int, bool]:
    """Cells of most rows, columns of the sheet, and whether rows leave out empty cells at their end.

    Rows with more cells than the header: columns without a name where most rows fill them, else broken or, where
    they are empty, only separators too many.
    """
    names = layout.width
    if not below:
        return names, names, False
    counts = Counter(map(len, below))
    most = max(counts, key=lambda width: (counts[width], width))
    filled = sum(len(trimmed(row)) > names for row in below)
    width = most if filled > 0.5 * len(below) else names
    ragged = sum(len(row) < width for row in below) > 0.5 * len(below)
    return most if ragged else max(most, width), width, ragged
