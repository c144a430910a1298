"""What the stages of an import hand to each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.plans.errors import Problem

DropReason = Literal["blank", "total", "note", "header"]


@dataclass(frozen=True, slots=True)
class Odd:
    """A row of a file that is no data (``reason`` is a :data:`DropReason`) or that cannot be read (any text)."""

    row: int
    reason: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Block:
    """Some rows of a sheet, in file order.

    ``frame``: one categorical of text a column of the file, column labels 0, 1, ...; nothing is parsed yet, ids keep
    all their digits, dates of spreadsheets are ISO text. ``rows``: number of each row in its file as a spreadsheet
    counts (the first line is 1). ``dropped``: rows that are no data, with their cells; ``broken``: rows that cannot
    be read (for the quarantine). Every row below the header is in exactly one of the three.
    """

    frame: pd.DataFrame
    rows: NDArray[np.int64]
    dropped: tuple[Odd, ...] = ()
    broken: tuple[Odd, ...] = ()

    @property
    def rows_read(self) -> int:
        """Rows of the file that this block accounts for."""
        return len(self.rows) + len(self.dropped) + len(self.broken)


@dataclass(frozen=True)
class Sheet:
    """A table in a file: ``names`` as they are spelled, the rows above them, and its rows block by block.

    ``file``: path relative to the folder of the import; ``sheet``: name of the worksheet, empty for text files.
    ``header_row`` 0: no header was recognised; ``names`` are then those of the widest row and every row is data.
    ``blocks`` may be called again and reads anew: memory does not grow with the file.
    """

    file: str
    sheet: str
    names: tuple[str, ...]
    header_row: int
    preamble: tuple[tuple[str, ...], ...]
    blocks: Callable[[], Iterator[Block]] = field(repr=False)

    @property
    def label(self) -> str:
        """Name for messages."""
        return f"{self.file} [{self.sheet}]" if self.sheet else self.file


@dataclass(frozen=True)
class Book:
    """The sheets of one file; ``problems``: why it, or a part of it, cannot be read."""

    file: str
    sheets: tuple[Sheet, ...]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Feed:
    """How a sheet fills one table.

    ``columns``: position in the sheet by column of the contract (money: the ``_yuan`` name where the file is in
    yuan), also ``platform_id`` where the file names goods by the platform's own id. ``constants``: text that holds
    for every row (such as channel). ``grain``: positions of further columns that tell rows of one key apart
    (warehouse, listing): such rows are added up, rows that agree in these too are repetitions. ``kind``
    ``order_lines``: one row is one order line (see ``order_lines.py``). ``meaning``: what the figures mean, by
    contract column or for the whole export (state, refunds, attribution window, organic sales, basis). ``units``: what
    the header says and the cells do not, by column: 万 or % (1.2 under 支付金额(万元) is 1.2万).
    """

    table: str
    columns: Mapping[str, int]
    constants: Mapping[str, str] = field(default_factory=dict)
    grain: tuple[int, ...] = ()
    kind: Literal["rows", "order_lines"] = "rows"
    meaning: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Recognition:
    """What a sheet is: ``feeds`` is empty where it matches nothing (all its rows count as unmapped).

    ``source``: our own format, a platform's export, the merchant's mapping file, or a proposal by similarity that
    nobody has confirmed. ``unused``: names of columns that feed nothing. ``notes``: what had to be assumed.
    """

    platform: str
    export: str
    source: Literal["own", "platform", "mapping", "similarity", "none"]
    feeds: tuple[Feed, ...]
    unused: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rows:
    """Rows for one table: text under contract names (and ``platform_id``), with their row in the file.

    ``grain``: text that tells rows of one key apart, None where there is nothing beyond the key. ``broken``: rows that
    must not be used (an id that lost its digits), for the quarantine; the Rows of one block name the same ones.
    """

    table: str
    frame: pd.DataFrame
    rows: NDArray[np.int64]
    grain: pd.Series | None = None
    broken: tuple[Odd, ...] = ()
