"""Platform ids to own SKUs: by own code, by the table ``listings``, or by style and the size curve; never guessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.importing.model import Odd, Rows
from engine.data.importing.policy import measures
from engine.data.tables import TABLES

PLATFORM_ID = "platform_id"


@dataclass(frozen=True)
class Part:
    """``share`` of the money and ``units`` of the goods that one unit of a listing stands for."""

    sku: str
    units: float
    share: float


@dataclass(frozen=True)
class Resolver:
    """``skus``: own codes, None where the merchant has none (every id is then taken as a SKU of its own).
    ``listings``: parts by (channel, platform id); ``styles``: parts by style number."""

    skus: frozenset[str] | None
    listings: Mapping[tuple[str, str], tuple[Part, ...]]
    styles: Mapping[str, tuple[Part, ...]]

    @classmethod
    def of(cls, skus: pd.DataFrame | None, listings: pd.DataFrame | None, sold: Mapping[str, float]) -> Resolver:
        """``sold``: units by SKU in the history: the size curve of a style (equal shares where none sold)."""
        own = None if skus is None or not len(skus) else frozenset(skus["sku"].astype(str))
        style_of: dict[str, str] = {}
        if own is not None and skus is not None and "spu" in skus:
            style_of = {str(s): str(p) for s, p in zip(skus["sku"], skus["spu"].astype(str), strict=True) if p}
        members: dict[str, list[str]] = {}
        for sku, style in style_of.items():
            members.setdefault(style, []).append(sku)
        styles = {style: _size_curve(names, sold) for style, names in members.items()}
        return cls(own, {} if listings is None else _listed(listings, style_of, sold), styles)

    def parts(self, channel: str, own: str, platform: str) -> tuple[Part, ...]:
        """What an id stands for; empty where nobody knows."""
        for name in (own, platform):
            if name and (self.skus is None or name in self.skus):
                return (Part(name, 1, 1.0),)
        for name in (platform, own):
            if name and (channel, name) in self.listings:
                return self.listings[channel, name]
        return next((self.styles[name] for name in (own, platform) if name and name in self.styles), ())


def _size_curve(skus: list[str], sold: Mapping[str, float]) -> tuple[Part, ...]:
    weights = np.array([max(sold.get(sku, 0.0), 0.0) for sku in skus])
    shares = weights / weights.sum() if weights.sum() > 0 else np.full(len(skus), 1 / len(skus))
    return tuple(Part(sku, float(share), float(share)) for sku, share in zip(skus, shares, strict=True))


def _listed(
    listings: pd.DataFrame, style_of: Mapping[str, str], sold: Mapping[str, float]
) -> dict[tuple[str, str], tuple[Part, ...]]:
    """One SKU: that many of it. Several of one style: a page whose sizes share the sales. Several styles: a set."""
    rows: dict[tuple[str, str], list[tuple[str, int]]] = {}
    amounts = listings["quantity"].fillna(1) if "quantity" in listings else pd.Series(1, index=listings.index)
    for channel, listing, sku, amount in zip(
        listings["channel"].astype(str),
        listings["platform_id"].astype(str),
        listings["sku"].astype(str),
        amounts,
        strict=True,
    ):
        rows.setdefault((channel, listing), []).append((sku, int(amount)))
    found = {}
    for key, parts in rows.items():
        styles = {style_of.get(sku, sku) for sku, _ in parts}
        if len(parts) > 1 and len(styles) == 1:
            found[key] = _size_curve([sku for sku, _ in parts], sold)
        else:
            total = sum(amount for _, amount in parts)
            found[key] = tuple(Part(sku, amount, amount / total) for sku, amount in parts)
    return found


@dataclass(frozen=True)
class Resolved:
    """``estimated``: rows split by a size curve; ``unmatched``: ids that stand for nothing, with their rows."""

    rows: Rows
    estimated: int
    unmatched: Mapping[str, int]
    refused: tuple[Odd, ...]


def resolve(rows: Rows, resolver: Resolver) -> Resolved:
    """Give every row its SKU. Text in, text out: figures of sets and split styles are multiplied and rounded so that
    the parts of a row add up to it."""
    frame = rows.frame
    if rows.table in ("listings", "skus") or not ({"sku", PLATFORM_ID} & set(frame.columns)):
        return Resolved(rows, 0, {}, ())
    if _all_known(frame, resolver):
        chosen = np.ones(len(frame), dtype=bool)
        return Resolved(_with_skus(rows, chosen, None), 0, {}, ())
    key, names = _distinct_ids(frame)
    parts = [resolver.parts(*name) for name in names]
    blank = np.array([not (own or platform) for _, own, platform in names], dtype=bool)
    count = np.array([len(part) for part in parts], dtype=np.int64)
    unknown = (count == 0) & ~blank
    refused, unmatched = _refused(rows, key, names, unknown)
    keep = ~unknown[key]
    single = np.array(
        [part[0].sku if len(part) == 1 and part[0].units == 1 else "" for part in parts] or [""], dtype=object
    )
    easy = keep & ((count[key] == 1) & (single[key] != "") | blank[key])
    out = [_with_skus(rows, easy, single[key[easy]])] if easy.any() else []
    hard = np.flatnonzero(keep & ~easy)
    estimated = 0
    if len(hard):
        out.append(_spread(rows, hard, [parts[k] for k in key[hard]]))
        estimated = int(sum(any(p.units % 1 for p in parts[k]) for k in key[hard]))
    return Resolved(_joined(rows, out), estimated, unmatched, refused)


def _all_known(frame: pd.DataFrame, resolver: Resolver) -> bool:
    """Whether every row names an own SKU: the common case, found by the distinct names alone."""
    if "sku" not in frame:
        return False
    names = frame["sku"].astype("category").cat
    if resolver.skus is None:
        return PLATFORM_ID not in frame and not (names.codes < 0).any() and "" not in names.categories
    known = np.array([str(name) in resolver.skus for name in names.categories], dtype=bool)
    return bool(np.append(known, False)[names.codes].all())


def _distinct_ids(frame: pd.DataFrame) -> tuple[NDArray[np.int64], list[tuple[str, str, str]]]:
    """For every row the place of its (channel, own code, platform id) among the distinct ones."""
    columns = []
    for name in ("channel", "sku", PLATFORM_ID):
        values = frame[name].astype("category") if name in frame else pd.Series("", index=frame.index, dtype="category")
        columns.append((values.cat.codes.to_numpy().astype(np.int64) + 1, ["", *map(str, values.cat.categories)]))
    (a, first), (b, second), (c, third) = columns
    packed, key = np.unique((a * len(second) + b) * len(third) + c, return_inverse=True)
    names = [
        (first[p // len(third) // len(second)], second[p // len(third) % len(second)], third[p % len(third)])
        for p in packed.tolist()
    ]
    return key, names


def _refused(
    rows: Rows, key: NDArray[np.int64], names: list[tuple[str, str, str]], unknown: NDArray[np.bool_]
) -> tuple[tuple[Odd, ...], dict[str, int]]:
    bad = np.flatnonzero(unknown[key])
    refused, counts = [], dict[str, int]()
    for at in bad:
        channel, own, platform = names[key[at]]
        name = own or platform
        where = f" of {channel}" if channel else ""
        refused.append(Odd(int(rows.rows[at]), f"id {name}{where} is neither in skus nor in listings", ()))
        counts[name] = counts.get(name, 0) + 1
    return tuple(refused), counts


def _with_skus(rows: Rows, chosen: NDArray[np.bool_], skus: NDArray[np.object_] | None) -> Rows:
    """The chosen rows under their SKUs (None: they name them already)."""
    frame = rows.frame.loc[chosen].drop(columns=PLATFORM_ID, errors="ignore").reset_index(drop=True)
    if skus is not None:
        frame["sku"] = pd.Categorical(skus)
    return replace(rows, frame=frame, rows=rows.rows[chosen], grain=_grain(rows, np.flatnonzero(chosen)))


def _spread(rows: Rows, at: NDArray[np.int64], parts: list[tuple[Part, ...]]) -> Rows:
    """Rows that stand for several SKUs, or for several pieces of one."""
    sizes = np.array([len(entry) for entry in parts])
    source = np.repeat(np.arange(len(at)), sizes)
    flat = [part for entry in parts for part in entry]
    frame = rows.frame.iloc[at[source]].drop(columns=PLATFORM_ID, errors="ignore").reset_index(drop=True)
    frame["sku"] = pd.Categorical([part.sku for part in flat])
    units = np.array([part.units for part in flat])
    share = np.array([part.share for part in flat])
    for name in frame.columns:
        kind = _measure(rows.table, str(name))
        if kind:
            cents = str(name).endswith("_yuan")
            numbers = pd.to_numeric(frame[name].astype(str), errors="coerce").to_numpy()
            weight = units if kind == "integer" else share
            frame[name] = pd.Categorical(_rounded(numbers, weight, source, 100 if cents else 1))
    return replace(rows, frame=frame, rows=rows.rows[at[source]], grain=_grain(rows, at[source]))


def _grain(rows: Rows, at: NDArray[np.int64]) -> pd.Series | None:
    """What tells rows of one SKU apart: two listings of it are no repetition."""
    listing = rows.frame[PLATFORM_ID].iloc[at].astype("str") if PLATFORM_ID in rows.frame else None
    if rows.grain is None:
        return None if listing is None else listing.reset_index(drop=True)
    grain = rows.grain.iloc[at]
    joined = grain if listing is None else grain.astype("str") + "|" + listing.to_numpy()
    return joined.reset_index(drop=True)


def _measure(table: str, name: str) -> str:
    names = {column.replace("_fen", "_yuan"): column for column in measures(TABLES[table])} | {
        column: column for column in measures(TABLES[table])
    }
    return TABLES[table].column(names[name]).kind if name in names else ""


def _rounded(
    numbers: NDArray[np.float64], weight: NDArray[np.float64], source: NDArray[np.int64], scale: int
) -> list[str]:
    """``numbers`` x ``weight`` in whole ``1 / scale``: cumulative rounding, so that the parts of a row add up."""
    exact = np.nan_to_num(numbers) * scale * weight
    running = np.cumsum(exact)
    first = np.r_[True, source[1:] != source[:-1]]
    base = np.maximum.accumulate(np.where(first, np.arange(len(exact)), 0))
    before = np.where(base > 0, running[base - 1], 0.0)
    inside = np.rint(running - before)
    whole = inside - np.where(first, 0.0, np.r_[0.0, inside[:-1]])
    places = len(str(scale)) - 1
    return ["" if np.isnan(n) else f"{v / scale:.{places}f}" for n, v in zip(numbers, whole, strict=True)]


def _joined(rows: Rows, parts: list[Rows]) -> Rows:
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return _with_skus(rows, np.zeros(len(rows.rows), dtype=bool), np.array([], dtype=object))
    frame = pd.concat([part.frame.astype("str") for part in parts], ignore_index=True).astype("category")
    grains = [part.grain for part in parts if part.grain is not None]
    grain = pd.concat([g.astype("str") for g in grains], ignore_index=True) if grains else None
    return replace(rows, frame=frame, rows=np.concatenate([part.rows for part in parts]), grain=grain)
