"""Which row of a sheet is its header: by known names, else by shape."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

Cells = tuple[str, ...]
Sample = Sequence[tuple[int, Cells]]
"""The first rows of a sheet with their row numbers, tidied, blank rows too."""

SEARCHED = 100
"""A header is looked for among so many rows."""
LONGEST_NAME = 60
NUMBER = re.compile(r"^[-+(¥￥$]*[\d,.，]+\s*[%％万亿元)]*$|^-+$|^—+$")
DAY = re.compile(r"^\d{2,4}[-/.年]\d{1,2}([-/.月]\d{0,2}日?)?")


@dataclass(frozen=True)
class Layout:
    """Where data starts. ``header``: the cells of the header row as they stand, ``names`` the same on one line each.

    ``header_row`` is 0 where the first row is data already; ``preamble``: the rows above the header.
    """

    header_row: int
    names: Cells
    header: Cells
    preamble: tuple[Cells, ...]

    @property
    def width(self) -> int:
        """Columns of the sheet."""
        return len(self.names)

    def widened(self, width: int) -> Layout:
        """With nameless columns at the end up to a width."""
        return replace(self, names=_padded(self.names, width), header=_padded(self.header, width))


def find_layout(sample: Sample, known: Callable[[str], bool], width: int = 0) -> Layout:
    """Header and preamble of a sheet; ``width``: its columns where the format tells.

    Of the rows with at least two known names the one with most is the header; without any it is the first row of
    short distinct texts that is as wide as the rows below it and does not look like them.
    """
    rows = [(row, trimmed(cells)) for row, cells in sample[:SEARCHED]]
    found = _by_names(rows, known)
    if found is None:
        found = _by_shape(rows)
    if found is None:
        widest = max((cells for _, cells in rows), key=len, default=())
        return Layout(0, _padded(tuple(map(one_line, widest)), width), (), ())
    row, cells = rows[found]
    preamble = tuple(cells for _, cells in rows[:found])
    return Layout(row, _padded(tuple(map(one_line, cells)), width), _padded(cells, width), preamble)


def trimmed(cells: Cells) -> Cells:
    """Without the empty cells at the end."""
    end = len(cells)
    while end and not cells[end - 1]:
        end -= 1
    return cells[:end]


def one_line(name: str) -> str:
    """A name without its line breaks.

    >>> one_line("支付\\n金额")
    '支付金额'
    """
    return re.sub(r"\s*[\r\n]+\s*", lambda found: "" if _wide(name, found) else " ", name)


def _wide(name: str, found: re.Match[str]) -> bool:
    return max(name[found.start() - 1 : found.start()], name[found.end() : found.end() + 1]) > "\u2e80"


def _padded(cells: Cells, width: int) -> Cells:
    return cells + ("",) * (width - len(cells))


def _by_names(rows: Sample, known: Callable[[str], bool]) -> int | None:
    """The row with most known names, of equals the one that holds least else, then the first.

    A single name counts where the row is nothing else.
    """
    best, most = None, (0, 0.0)
    for position, (_, cells) in enumerate(rows):
        filled = [one_line(cell) for cell in cells if cell]
        names = {cell for cell in filled if known(cell)}
        enough = len(names) >= 2 or (len(names) == 1 == len(filled) and _is_narrow(rows[position + 1 :]))
        score = (len(names), len(names) / max(len(filled), 1))
        if enough and score > most and not _is_value(filled[0]):
            best, most = position, score
    return best


def _by_shape(rows: Sample) -> int | None:
    for position, (_, cells) in enumerate(rows):
        below = [other for _, other in rows[position + 1 :] if other and other != cells]
        if cells and _is_header(cells, below):
            return position
        if len(cells) > 1 and any(map(_is_value, cells)) and len(cells) >= _typical_width(below):
            return None
    return None


def _is_header(cells: Cells, below: Sequence[Cells]) -> bool:
    filled = [cell for cell in cells if cell]
    if any(NUMBER.match(cell) or len(cell) > LONGEST_NAME for cell in filled) or DAY.match(filled[0]):
        return False
    typical = _typical_width(below)
    widest = max(map(len, below), default=0)
    above_data = bool(below) and any(map(_is_value, below[0]))
    least = min(0.8 * typical, typical - 1) if above_data else 0.8 * typical
    if len(set(filled)) < 0.8 * len(filled) or len(filled) < max(least, min(2, widest)):
        return False
    return not any(
        _is_alike(cell, [row[place] for row in below if len(row) > place]) for place, cell in enumerate(cells)
    )


def _is_narrow(below: Sample) -> bool:
    return _typical_width([cells for _, cells in below]) <= 1


def _typical_width(rows: Sequence[Cells]) -> int:
    """The width that three rows in ten reach: the last cells of many rows may be empty."""
    widths = sorted((len(cells) for cells in rows if cells), reverse=True)
    return widths[3 * len(widths) // 10] if widths else 0


def _is_value(cell: str) -> bool:
    return bool(NUMBER.match(cell) or DAY.match(cell))


def _is_alike(cell: str, below: Sequence[str]) -> bool:
    """Whether a cell of the first row is of the kind of the cells below: it comes again, or has their digits."""
    if not cell or not below:
        return False
    if cell in below:
        return True
    if not re.search(r"\d", cell):
        return False
    pattern = _pattern(cell)
    return sum(_pattern(other) == pattern for other in below) > 0.5 * len(below)


def _pattern(cell: str) -> str:
    return re.sub(r"\d+", "9", cell)
