"""Suppliers, their terms and lead times, warehouses and lanes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.demo.assortment import Assortment
from engine.demo.frames import coded, records
from engine.demo.prices import sku_codes
from engine.demo.settings import DemoSettings
from engine.demo.world import Timeline, World

BEYOND_DAYS = 240
"""Days after the timeline on which orders may still arrive."""
_SPREAD, _DELAY_CHANCE, _DELAY_DAYS = 0.12, 0.06, 9.0
_LEVELS = ("sku", "sku", "style", "sku", "colour")
"""What suppliers ask their minimum of, in turn; a colour's in prepacks with every second of them."""
_LARGEST_MINIMUM, _MINIMUM_SHARE, _LARGEST_RATIO = 2000, 0.5, 4
"""The minimum of a style or colour is half of what its sizes would ask alone."""


@dataclass(frozen=True)
class Supply:
    """``suppliers``: frame by supplier (names, lead-time law, shutdown, terms). ``of_style``: supplier of each style,
    ``second``: another one or -1. ``arrival``, ``expected`` int32 [suppliers, days]: the day on which an order of that
    day becomes sellable, true and quoted. ``moq``, ``pack`` int64 [skus]. ``unit_price`` float64 [skus] yuan.
    """

    suppliers: pd.DataFrame
    of_style: NDArray[np.int64]
    second: NDArray[np.int64]
    arrival: NDArray[np.int32]
    expected: NDArray[np.int32]
    moq: NDArray[np.int64]
    pack: NDArray[np.int64]
    unit_price: NDArray[np.float64]


