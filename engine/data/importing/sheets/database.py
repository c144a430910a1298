"""The answer of a database to one question, as a sheet, read in chunks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from engine.data.importing.model import Block, Book, Sheet
from engine.data.importing.sheets.column import TextColumn, tidy
from engine.data.importing.sheets.layout import Layout
from engine.data.importing.sheets.parquet import texts
from engine.data.importing.sheets.sift import Part, sift
from engine.plans.errors import BadInput, Problem

ROWS_A_BLOCK = 2**16
REMEDY = "Check the address, the rights of the user and the statement; the driver of the database must be installed."


def is_address(text: str) -> bool:
    """Whether a source is a database rather than a path.

    >>> is_address("postgresql://erp@host/shop"), is_address("exports/2026")
    (True, False)
    """
    return "://" in text


def open_query(address: str, statement: str) -> Book:
    """A query on any database that SQLAlchemy knows; its column names count as row 1. Passwords stay out of names."""
    try:
        url = sa.make_url(address)
    except sa.exc.ArgumentError:
        return Book(address, (), (Problem("database", "is no address of a database", expected="dialect://host/name"),))
    name = f"{url.get_backend_name()} {url.database or ''}".strip()
    try:
        engine = sa.create_engine(url)
        with engine.connect() as connection:
            names = tuple(connection.execute(sa.text(statement)).keys())
    except (sa.exc.SQLAlchemyError, ImportError) as error:
        return Book(name, (), (Problem(name, "cannot be asked", value=_first_line(error), remedy=REMEDY),))
    header = tidy(names)
    layout = Layout(1, header, header, ())

    def blocks() -> Iterator[Block]:
        return sift(_parts(engine, statement, name), layout)

    return Book(name, (Sheet(name, "", layout.names, layout.header_row, layout.preamble, blocks),))


def _parts(engine: sa.Engine, statement: str, name: str) -> Iterator[Part]:
    first = 2
    try:
        with engine.connect().execution_options(stream_results=True) as connection:
            for chunk in connection.execute(sa.text(statement)).partitions(ROWS_A_BLOCK):
                columns = [_column(values) for values in zip(*chunk, strict=True)]
                yield Part(columns, np.arange(first, first + len(chunk)))
                first += len(chunk)
    except sa.exc.SQLAlchemyError as error:
        raise BadInput([Problem(name, "stopped answering", value=_first_line(error), remedy=REMEDY)]) from error


def _column(values: Sequence[Any]) -> TextColumn:
    return texts(pa.array([_text(value) for value in values], type=pa.string()))


def _text(value: Any) -> str | None:
    """A value as a spreadsheet would show it; every digit of numbers is kept."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value.isoformat() if isinstance(value, date) else str(value)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:200]
