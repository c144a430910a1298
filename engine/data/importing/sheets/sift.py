"""Rows of a sheet parted into data, dropped rows and broken rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.importing.model import Block, Odd
from engine.data.importing.sheets.column import DAMAGE, Mask, TextColumn, readable
from engine.data.importing.sheets.layout import Cells, Layout

TOTAL = (
    r"(?i)^(合\s*计|总\s*计|汇\s*总|小\s*计|总\s*和|共\s*计|总合计|本页合计|本页小计|grand\s*total|sub-?\s*total|totals?)"
    r"\s*([:：(（].*)?$|^.{1,20}(小计|合计|总计|\s汇总)\s*[:：]?$"
)
NOTE = (
    r"(?i)^[【\[(（]?(数据|温馨|特别|重要|免责)?(说明|备注|注释|注|提示|声明|来源|口径)\s*[0-9一二三四五]?\s*([】\]):：）、.。]|$)"
    r"|^(以上|上述|本表|本报表|本报告|该数据|此数据|数据(更新|截至|截止|统计|口径)|统计(口径|周期|时间)[:：]"
    r"|(导出|制表|制单|生成|打印|更新|下载)(人|时间|日期|于)?\s*[:：]|※|\*{1,3}\s*\S)"
    r"|^(notes?|source|remarks?|disclaimer|generated|exported|printed|data as of)\b\s*([:：]|on|at|by|$)"
)
DAMAGED = "holds zero bytes or bytes that are no text in the file's encoding"
SENTENCE = r"^.{12,}$"
STOPS = r"[。；：，！]|[:;] "


@dataclass(frozen=True)
class Part:
    """Some rows as they were read: columns of one length, and rows that fit into no columns (by reason).

    ``damaged``: cells may hold zero bytes or the mark of bytes that are no text.
    """

    columns: Sequence[TextColumn]
    rows: NDArray[np.int64]
    odd: Sequence[Odd] = ()
    damaged: bool = False


def sift(parts: Iterable[Part], layout: Layout) -> Iterator[Block]:
    """Blocks of the rows below the header; blank rows at the end of the sheet count as nothing."""
    held: list[int] = []
    for part in parts:
        block, blanks = _block(part, layout)
        last = _last_row(block)
        if last:
            held += [row for row in blanks if row < last]
            blanks = [row for row in blanks if row > last]
            odd = [*block.dropped, *(Odd(row, "blank", ()) for row in held)]
            yield Block(block.frame, block.rows, tuple(sorted(odd, key=lambda entry: entry.row)), block.broken)
            held = []
        held += blanks


def odd_reason(cells: Cells) -> str | None:
    """Whether a row of its own width is a total or a note."""
    filled = [cell for cell in cells if cell]
    if filled and re.search(TOTAL, filled[0]):
        return "total"
    if filled and (re.search(NOTE, filled[0]) or (len(filled) == 1 and _is_sentence(filled[0]))):
        return "note"
    return None


def _is_sentence(cell: str) -> bool:
    return bool(re.search(SENTENCE, cell) and re.search(STOPS, cell))


def _block(part: Part, layout: Layout) -> tuple[Block, list[int]]:
    """The rows of a part below the header, and the numbers of its blank rows."""
    filled = _filled(part)
    below = part.rows > layout.header_row
    blank = (filled == 0) & below
    reasons = {"header": _repeated(part, layout), "total": _first_is(part, TOTAL), "note": _notes(part, filled)}
    dropped: list[Odd] = []
    kept = below & ~blank
    for reason, mask in reasons.items():
        dropped += _odd(part, mask & kept, reason)
        kept &= ~mask
    damaged = _damaged(part) & kept
    kept &= ~damaged
    chosen = None if kept.all() else kept
    frame = pd.DataFrame(dict(enumerate(column.categorical(chosen) for column in part.columns)), copy=False)
    odd = [entry for entry in part.odd if entry.row > layout.header_row]
    dropped += [entry for entry in odd if entry.reason in ("total", "note")]
    broken = [entry for entry in odd if entry.reason not in ("total", "note")] + _odd(part, damaged, DAMAGED)
    broken.sort(key=lambda entry: entry.row)
    rows = part.rows if chosen is None else part.rows[kept]
    return Block(frame, rows, tuple(dropped), tuple(broken)), part.rows[blank].tolist()


def _filled(part: Part) -> NDArray[np.int64]:
    """Cells a row that hold anything."""
    count = np.full(len(part.rows), len(part.columns), dtype=np.int64)
    for column in part.columns:
        count -= column.equal("")
    return count


def _odd(part: Part, mask: Mask, reason: str) -> list[Odd]:
    """Rows with their cells as they can be shown."""
    return [
        Odd(int(part.rows[position]), reason, tuple(readable(column.cell(position)) for column in part.columns))
        for position in np.flatnonzero(mask)
    ]


def _damaged(part: Part) -> Mask:
    found = np.zeros(len(part.rows), dtype=bool)
    if part.damaged:
        for column in part.columns:
            found |= column.where(DAMAGE)
    return found


def _repeated(part: Part, layout: Layout) -> Mask:
    """Rows that say the header again."""
    same = np.full(len(part.rows), bool(layout.header), dtype=bool)
    for column, name in zip(part.columns, layout.header, strict=False):
        if not same.any():
            break
        same &= column.equal(name)
    return same


def _first_is(part: Part, pattern: str) -> Mask:
    """Rows whose first cell that is not empty matches."""
    found = np.zeros(len(part.rows), dtype=bool)
    pending = np.ones(len(part.rows), dtype=bool)
    for column in part.columns:
        found |= pending & column.where(pattern)
        pending &= column.equal("")
        if not pending.any():
            break
    return found


def _notes(part: Part, filled: NDArray[np.int64]) -> Mask:
    """Rows that hold little and begin like a note, or hold a single sentence."""
    width = len(part.columns)
    few = filled <= max(1, width // 2)
    if not few.any():
        return few
    notes = few & _first_is(part, NOTE)
    alone = few & (filled == 1) & ~part.columns[0].equal("") if width > 1 else np.zeros_like(few)
    return notes | (alone & _first_is(part, SENTENCE) & _first_is(part, STOPS)) if alone.any() else notes


def _last_row(block: Block) -> int:
    odd = [entry.row for entry in (*block.dropped, *block.broken)]
    return max([int(block.rows[-1]) if len(block.rows) else 0, *odd])
