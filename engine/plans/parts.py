"""How a plan is taken apart for storage: frames (Parquet) and one JSON object. No times and no run ids inside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.panel import Dates


@dataclass(frozen=True)
class Parts:
    """A plan in storable form: ``frames`` by file name without ending, ``meta`` JSON-serialisable."""

    frames: Mapping[str, pd.DataFrame]
    meta: Mapping[str, Any]


class Plan(Protocol):
    """What every stage hands on and what the workspace can store."""

    @property
    def status(self) -> str:
        """``done``, or ``partial`` when something could not be planned (then ``warnings`` names it)."""
        ...

    @property
    def warnings(self) -> tuple[str, ...]: ...

    def to_parts(self) -> Parts: ...

    @classmethod
    def from_parts(cls, parts: Parts) -> Self: ...


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows for JSON: None where blank, days as text.

    >>> records(pd.DataFrame({"day": [pd.Timestamp("2026-11-01")], "units": pd.array([None], dtype="Int64")}))
    [{'day': '2026-11-01', 'units': None}]
    """
    told = frame.copy()
    for name in frame.select_dtypes("datetime"):
        told[name] = frame[name].dt.strftime("%Y-%m-%d")
    told = told.astype(object)
    rows = told.where(told.notna(), None).to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]


def grid_frame(values: NDArray[np.generic], dates: Dates) -> pd.DataFrame:
    """[rows, periods] as a frame with one column a date (ISO)."""
    return pd.DataFrame(values, columns=[str(date) for date in dates.astype("datetime64[D]")])


def frame_grid(frame: pd.DataFrame) -> tuple[NDArray[np.generic], Dates]:
    """The reverse of :func:`grid_frame`."""
    return frame.to_numpy(), np.array(list(frame.columns), dtype="datetime64[D]")
