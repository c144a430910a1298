"""What the columns of a sheet leave open: sales channel, date and warehouse, filled from what stands around."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from engine.data.importing.mapping import MerchantMapping
from engine.data.importing.model import Sheet
from engine.data.importing.names import base_name, fold
from engine.data.importing.platforms import LISTED_TABLES, Platform, load_vocabulary
from engine.data.importing.preamble import day_of, period_of, shop_of
from engine.data.tables import TABLES


@dataclass(frozen=True)
class Context:
    """What is known beside the sheet: the table ``channels``; what the caller says: the channel of files that name
    none, his mapping file, and columns by header (``--map``; an empty column leaves the header out)."""

    channels: pd.DataFrame | None = None
    channel: str | None = None
    mapping: MerchantMapping = field(default_factory=MerchantMapping)
    columns: Mapping[str, str] = field(default_factory=dict)

    def said(self, header: str) -> str | None:
        """The column that the caller names for a header; empty: to be left out; None: nothing said."""
        return self._by_header.get(fold(header)) if self.columns else None

    @cached_property
    def _by_header(self) -> dict[str, str]:
        return {fold(name): column for name, column in self.columns.items()}


@dataclass(frozen=True)
class Completed:
    """Constants of a feed; ``missing``: required columns that nothing fills; ``assumed``: filled by general default."""

    constants: Mapping[str, str]
    missing: tuple[str, ...]
    assumed: tuple[str, ...]
    notes: tuple[str, ...]


def complete(
    table: str,
    columns: Collection[str],
    given: Mapping[str, str],
    sheet: Sheet,
    context: Context,
    platform: Platform | None,
) -> Completed:
    """Fill the required columns of ``table`` that neither ``columns`` nor the constants ``given`` hold."""
    have = {base_name(name) for name in columns}
    if "platform_id" in have and table in LISTED_TABLES:
        have.add("sku")
    constants = {
        name: value
        for name, value in given.items()
        if base_name(name) in TABLES[table].names and base_name(name) not in have
    }
    missing, assumed, notes = [], [], []
    for column in TABLES[table].columns:
        if not column.required or column.name in have or column.name in constants:
            continue
        value, note = _found(table, column.name, sheet, context, platform)
        if not value:
            value = load_vocabulary().assumed.get(table, {}).get(column.name, "")
            note = f"{table}: no {column.zh} ({column.name}) in the file: {value} is assumed"
            assumed += [column.name] if value else []
        if value:
            constants[column.name] = value
            notes += [note] if note else []
        else:
            missing.append(column.name)
    return Completed(constants, tuple(missing), tuple(assumed), tuple(notes))


def _found(table: str, column: str, sheet: Sheet, context: Context, platform: Platform | None) -> tuple[str, str]:
    """The value of a column that the rows do not hold, and what should be known about it."""
    if column == "channel" and table != "channels":
        return channel_of(sheet, context, platform)
    if column == "date":
        return _date(table, sheet)
    return "", ""


def channel_of(sheet: Sheet, context: Context, platform: Platform | None) -> tuple[str, str]:
    """The sales channel of a sheet without such a column, and a note where it had to be assumed.

    The shop above the header, if it is known; else what the caller says; else the one channel of the platform (or the
    only one there is); else the shop or the platform by its own name.
    """
    shop = shop_of(sheet)
    known = _channel_named([shop], context.channels) if shop else []
    if len(known) == 1:
        return known[0], ""
    if context.channel:
        return context.channel, ""
    names = [platform.platform, *platform.also] if platform else []
    found = _channel_named(names, context.channels) if platform else _all_channels(context.channels)
    if len(found) == 1:
        unknown = f" (the shop {shop} is not among the channels)" if shop else ""
        return found[
            0
        ], f"sales channel taken to be {found[0]}: the only one {'there' if platform else 'known'}{unknown}"
    several = f"; {len(found)} channels would fit" if found else ""
    if shop:
        return shop, f"sales channel named after the shop above the header: {shop}{several}"
    if platform:
        return (
            platform.platform,
            f"sales channel not named: {platform.platform} is assumed (say it with --channel){several}",
        )
    return "", ""


def sells_on(platform: Platform, context: Context) -> bool:
    """Whether the caller's channel, or any channel where he names none, is on that platform."""
    found = _channel_named([platform.platform, *platform.also], context.channels)
    return bool(found) and (not context.channel or context.channel in found)


def _all_channels(channels: pd.DataFrame | None) -> list[str]:
    return [] if channels is None else list(dict.fromkeys(channels["channel"].astype(str)))


def _channel_named(names: Collection[str], channels: pd.DataFrame | None) -> list[str]:
    """Channels whose id or name, else whose platform, is one of the names."""
    wanted = {fold(name) for name in names if name}
    if channels is None or not wanted:
        return []
    for columns in (("channel", "name"), ("platform",)):
        hit = pd.Series(False, index=channels.index)
        for column in columns:
            if column in channels:
                hit |= channels[column].astype(str).map(fold).isin(wanted).astype(bool)
        if hit.any():
            return list(dict.fromkeys(channels.loc[hit, "channel"].astype(str)))
    return []


def _date(table: str, sheet: Sheet) -> tuple[str, str]:
    period = period_of(sheet)
    if table == "inventory":
        day = period.end if period else day_of(sheet)
        return (
            (day.isoformat(), f"inventory: the rows carry no date, {day} is taken from around the table")
            if day
            else ("", "")
        )
    if period is None:
        return "", ""
    span = "" if period.days == 1 else f" (the rows are sums of {period.days} days)"
    return period.start.isoformat(), f"{table}: the rows carry no date, they are booked on {period.start}{span}"
