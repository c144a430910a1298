"""From month x channel x category to the SKU: proportional to the forecast, bounded, exact to the fen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from engine.data.revenue import net_sales
from engine.plans.forecast import Demand
from engine.targets.fill import fill, largest_remainder
from engine.targets.new_products import Place
from engine.targets.settings import TargetSettings
from engine.targets.spread import UNASSIGNED
from models.panel import DAYS, Dates

Floats = NDArray[np.float64]
SEASON_SHARE = 0.5
"""Weight of last year's same month against the near forecast in months that the near forecast does not reach."""
COVERED = 0.5
"""Share of a month's days that the near forecast must reach for its own split of the month to be used."""


@dataclass(frozen=True)
class _Split:
    """What the SKUs of a shop expect: ``series`` frame ``sku, channel, category``; ``weight`` yuan and ``price`` yuan
    a unit, both float64 [series, months]."""

    series: pd.DataFrame
    weight: Floats
    price: Floats


def allocate_skus(
    dataset: Dataset,
    demand: Demand,
    months: pd.DataFrame,
    settings: TargetSettings,
    unborn: tuple[Sequence[Place], pd.DataFrame],
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Frame ``month, channel, category, sku, target_fen, target_units`` whose sums are ``months`` to the fen.

    ``unborn``: places of new items and what :func:`.new_products.reserve` keeps for them.
    """
    places, reserved = unborn
    whole = np.unique(months["month"].to_numpy().astype("datetime64[M]"))
    split = _split(dataset, demand, whole)
    cells = pd.MultiIndex.from_arrays(
        [months["month"].to_numpy().astype("datetime64[M]").astype(int), months["channel"], months["category"]]
    )
    count = len(split.series)
    asked = pd.MultiIndex.from_arrays(
        [
            np.tile(whole.astype(int), count),
            np.repeat(split.series["channel"].to_numpy(), len(whole)),
            np.repeat(split.series["category"].to_numpy(), len(whole)),
        ]
    )
    cell = cells.get_indexer(asked)
    inside = np.flatnonzero(cell >= 0)
    empty = np.flatnonzero(np.bincount(cell[inside], minlength=len(months)) == 0)
    cell = np.concatenate([cell[inside], empty])
    sku = np.concatenate(
        [np.repeat(split.series["sku"].to_numpy(dtype=object), len(whole))[inside], np.full(len(empty), UNASSIGNED)]
    )
    weight = np.concatenate([split.weight.ravel()[inside], np.ones(len(empty))])
    price = np.concatenate([split.price.ravel()[inside], np.full(len(empty), np.nan)])
    target = months["target_fen"].to_numpy().copy()
    np.subtract.at(target, reserved["cell"].to_numpy(), reserved["fen"].to_numpy())
    forecast = months["forecast_fen"].to_numpy().astype(float)
    lower, upper = _bounds(settings, sku, _own_part(forecast, weight, cell))
    exact, unplaced = fill(target.astype(float), weight, lower, upper, cell)
    fen = largest_remainder(exact, cell, target)
    frame = months.iloc[cell][["month", "channel", "category"]].reset_index(drop=True)
    frame["sku"] = sku
    frame["target_fen"] = fen
    frame["target_units"] = _units(fen, price, cell, len(months))
    frame = pd.concat([frame, _unborn(months, places, reserved)], ignore_index=True)
    frame = frame[frame["target_fen"] > 0].sort_values(["month", "channel", "category", "sku"], ignore_index=True)
    return frame, _warnings(_without_target(dataset, split.series, places, months), empty, unplaced)


def _own_part(forecast: Floats, weight: Floats, cell: NDArray[np.integer]) -> Floats:
    """The SKU's own part of its cell's forecast."""
    sums = np.bincount(cell, weight, len(forecast))
    return np.asarray(weight * (forecast / np.where(sums > 0, sums, 1.0))[cell])


def _bounds(settings: TargetSettings, sku: NDArray[np.object_], part: Floats) -> tuple[Floats, Floats]:
    lower, upper = np.zeros(len(part)), np.full(len(part), np.inf)
    for name, goal in sorted(settings.skus.items()):
        if goal.min_growth > goal.max_growth:
            continue  # named among the problems
        rows = sku == name
        lower[rows] = part[rows] * (1.0 + goal.min_growth)
        upper[rows] = part[rows] * (1.0 + goal.max_growth)
    return lower, upper


def _units(fen: NDArray[np.int64], price: Floats, cell: NDArray[np.integer], cells: int) -> NDArray[np.int64]:
    """Whole units that add up to the cell's own within one piece; 0 where no price is known."""
    known = np.isfinite(price) & (price > 0)
    exact = np.where(known, fen / np.where(known, price * 100.0, 1.0), 0.0)
    totals = np.rint(np.bincount(cell, exact, cells)).astype(np.int64)
    return np.where(known, largest_remainder(exact, cell, totals), 0)


def _unborn(months: pd.DataFrame, places: Sequence[Place], reserved: pd.DataFrame) -> pd.DataFrame:
    """Rows of new items under the names of their places."""
    cell, place = reserved["cell"].to_numpy(), reserved["place"].to_numpy()
    fen = reserved["fen"].to_numpy().astype(np.int64)
    price = np.array([entry.price for entry in places])[place] if len(places) else np.zeros(0)
    frame = months.iloc[cell][["month", "channel", "category"]].reset_index(drop=True)
    names = np.array([entry.name for entry in places], dtype=object)
    return frame.assign(
        sku=names[place] if len(places) else np.zeros(0, dtype=object),
        target_fen=fen,
        target_units=_units(fen, price, cell, len(months)),
    )


def _split(dataset: Dataset, demand: Demand, months: Dates) -> _Split:
    """Shares of the near forecast; beyond it half of them and half of last year's same month."""
    series = demand.series[["sku", "channel", "category"]].astype(str).reset_index(drop=True)
    near, near_price, covered = _near_months(demand, months)
    sold = net_sales(dataset, ("sku", "channel"), "M")
    rows = pd.MultiIndex.from_frame(sold.groups).get_indexer(pd.MultiIndex.from_frame(series[["sku", "channel"]]))
    past = _past(sold.dates, sold.amount_fen, rows, months)
    last_year = _past(sold.dates, sold.amount_fen, rows, months - 12)
    group = series.groupby(["channel", "category"], sort=True).ngroup().to_numpy()
    total = near.sum(axis=1)
    alive = _alive(dataset, series, months) & (total > 0)[:, None]
    far = (1.0 - SEASON_SHARE) * _share(np.where(alive, total[:, None], 0.0), group) + SEASON_SHARE * _share(
        np.where(alive, last_year, 0.0), group
    )
    first = demand.dates[0].astype("datetime64[M]")
    weight = np.where(covered >= COVERED, near, np.where(months < first, past, far))
    return _Split(series, weight, _price(near_price, sold.amount_fen, sold.units, rows))


def _near_months(demand: Demand, months: Dates) -> tuple[Floats, Floats, Floats]:
    """Yuan and price of the near forecast [series, months], and the share of each month's remaining days it covers."""
    step = DAYS[demand.frequency]
    days = (demand.dates[:, None] + np.arange(step).astype("timedelta64[D]")).ravel().astype("datetime64[M]")
    place = np.searchsorted(months, days)
    valid = (place < len(months)) & (months[np.minimum(place, len(months) - 1)] == days)
    part = np.zeros((len(demand.dates), len(months)))
    np.add.at(part, (np.repeat(np.arange(len(demand.dates)), step)[valid], place[valid]), 1.0 / step)
    units = demand.mean.astype(np.float64)
    price = np.full(units.shape, np.nan) if demand.price_yuan is None else demand.price_yuan.astype(np.float64)
    announced = np.isfinite(price)
    count = announced.sum(axis=1, keepdims=True)
    usual = np.where(announced, price, 0.0).sum(axis=1, keepdims=True) / np.maximum(count, 1)
    overall = float(usual[count > 0].mean()) if (count > 0).any() else 1.0
    yuan = (units * np.where(announced, price, np.where(count > 0, usual, overall))) @ part
    sums = units @ part
    known = np.where(count > 0, usual, np.nan)
    mean_price = np.where((sums > 0) & (count > 0), yuan / np.where(sums > 0, sums, 1.0), known)
    start, stop = months.astype("datetime64[D]"), (months + 1).astype("datetime64[D]")
    first = np.datetime64(demand.dates[0], "D")
    length = (stop - np.maximum(start, first)).astype(float)
    return yuan, mean_price, np.where(length > 0, part.sum(axis=0) * step / np.maximum(length, 1.0), 0.0)


def _past(dates: Dates, amount: NDArray[np.int64] | None, rows: NDArray[np.integer], months: Dates) -> Floats:
    """Sales of each series in those months [series, months]; 0 where there were none."""
    values = np.zeros((len(rows), len(months)))
    if amount is None or not len(dates):
        return values
    place = (months - dates[0].astype("datetime64[M]")).astype(int)
    inside = (place >= 0) & (place < len(dates))
    known = rows >= 0
    values[np.ix_(known, inside)] = amount[np.ix_(rows[known], place[inside])]
    return values


def _alive(dataset: Dataset, series: pd.DataFrame, months: Dates) -> NDArray[np.bool_]:
    """The SKU is still sold in the month (its ``end_date`` does not lie before it)."""
    skus = dataset["skus"]
    if "end_date" not in skus:
        return np.ones((len(series), len(months)), dtype=bool)
    end = pd.Series(skus["end_date"].to_numpy(), index=skus["sku"].astype(str))
    last = end[~end.index.duplicated()].reindex(series["sku"]).to_numpy().astype("datetime64[M]")
    return np.asarray(np.isnat(last)[:, None] | (months[None] <= last[:, None]))


def _share(values: Floats, group: NDArray[np.integer]) -> Floats:
    """Shares within the group, by month; 0 where the group has none."""
    sums = np.zeros((int(group.max(initial=-1)) + 1, values.shape[1]))
    np.add.at(sums, group, values)
    return np.asarray(values / np.where(sums > 0, sums, 1.0)[group])


def _price(near: Floats, amount: NDArray[np.int64] | None, units: Floats, rows: NDArray[np.integer]) -> Floats:
    """Yuan a unit [series, months]: announced, else what was paid in the past; NaN where neither is known."""
    paid = np.full(len(rows), np.nan)
    if amount is not None:
        known = rows >= 0
        money, sold = amount[rows[known]].sum(axis=1) / 100.0, units[rows[known]].sum(axis=1)
        paid[known] = np.where((sold > 0) & (money > 0), money / np.where(sold > 0, sold, 1.0), np.nan)
    return np.where(np.isfinite(near), near, paid[:, None])


def _without_target(dataset: Dataset, series: pd.DataFrame, places: Sequence[Place], months: pd.DataFrame) -> list[str]:
    """SKUs that have neither a forecast nor a place, and have not ended before the months begin."""
    skus = dataset["skus"]
    names = skus["sku"].astype(str)
    if "end_date" in skus and len(months):
        names = names[~(skus["end_date"] < months["month"].min()).to_numpy(bool)]
    return sorted(set(names) - set(series["sku"]) - {place.name for place in places})


def _warnings(new: list[str], empty: NDArray[np.integer], unplaced: Floats) -> tuple[str, ...]:
    found = []
    if new:
        shown = ", ".join(new[:5]) + (" ..." if len(new) > 5 else "")
        found.append(f"targets: {len(new)} SKUs without a forecast get no target yet: {shown}")
    if len(empty):
        found.append(f"targets: {len(empty)} cells have no SKU with a forecast; they stand under {UNASSIGNED}")
    if (unplaced != 0).any():
        amount = float(np.abs(unplaced).sum()) / 100.0
        found.append(f"targets: SKU bounds had to give by {amount:,.0f} yuan in {int((unplaced != 0).sum())} cells")
    return tuple(found)
