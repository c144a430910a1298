"""The whole folder: every platform's exports, the ERP system's, and our own CSV for what nobody exports."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from engine.demo.exports.doudian import order_lines
from engine.demo.exports.erp import erp_tables
from engine.demo.exports.items import item_reports
from engine.demo.exports.parts import Writer
from engine.demo.exports.shops import ad_reports, overviews

WRITERS: tuple[Writer, ...] = (item_reports, order_lines, overviews, ad_reports, erp_tables)


def write_exports(tables: Mapping[str, pd.DataFrame], folder: Path, seed: int) -> list[Path]:
    """Write tables of the demo merchant as the exports in which a merchant would have them.

    Platforms report sales by item and month under their own ids, 抖店 gives order lines, shops their traffic, ad
    channels their spend, the ERP system goods and buying. Every row is in exactly one file; rows that no export
    carries stand in ``<table>.csv`` (UTF-8, names of the contract). The same tables and seed give the same bytes.
    Returns the files in the order in which they were written.
    """
    left = {name: np.ones(len(table), dtype=bool) for name, table in tables.items()}
    written: list[Path] = []
    for number, writer in enumerate(WRITERS):
        for entry in writer(tables, folder, np.random.default_rng([seed, number])):
            left[entry.table] &= ~entry.rows
            if entry.path not in written:
                written.append(entry.path)
    for name, rows in left.items():
        if rows.any():
            written.append(_write_own(tables[name][rows], folder / f"{name}.csv"))
    return written


def _write_own(table: pd.DataFrame, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(path, index=False, encoding="utf-8", date_format="%Y-%m-%d", lineterminator="\n")
    return path
