"""What a column and a table are: the words in which the data contract is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ColumnKind = Literal["text", "integer", "number", "money", "day", "flag"]
TaxBasis = Literal["included", "excluded"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the contract.

    ``money`` columns are int64 fen, their name ends in ``_fen`` and ``tax`` says whether VAT is in; a file may
    give the same column in yuan under the name ending in ``_yuan``. ``day`` columns are dates without a time.
    An optional column may be absent; ``default`` fills blanks of a column that is present.
    """

    name: str
    kind: ColumnKind
    zh: str
    unit: str = ""
    required: bool = False
    default: str | float | int | bool | None = None
    aliases: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    tax: TaxBasis | None = None
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """A column whose values must stand in another table's column (blank values are let through)."""

    column: str
    table: str
    target: str


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the contract.

    ``key`` columns identify a row. ``known`` says when a row became known where ``known_at`` is blank: ``"date"``
    (a fact of that day), ``"always"`` (announced or master data). ``date`` is the column by which history is cut.
    """

    name: str
    zh: str
    doc: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    known: Literal["date", "always"] = "always"
    date: str | None = None
    references: tuple[Reference, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in contract order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """The column of that name; ``KeyError`` where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"table {self.name} has no column {name}")


def text(
    name: str,
    zh: str,
    *,
    required: bool = False,
    default: str | None = None,
    aliases: tuple[str, ...] = (),
    choices: tuple[str, ...] = (),
    doc: str = "",
) -> Column:
    """A text column; ids are text so that 20 digits stay intact."""
    return Column(name, "text", zh, required=required, default=default, aliases=aliases, choices=choices, doc=doc)


def integer(
    name: str,
    zh: str,
    unit: str = "units",
    *,
    required: bool = False,
    default: int | None = None,
    aliases: tuple[str, ...] = (),
    minimum: float | None = 0,
    maximum: float | None = None,
    doc: str = "",
) -> Column:
    """A whole number, not negative unless ``minimum`` says so."""
    return Column(name, "integer", zh, unit, required, default, aliases, minimum, maximum, doc=doc)


def number(
    name: str,
    zh: str,
    unit: str,
    *,
    required: bool = False,
    default: float | None = None,
    aliases: tuple[str, ...] = (),
    minimum: float | None = 0,
    maximum: float | None = None,
    doc: str = "",
) -> Column:
    """A real number with its unit."""
    return Column(name, "number", zh, unit, required, default, aliases, minimum, maximum, doc=doc)


def share(
    name: str,
    zh: str,
    *,
    required: bool = False,
    default: float | None = None,
    aliases: tuple[str, ...] = (),
    doc: str = "",
) -> Column:
    """A share between 0 and 1."""
    return number(name, zh, "share", required=required, default=default, aliases=aliases, maximum=1.0, doc=doc)


def money(
    name: str,
    zh: str,
    tax: TaxBasis,
    *,
    required: bool = False,
    default: int | None = None,
    aliases: tuple[str, ...] = (),
    minimum: float | None = 0,
    doc: str = "",
) -> Column:
    """Money in int64 fen (RMB); files may hold ``..._yuan`` instead of ``..._fen``."""
    return Column(name, "money", zh, "fen", required, default, aliases, minimum, None, (), tax, doc)


def day(name: str, zh: str, *, required: bool = False, aliases: tuple[str, ...] = (), doc: str = "") -> Column:
    """A date; of a period its first day."""
    return Column(name, "day", zh, "date", required, None, aliases, doc=doc)


def flag(
    name: str,
    zh: str,
    *,
    required: bool = False,
    default: bool | None = None,
    aliases: tuple[str, ...] = (),
    doc: str = "",
) -> Column:
    """True or false."""
    return Column(name, "flag", zh, "", required, default, aliases, doc=doc)


KNOWN_AT = day("known_at", "获知日期", doc="the day from which this row was known; blank: see the table")
