"""Exports of platforms, ad tools and ERPs: which header is which column, and what its figures mean.

One YAML file a platform in ``configs/platforms``; ``generic.yaml`` there holds the general vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Literal, Self

import yaml
from pydantic import Field, model_validator

from engine.data.configs import config_path, read_config
from engine.data.headers import spellings
from engine.data.importing.names import find_column, fold, plain
from engine.data.tables import TABLES
from engine.plans.settings import Settings

FOLDER = "platforms"
GENERIC = "generic.yaml"

ORDER_LINE_COLUMNS = (
    *("paid_at", "after_sale", "after_sale_type", "refund_yuan", "refund_fen", "refunded_at", "units_refunded"),
    *("amount_ordered_yuan", "amount_ordered_fen", "line_kind", "gift", "cancel_reason"),
)
"""Columns of order lines beyond the contract's ``orders``, for ``order_lines.py``."""

LISTED_TABLES = ("sales", "traffic", "orders", "availability", "prices", "inventory", "listings", "live_streams")
"""Tables whose goods a file may name by the platform's id (``platform_id``)."""


class Export(Settings):
    """One report that a platform lets its merchants download."""

    name: str
    """What the platform calls it."""
    tables: tuple[str, ...]
    """Tables of the contract that it feeds; each takes the columns and constants that it has."""
    kind: Literal["rows", "order_lines"] = "rows"
    """``order_lines``: one row is one order line with its states."""
    requires: tuple[tuple[str, ...], ...]
    """Groups of headers; of each group one must be there, or it is another report. ``~word``: the word stands above
    the header or in the name of the file or sheet."""
    columns: dict[str, tuple[str, ...]]
    """Headers by column of the contract, the best first. Money: ``..._yuan`` or ``..._fen``, the unit where the
    header states none. Also ``platform_id``, and for order lines ``paid_at``, ``after_sale``, ``refund_yuan`` ..."""
    constants: dict[str, str] = Field(default_factory=dict)
    """Text that holds for every row, such as ``ad_channel``, ``basis``, ``whole_site``."""
    grain: tuple[str, ...] = ()
    """Headers that tell rows of one key apart (warehouse, plan, listing): such rows are added up."""
    known: tuple[str, ...] = ()
    """Further headers of this report; they feed nothing and help to recognise it."""
    marks: tuple[str, ...] = ()
    """Words above the header or in the name of the file or sheet that speak for this report."""
    meaning: dict[str, str] = Field(default_factory=dict)
    """What the figures mean, by column or for the whole report: ``state`` (ordered, paid, settled), ``refunds`` (in or
    out), ``attribution`` (window in days), ``organic`` (in or out), ``visitors`` (over what they are distinct)."""

    @model_validator(mode="after")
    def _fits_the_contract(self) -> Self:
        wrong = [name for name in self.tables if name not in TABLES]
        if wrong:
            raise ValueError(f"export {self.name}: no such table {', '.join(wrong)}")
        allowed = ("platform_id", *(ORDER_LINE_COLUMNS if self.kind == "order_lines" else ()))
        strange = [
            name
            for name in (*self.columns, *self.constants)
            if name not in allowed and not any(find_column(TABLES[table], name) for table in self.tables)
        ]
        if strange:
            raise ValueError(f"export {self.name}: columns that its tables do not have: {', '.join(strange)}")
        return self


class Platform(Settings):
    """A platform, ad tool or ERP with its reports."""

    platform: str
    """Its name, as the table ``channels`` may call it."""
    also: tuple[str, ...] = ()
    """Other names of it in ``channels``."""
    marks: tuple[str, ...] = ()
    """Words above the header or in the name of the file or sheet that speak for it."""
    exports: tuple[Export, ...]


class Vocabulary(Settings):
    """General words for columns, for sheets that no platform explains."""

    columns: dict[str, tuple[str, ...]]
    """Words by column of the contract, in every table that has it."""
    tables: dict[str, dict[str, tuple[str, ...]]]
    """Tables that may be proposed, each with words for columns that hold in it alone."""
    weak: dict[str, dict[str, tuple[str, ...]]] = Field(default_factory=dict)
    """By table: words that may mean the column, and mean something else elsewhere (数量)."""
    stand_ins: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """By column: words that take its place where a sheet has nothing better (品类 for sku), the best first."""
    evidence: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """By table: words in headers that speak for it and feed nothing, their unit or meaning not being stated."""
    qualifiers: tuple[str, ...] = ()
    """Words that make another figure of the one they stand beside (累计, 同比): no similarity across them."""
    assumed: dict[str, dict[str, str]] = Field(default_factory=dict)
    """By table: constants for required columns that a sheet lacks."""
    meaning: dict[str, str] = Field(default_factory=dict)
    """What a column is taken to mean where the header leaves it open."""
    preamble: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Words before a colon above the header: ``shop``, ``period``, ``made`` (day of the download)."""


@cache
def load_platforms() -> tuple[Platform, ...]:
    """Every platform of ``configs/platforms``, in the order of the file names."""
    files = sorted(path for path in config_path(FOLDER).glob("*.yaml") if path.name != GENERIC)
    return tuple(Platform.model_validate(yaml.safe_load(path.read_text("utf-8"))) for path in files)


@cache
def load_vocabulary() -> Vocabulary:
    """The general words of ``configs/platforms/generic.yaml``."""
    return Vocabulary.model_validate(read_config(f"{FOLDER}/{GENERIC}"))


@cache
def _known_names() -> frozenset[str]:
    own = {spelling for table in TABLES.values() for column in table.columns for spelling in spellings(column)}
    words: set[str] = set()
    for platform in load_platforms():
        for export in platform.exports:
            words.update(*export.columns.values(), export.grain, export.known, *export.requires)
    general = load_vocabulary()
    lists: list[Mapping[str, tuple[str, ...]]] = [general.columns, *general.tables.values(), *general.weak.values()]
    for named in lists:
        words.update(*named.values())
    return frozenset(plain(name) for name in own | words)


def vocabulary() -> Callable[[str], bool]:
    """Whether a spelling is the name of a column somewhere: finds the header row among preambles and data.

    >>> known = vocabulary()
    >>> known("支付金额 （元）"), known("2026-11-01")
    (True, False)
    """
    names = _known_names()
    return lambda name: bool(fold(name)) and plain(name) in names
