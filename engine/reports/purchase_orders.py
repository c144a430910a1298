"""Purchase orders as files: one workbook a supplier and one CSV for an ERP, by the template in ``configs/export``."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from engine.data.configs import read_config
from engine.plans.errors import BadInput, Problem
from engine.reports.sheet import Book, Field
from engine.reports.words import Words

TEMPLATE = "export/purchase_orders.yaml"


def write_orders(
    folder: Path, lines: pd.DataFrame, week: date, words: Words, replace: bool = False
) -> tuple[Path, ...]:
    """Writes the lines (all fields of the template but ``po``) into ``folder``; returns the files.

    Each file is written whole, and none where one of another content stands in the way and ``replace`` is not set
    (:class:`BadInput`). ``week``: start of the first week of orders.
    """
    template = read_config(TEMPLATE)
    numbers = order_numbers(sorted(set(lines["supplier"])), week)
    lines = lines.assign(po=lines["supplier"].map(numbers))
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".orders.", dir=folder) as draft:
        made = [
            _workbook(Path(draft), own, str(po), week, words, template["workbook"]) for po, own in lines.groupby("po")
        ]
        made.append(_erp(Path(draft), lines, week, words, template["erp"]))
        other = [file.name for file in made if _differs(file, folder / file.name)]
        if other and not replace:
            remedy = "Give another folder, or --replace."
            message = "stands there already with another content"
            raise BadInput([Problem(str(folder / name), message, remedy=remedy) for name in other])
        for file in made:
            os.replace(file, folder / file.name)
    return tuple(folder / file.name for file in made)


def order_numbers(suppliers: list[str], week: date) -> dict[str, str]:
    """A number for each supplier's order that can also be the name of a file.

    >>> order_numbers(["a/b", "a:b", "义乌一厂"], date(2026, 11, 2))
    {'a/b': 'PO-20261102-a_b', 'a:b': 'PO-20261102-a_b-2', '义乌一厂': 'PO-20261102-义乌一厂'}
    """
    out: dict[str, str] = {}
    for supplier in suppliers:
        stem = f"PO-{week:%Y%m%d}-" + (re.sub(r"[^\w-]+", "_", supplier)[:60] or "_")
        number, count = stem, 1
        while number.casefold() in {taken.casefold() for taken in out.values()}:
            count += 1
            number = f"{stem}-{count}"
        out[supplier] = number
    return out


def _workbook(draft: Path, lines: pd.DataFrame, po: str, week: date, words: Words, template: Mapping[str, Any]) -> Path:
    path = draft / str(template["file"]).format(po=po)
    fields = [
        Field(column["field"], column[words.language], column.get("kind", "text"), column.get("total", False))
        for column in template["columns"]
    ]
    with Book(path, words, week) as book:
        book.table(template["sheet"][words.language], lines, fields)
    return path


def _erp(draft: Path, lines: pd.DataFrame, week: date, words: Words, template: Mapping[str, Any]) -> Path:
    path = draft / str(template["file"]).format(week=f"{week:%Y%m%d}")
    columns = {column[words.language]: _texts(lines[column["field"]], column) for column in template["columns"]}
    path.write_bytes(pd.DataFrame(columns).to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig"))
    return path


def _texts(values: pd.Series, column: Mapping[str, Any]) -> list[str]:
    kind = column.get("kind", "text")
    if kind == "money":
        return [f"{value / 100.0:.2f}" for value in values]
    if kind == "day":
        return [f"{value:%Y-%m-%d}" for value in pd.to_datetime(values)]
    return [str(value) for value in values]


def _differs(made: Path, standing: Path) -> bool:
    return standing.exists() and (not standing.is_file() or standing.read_bytes() != made.read_bytes())
