"""Unborn items: places in the plan by category x price band x month, so that new goods have a target before a code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from engine.data.network import text_of
from engine.targets.fill import fill, largest_remainder
from engine.targets.settings import NewProducts

Floats = NDArray[np.float64]
USUAL_MONTHS = (3, 9)
"""Spring and autumn: where a category has never launched anything."""
LAST_LAUNCHES = np.timedelta64(3 * 365, "D")
COLUMNS = [
    "item",
    "category",
    "role",
    "month",
    "price_low_yuan",
    "price_high_yuan",
    "items",
    "target_fen",
    "target_units",
]


@dataclass(frozen=True)
class Place:
    """Items of one category, price band (yuan) and first month (1 to 12) of the year; ``name`` stands for their SKU."""

    name: str
    category: str
    month: int
    low: float
    high: float
    items: int
    role: str

    @property
    def price(self) -> float:
        """Middle of the band; 0 where no price of the category is known."""
        return (self.low + self.high) / 2.0


def places_of(
    dataset: Dataset, settings: NewProducts, year: int, forecast_skus: Sequence[str], origin: np.datetime64
) -> tuple[Place, ...]:
    """The launches of the settings that have a date, and SKUs of the master data that are launched in the year and
    have no forecast; with a share and no launches, every category's usual ones. None sells before ``origin``."""
    skus = dataset["skus"].drop_duplicates("sku")
    bands = _bands(dataset, skus)
    categories = set(text_of(skus["category"]))
    found = []
    for launch in settings.launches:
        if launch.month is None or launch.category not in categories or launch.month.year != year:
            continue
        low, high = launch.price_yuan or bands.get(launch.category, (0.0, 0.0))
        if low <= high and (launch.price_yuan is None or low > 0.0):
            found.append((launch.category, launch.month.month, low, high, launch.items, str(launch.role)))
    known = _known(skus, year, set(forecast_skus), bands)
    if settings.share > 0 and not found and not known:
        found = _usual(skus, bands)
    running = origin.astype("datetime64[M]")
    earliest = int(running.astype(int)) % 12 + 1 if str(running)[:4] == str(year) else 1
    places = (*known, *(Place(_name(*entry), *entry) for entry in found))
    return tuple(replace(place, month=max(place.month, earliest)) for place in places)


def _name(category: str, month: int, low: float, high: float, items: int, role: str) -> str:
    return f"新品·{category}·{low:.0f}-{high:.0f}元·{month}月"