def make_supply(
    settings: DemoSettings, world: World, time: Timeline, goods: Assortment, rate: NDArray[np.float64]
) -> Supply:
    """``rate`` float64 [skus]: usual units a day, on which minimums and packs depend."""
    rng = settings.rng("supply")
    styles = goods.styles
    count = int(np.clip(len(styles) // 5, 4, 60))
    names = world.book["supplier_names"]
    suppliers = pd.DataFrame(
        {
            "supplier": [f"SUP{number:03d}" for number in range(1, count + 1)],
            "name": [
                names[i % len(names)] + ("" if i < len(names) else str(i // len(names) + 1)) for i in range(count)
            ],
            "grade": rng.choice(["S", "A", "B", "C"], size=count, p=[0.15, 0.35, 0.35, 0.15]),
            "base_days": np.round(rng.uniform(12.0, 34.0, count)),
            "before": rng.integers(6, 14, count),
            "after": rng.integers(7, 16, count),
            "defect": rng.uniform(0.002, 0.02, count),
            "terms": rng.integers(0, 4, count),
        }
    )
    category = pd.Categorical(styles["category"], list(world.categories)).codes.astype(int)
    of_style = (2 * category + (rng.random(len(styles)) < 0.4)) % count
    popular = styles["weight"].to_numpy() >= np.quantile(styles["weight"], 0.8)
    second = np.where(popular, (of_style + 1 + rng.integers(0, count - 1, len(styles))) % count, -1)
    arrival, expected = _lead_times(rng, time, suppliers)
    pack = np.where(styles["list_price"].to_numpy()[goods.style_of] > 250, 2, 5) * np.where(rate > 3, 2, 1)
    moq = np.maximum(np.ceil(rate * rng.uniform(4.0, 12.0, len(rate)) / pack) * pack, pack)
    unit_price = styles["unit_cost"].to_numpy()[goods.style_of]
    return Supply(
        suppliers,
        of_style,
        second,
        arrival,
        expected,
        np.minimum(moq, _LARGEST_MINIMUM).astype(np.int64),
        pack.astype(np.int64),
        unit_price,
    )


def lead_time_moments(base: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and standard deviation of base x lognormal + a rare exponential delay, in working days."""
    mean = base * np.exp(_SPREAD**2 / 2) + _DELAY_CHANCE * _DELAY_DAYS
    variance = base**2 * (np.exp(_SPREAD**2) - 1) * np.exp(_SPREAD**2)
    variance = variance + _DELAY_DAYS**2 * _DELAY_CHANCE * (2 - _DELAY_CHANCE)
    return mean, np.sqrt(variance)


def _lead_times(
    rng: np.random.Generator, time: Timeline, suppliers: pd.DataFrame
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Days count only while the supplier works; it is closed around Lunar New Year."""
    long = Timeline(time.days[0] + np.arange(len(time) + BEYOND_DAYS), time.history)
    offset = long.lunar_offset
    shape = (len(suppliers), len(time))
    arrival, expected = np.empty(shape, dtype=np.int32), np.empty(shape, dtype=np.int32)
    quoted, _ = lead_time_moments(suppliers["base_days"].to_numpy(float))
    for row, supplier in enumerate(records(suppliers)):
        works = (offset < -supplier.before) | (offset > supplier.after)
        clock = np.concatenate([[0], np.cumsum(works)])
        days = supplier.base_days * rng.lognormal(0.0, _SPREAD, len(time))
        days += (rng.random(len(time)) < _DELAY_CHANCE) * rng.exponential(_DELAY_DAYS, len(time))
        start = clock[: len(time)]
        arrival[row] = np.searchsorted(clock, start + np.maximum(np.ceil(days), 2))
        expected[row] = np.searchsorted(clock, start + np.ceil(quoted[row]))
    last = len(time) + BEYOND_DAYS - 1
    return np.minimum(arrival, last), np.minimum(expected, last)


def region_shares(settings: DemoSettings, world: World) -> NDArray[np.float64]:
    """Share of each region in the demand of a category and channel, float64 [categories, channels, regions]."""
    rng = settings.rng("regions")
    weights = world.of("regions", "weight")
    shares = weights * rng.lognormal(0.0, 0.12, (len(world.categories), len(world.channels), len(weights)))
    amplitude = np.array([entry["season"][0] for entry in world.book["categories"].values()])
    cold = np.array([{"华北": 1.0, "东北": 1.6, "华南": -0.9}.get(name, 0.0) for name in world.regions])
    peak = np.array([entry["season"][1] for entry in world.book["categories"].values()])
    winter = amplitude * np.where((peak > 300) | (peak < 60), 1.0, -0.3)
    shares = shares * np.exp(0.3 * winter[:, None, None] * cold)
    return np.asarray(shares / shares.sum(axis=2, keepdims=True))


def warehouse_of_region(world: World) -> NDArray[np.int64]:
    """Nearest warehouse of each region."""
    return np.array([world.warehouses.index(entry["warehouses"][0]) for entry in world.book["regions"].values()])


def supply_tables(world: World, goods: Assortment, supply: Supply, weekly_units: float) -> dict[str, pd.DataFrame]:
    """``suppliers``, ``supply_terms``, ``price_tiers``, ``payment_terms``."""
    table = supply.suppliers
    mean, spread = lead_time_moments(table["base_days"].to_numpy(float))
    suppliers = pd.DataFrame(
        {
            "supplier": pd.Categorical(table["supplier"]),
            "name": pd.Categorical(table["name"]),
            "grade": pd.Categorical(table["grade"]),
            "shutdown_days_before": table["before"],
            "shutdown_days_after": table["after"],
            "capacity_units_week": np.full(len(table), max(round(2.5 * weekly_units / len(table), -1), 500)).astype(
                int
            ),
            "minimum_order_fen": np.int64(200_000),
            "annual_rebate_rate": np.round(np.where(table["grade"] == "S", 0.02, 0.0), 3),
        }
    )
    bought = np.flatnonzero(~np.isin(np.arange(len(goods.skus)), goods.bundles["bundle"]))
    style = goods.style_of[bought]
    first = _terms(table, bought, supply.of_style[style], 1, supply, mean, spread)
    backed = supply.second[style] >= 0
    terms = pd.concat([first, _terms(table, bought[backed], supply.second[style][backed], 2, supply, mean, spread)])
    terms = terms.sort_values(["row", "rank"], kind="stable").reset_index(drop=True)
    terms = _with_groups(terms, goods, supply)
    tiers = pd.concat([_tier(terms, factor, rate) for factor, rate in ((1, 1.0), (5, 0.97), (15, 0.94))])
    tiers = tiers.sort_values(["row", "supplier", "from_units"], kind="stable").reset_index(drop=True)
    codes, names = sku_codes(goods), list(table["supplier"])
    for frame in (terms, tiers):
        frame["sku"] = coded(frame.pop("row"), codes)
        frame["supplier"] = coded(frame["supplier"], names)
    terms["moq_level"], tiers["kind"] = (
        terms["moq_level"].astype("category"),
        pd.Categorical(["all_units"] * len(tiers)),
    )
    return {
        "suppliers": suppliers,
        "supply_terms": terms,
        "price_tiers": tiers,
        "payment_terms": _payment_terms(table),
    }


def _terms(
    table: pd.DataFrame,
    rows: NDArray[np.int64],
    supplier: NDArray[np.int64],
    rank: int,
    supply: Supply,
    mean: NDArray[np.float64],
    spread: NDArray[np.float64],
) -> pd.DataFrame:
    dearer = 1.0 if rank == 1 else 1.05
    return pd.DataFrame(
        {
            "row": rows,
            "supplier": supplier,
            "rank": rank,
            "lead_time_days": np.round(mean[supplier], 1),
            "lead_time_sd_days": np.round(spread[supplier], 1),
            "moq_units": supply.moq[rows],
            "pack_units": supply.pack[rows],
            "unit_price_fen": np.round(supply.unit_price[rows] * 100 * dearer).astype(np.int64),
            "order_cost_fen": np.int64(15_000),
        }
    )


def _with_groups(terms: pd.DataFrame, goods: Assortment, supply: Supply) -> pd.DataFrame:
    """The terms with ``moq_level`` and ``ratio_units``: some suppliers ask their minimum of a whole style or colour, a
    few of these deliver prepacks of all its sizes."""
    style = goods.style_of[terms["row"]]
    first = supply.of_style[style]
    level = np.array(_LEVELS)[first % len(_LEVELS)]
    skus = goods.skus.iloc[terms["row"]]
    key = [terms["supplier"], pd.Series(style), skus["colour"].where(level == "colour", "").reset_index(drop=True)]
    together = terms["moq_units"].groupby(key).transform("sum").to_numpy()
    pack = terms["pack_units"].groupby(key).transform("min").to_numpy()
    share = pd.Series(skus["share"].to_numpy())
    ratio = (share / share.groupby(key).transform("min")).round().clip(1, _LARGEST_RATIO)
    grouped, packed = level != "sku", (level == "colour") & (first % (2 * len(_LEVELS)) < len(_LEVELS))
    least = np.minimum(np.ceil(_MINIMUM_SHARE * together / pack) * pack, 2 * _LARGEST_MINIMUM)
    return terms.assign(
        moq_level=level,
        moq_units=np.where(grouped, least, terms["moq_units"]).astype(np.int64),
        pack_units=np.where(grouped, pack, terms["pack_units"]),
        ratio_units=ratio.where(packed).astype("Int64"),
    )


def _tier(terms: pd.DataFrame, factor: int, rate: float) -> pd.DataFrame:
    """The tier from ``factor`` minimums upwards; the first one starts at a single unit."""
    return pd.DataFrame(
        {
            "row": terms["row"],
            "supplier": terms["supplier"],
            "from_units": terms["moq_units"] * factor if factor > 1 else 1,
            "unit_price_fen": np.round(terms["unit_price_fen"] * rate).astype(np.int64),
        }
    )


def _payment_terms(table: pd.DataFrame) -> pd.DataFrame:
    plans = (
        (("order", 0, 0.3), ("arrival", 30, 0.7)),
        (("arrival", 45, 1.0),),
        (("order", 0, 0.5), ("arrival", 0, 0.5)),
        (("order", 0, 0.2), ("arrival", 15, 0.4), ("arrival", 60, 0.4)),
    )
    rows = [
        (supplier.supplier, number + 1, *part)
        for supplier in records(table)
        for number, part in enumerate(plans[supplier.terms])
    ]
    frame = pd.DataFrame(rows, columns=["supplier", "instalment", "milestone", "days", "share"])
    return frame.astype({"supplier": "category", "milestone": "category"})


def place_tables(
    world: World, shares: NDArray[np.float64], weekly_units: float, stock_m3: float
) -> dict[str, pd.DataFrame]:
    """``warehouses``, ``lanes``, ``region_shares``."""
    part = np.array([0.5, 0.26, 0.24])
    warehouses = pd.DataFrame(
        {
            "warehouse": pd.Categorical(list(world.warehouses)),
            "name": pd.Categorical([f"{name}（自营）" for name in world.warehouses]),
            "region": pd.Categorical(list(world.book["warehouses"].values())),
            "storage_m3": np.round(1.6 * stock_m3 * part, -1) + 50.0,
            "inbound_units_week": (np.round(1.9 * weekly_units * part, -1) + 200).astype(np.int64),
            "parcels_day": (np.round(0.6 * weekly_units * part, -1) + 200).astype(np.int64),
            "storage_fen_m3_day": np.int64(120),
        }
    )
    lanes = [
        (name, region, "region", rank + 1, (320, 480, 650)[rank], (1.5, 2.5, 3.5)[rank])
        for region, entry in world.book["regions"].items()
        for rank, name in enumerate(entry["warehouses"])
    ]
    lanes += [(a, b, "warehouse", 1, 120, 3.0) for a in world.warehouses for b in world.warehouses if a != b]
    frame = pd.DataFrame(lanes, columns=["origin", "destination", "kind", "rank", "cost_fen", "days"])
    like = world.channels.index(world.platform["like"])
    shares = np.concatenate([shares, shares[:, [like]]], axis=1)
    g, c, r = np.indices(shares.shape)
    return {
        "warehouses": warehouses,
        "lanes": frame.astype(dict.fromkeys(("origin", "destination", "kind"), "category")),
        "region_shares": pd.DataFrame(
            {
                "category": coded(g.ravel(), list(world.categories)),
                "channel": coded(c.ravel(), [*world.channels, world.platform_name]),
                "region": coded(r.ravel(), list(world.regions)),
                "share": shares.ravel(),
            }
        ),
    }
