"""What the writers of single exports share: shops, months, totals, and which rows have found their way out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.demo.exports.cells import Texts, texts, whole, yuan

Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Written:
    """A file, and the rows (mask) of a table that it carries."""

    path: Path
    table: str
    rows: NDArray[np.bool_]


Writer = Callable[[Tables, Path, np.random.Generator], Iterator[Written]]


@dataclass(frozen=True)
class Shop:
    """A shop on a platform: the sales channel that it is, and its name there."""

    channel: str
    name: str


def shop_on(tables: Tables, platform: str) -> Shop | None:
    """The merchant's shop on a platform; None where there is none or more than one."""
    channels = tables["channels"]
    found = channels[channels["platform"].astype(str) == platform] if "platform" in channels else channels[:0]
    if len(found) != 1:
        return None
    first = found.iloc[0]
    return Shop(str(first["channel"]), str(first.get("name", first["channel"])))


def of_shop(table: pd.DataFrame, shop: Shop) -> NDArray[np.bool_]:
    """Rows of a shop."""
    return (table["channel"] == shop.channel).to_numpy(dtype=bool)


def by_month(dates: pd.Series, rows: NDArray[np.int64]) -> Iterator[tuple[str, NDArray[np.int64]]]:
    """Rows of each month (``2026-07``), in their given order."""
    month = dates.to_numpy()[rows].astype("datetime64[M]")
    for one in np.unique(month):
        yield str(one), rows[month == one]


def mask(count: int, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    """True at ``rows``."""
    found = np.zeros(count, dtype=bool)
    found[rows] = True
    return found


def figures(table: pd.DataFrame, names: Mapping[str, str]) -> dict[str, Texts]:
    """Counts and money columns under their headers; money in yuan."""
    return {
        header: texts(table[column], yuan if column.endswith("_fen") else whole) for column, header in names.items()
    }


def sums(table: pd.DataFrame, names: Mapping[str, str]) -> dict[str, str]:
    """Texts of a total row."""
    return {
        header: (yuan if column.endswith("_fen") else whole)(table[column].sum()) for column, header in names.items()
    }