def _bands(dataset: Dataset, skus: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """The middle half of a category's last prices, yuan."""
    prices = dataset.get("prices")
    if prices is None or prices.empty:
        return {}
    last = prices.sort_values("date", kind="stable").drop_duplicates("sku", keep="last")
    category = pd.Series(text_of(skus["category"]).to_numpy(), index=text_of(skus["sku"]))
    value = last["paid_price_fen"].to_numpy(float) / 100.0
    grouped = pd.Series(value).groupby(text_of(last["sku"]).map(category).to_numpy())
    return {str(name): (float(part.quantile(0.25)), float(part.quantile(0.75))) for name, part in grouped}


def _known(
    skus: pd.DataFrame, year: int, forecast: set[str], bands: dict[str, tuple[float, float]]
) -> tuple[Place, ...]:
    if "launch_date" not in skus:
        return ()
    day = skus["launch_date"].to_numpy().astype("datetime64[D]")
    names = text_of(skus["sku"]).to_numpy()
    chosen = (day.astype("datetime64[Y]") == np.datetime64(str(year))) & ~np.isin(names, sorted(forecast))
    role = text_of(skus["role"]).replace("", "regular").to_numpy() if "role" in skus else np.full(len(skus), "regular")
    category = text_of(skus["category"]).to_numpy()
    out = []
    for row in np.flatnonzero(chosen):
        low, high = bands.get(str(category[row]), (0.0, 0.0))
        month = int(day[row].astype("datetime64[M]").astype(int)) % 12 + 1
        out.append(Place(str(names[row]), str(category[row]), month, low, high, 1, str(role[row])))
    return tuple(out)


def _usual(skus: pd.DataFrame, bands: dict[str, tuple[float, float]]) -> list[tuple[str, int, float, float, int, str]]:
    """A place in each month in which a category used to launch, with as many items as in a usual year."""
    day = (
        skus["launch_date"].to_numpy().astype("datetime64[D]")
        if "launch_date" in skus
        else np.array([], "datetime64[D]")
    )
    known = ~np.isnat(day)
    recent = known & (day > day[known].max() - LAST_LAUNCHES) if known.any() else known
    category = text_of(skus["category"]).to_numpy()
    out: list[tuple[str, int, float, float, int, str]] = []
    for name in sorted(set(category)):
        own = day[recent & (category == name)] if len(day) else day
        months = own.astype("datetime64[M]").astype(int) % 12 + 1
        values, counts = np.unique(months, return_counts=True) if len(months) else (np.array(USUAL_MONTHS), np.ones(2))
        low, high = bands.get(name, (0.0, 0.0))
        order = np.lexsort((values, -counts))[:2]
        out += [(name, int(values[i]), low, high, max(round(counts[i] / 3), 1), "regular") for i in sorted(order)]
    return out


def can_hold(cells: pd.DataFrame, places: Sequence[Place], most: float) -> Floats:
    """Largest part of each cell (frame ``month, category``) that unborn items may take, float64 [cells]."""
    month, category = cells["month"].dt.month.to_numpy(), cells["category"].astype(str).to_numpy()
    open_cell = np.zeros(len(cells), dtype=bool)
    for place in places:
        open_cell |= (category == place.category) & (month >= place.month)
    return most * open_cell


def reserve(
    months: pd.DataFrame, places: Sequence[Place], settings: NewProducts, year: int, alive: pd.Series
) -> tuple[pd.DataFrame, float]:
    """What unborn items get: frame ``cell`` (row of ``months``), ``place`` (position), ``fen``; and yuan that found no
    room. With a share of the year's sales that much; without, each item sells like an item of its category.

    ``months``: frame ``month, channel, category, target_fen, ahead_fen`` (what is still to be sold of it). ``alive``:
    SKUs by category.
    """
    empty = pd.DataFrame({"cell": [], "place": [], "fen": []}, dtype=np.int64)
    in_year = (months["month"].dt.year == year).to_numpy()
    if not places or not in_year.any():
        return empty, 0.0
    target = months["ahead_fen"].to_numpy().astype(float)
    month, category = months["month"].dt.month.to_numpy(), months["category"].astype(str).to_numpy()
    number = np.array([place.items for place in places], dtype=float)
    there = np.array([(category == place.category) & (month >= place.month) & in_year for place in places])
    items = number @ there
    usual = target * items / np.maximum(items + pd.Series(category).map(alive).fillna(0.0).to_numpy(float), 1.0)
    wanted = settings.share * float(months.loc[in_year, "target_fen"].sum()) if settings.share > 0 else usual.sum()
    rows = np.flatnonzero(items > 0)
    upper = settings.most_of_cell * target[rows]
    placed = min(float(wanted), float(upper.sum()))
    values, _ = fill(np.array([placed]), usual[rows], np.zeros(len(rows)), upper, np.zeros(len(rows), dtype=np.int64))
    whole = np.floor(np.minimum(values, target[rows])).astype(np.int64)
    place, cell = np.nonzero(there[:, rows])
    fen = largest_remainder(number[place], cell, whole)
    return pd.DataFrame({"cell": rows[cell], "place": place, "fen": fen}), (float(wanted) - placed) / 100.0


def place_table(places: Sequence[Place], reserved: pd.DataFrame, year: int) -> pd.DataFrame:
    """Frame of :data:`COLUMNS`, one row a place."""
    sums = reserved.groupby("place")["fen"].sum() if len(reserved) else pd.Series(dtype=np.int64)
    rows = []
    for position, place in enumerate(places):
        fen = int(sums.get(position, 0))
        units = round(fen / (100.0 * place.price)) if place.price > 0 else 0
        month = pd.Timestamp(year=year, month=place.month, day=1)
        rows.append([place.name, place.category, place.role, month, place.low, place.high, place.items, fen, units])
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame.astype({"month": "datetime64[s]", "target_fen": "int64", "target_units": "int64", "items": "int64"})
