"""Rows that were not loaded: kept with file, row and reason, to be corrected and imported again."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path

from engine.data.atomic import write_text
from engine.data.importing.accounts import SheetAccount
from engine.data.importing.model import Sheet

FILE, ROW, REASON = "yunchou_file", "yunchou_row", "yunchou_reason"
MARKS = (FILE, ROW, REASON)


def write_quarantine(folder: Path, account: SheetAccount) -> Path | None:
    """A CSV of the refused rows of a sheet with their original cells, below the sheet's own preamble."""
    if not account.refused or not account.mapped:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    sheet = account.sheet
    target = folder / (re.sub(r"[^\w.\-]+", "_", sheet.label).strip("_") + ".csv")
    with target.open("w", encoding="utf-8-sig", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerows(sheet.preamble)
        writer.writerow([*sheet.names, *MARKS])
        for row, cells in _cells(sheet, set(account.refused)):
            padded = [*cells, *[""] * (len(sheet.names) - len(cells))][: max(len(sheet.names), len(cells))]
            writer.writerow([*padded, sheet.label, row, "; ".join(account.refused[row])])
    return target


def _cells(sheet: Sheet, wanted: set[int]) -> Iterator[tuple[int, list[str]]]:
    """Row number and original cells of some rows."""
    for block in sheet.blocks():
        yield from ((odd.row, list(odd.cells)) for odd in block.broken if odd.row in wanted)
        hits = [at for at, row in enumerate(block.rows.tolist()) if row in wanted]
        for at, cells in zip(hits, block.frame.iloc[hits].astype("str").itertuples(index=False), strict=True):
            yield int(block.rows[at]), list(cells)


def is_correction(sheet: Sheet) -> bool:
    """Whether a sheet is a quarantine file that comes back: its rows are added to what is there."""
    return set(MARKS[:2]) <= set(sheet.names)


def origins(sheet: Sheet) -> dict[int, str]:
    """For every row of a correction the file and row that it corrects."""
    places = [sheet.names.index(name) for name in MARKS[:2]]
    found = {}
    for block in sheet.blocks():
        pairs = block.frame[places].astype("str").itertuples(index=False)
        found.update({int(row): "|".join(map(str, pair)) for row, pair in zip(block.rows, pairs, strict=True)})
    return found


def taken(file: Path) -> set[str]:
    """Corrected rows that were loaded already."""
    return set(json.loads(file.read_text("utf-8"))) if file.is_file() else set()


def remember(file: Path, names: set[str]) -> None:
    """Corrected rows that are loaded now."""
    write_text(file, json.dumps(sorted(taken(file) | names), ensure_ascii=False))
