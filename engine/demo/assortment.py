"""What the merchant sells: styles with colours and sizes, bundles, gifts, launches and phase-outs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.demo.settings import DemoSettings
from engine.demo.world import Timeline, World

NEVER = 10**6
"""Position of a day that does not come."""
_BRANDS = ("云作", "拾野", "朴里")
_COLOURS = ("黑色", "白色", "雾蓝", "燕麦", "豆绿", "酒红", "浅灰", "奶咖")
_TOP_SHARE = 0.07
_VOLUMES = {"traffic": 2.2, "profit": 0.9, "image": 0.5, "regular": 1.0}
_PRICES = {"traffic": 0.8, "profit": 1.05, "image": 1.5, "regular": 1.0}


@dataclass(frozen=True)
class Assortment:
    """``styles``: frame by style ``category, list_price, role, launch, end, weight, unit_cost`` (yuan; days as
    positions on the timeline, ``NEVER`` where there is no end). ``skus``: frame by SKU ``style, colour, size, share``
    (of the style), ``lumpy``. Rows are in the same order as the codes. ``bundles``: frame ``bundle, component,
    quantity``; ``gifts``: frame ``item, gift, start, end`` (rows of ``skus``, days). ``listed`` bool [styles,
    channels].
    """

    styles: pd.DataFrame
    skus: pd.DataFrame
    bundles: pd.DataFrame
    gifts: pd.DataFrame
    listed: NDArray[np.bool_]

    @property
    def style_of(self) -> NDArray[np.int64]:
        """Row of the style of each SKU."""
        return self.skus["style"].to_numpy()


def make_assortment(settings: DemoSettings, world: World, time: Timeline) -> Assortment:
    """Styles until the asked number of SKUs is reached, then bundles of them; launches spread over the history."""
    rng = settings.rng("assortment")
    bundles = max(1, round(0.03 * settings.skus))
    skus = _variants(rng, world, settings.skus - bundles)
    plain = int(skus["style"].max()) + 1
    styles = _styles(rng, world, time, skus.drop_duplicates("style")["category"].to_numpy())
    styles["weight"] *= np.sqrt(skus.groupby("style").size().to_numpy())
    skus = skus.drop(columns="category")
    parts = _bundles(rng, styles, skus, bundles, plain)
    made = pd.DataFrame(
        {"style": plain + np.arange(bundles), "colour": "组合", "size": "均码", "share": 1.0, "lumpy": False}
    )
    styles = pd.concat([styles, _bundle_styles(rng, world, styles, skus, parts, time)], ignore_index=True)
    skus = pd.concat([skus, made], ignore_index=True)
    listed = rng.random((len(styles), len(world.channels))) < np.array([0.95, 0.8, 0.8, 0.65, 0.6])
    listed[:, 0] |= ~listed.any(axis=1)
    gifts = _gifts(rng, world, time, styles, skus, parts)
    return Assortment(styles, skus, parts, gifts, listed)


def _variants(rng: np.random.Generator, world: World, count: int) -> pd.DataFrame:
    """SKUs of styles: each style has 1..n colours and the sizes of its category, shares by a size curve."""
    names = [name for name in world.categories if name != world.book["bundle_category"]]
    weights = np.array([world.book["categories"][name]["weight"] for name in names])
    rows: list[tuple[int, str, str, str, float, bool]] = []
    style = 0
    while len(rows) < count:
        name = names[style % len(names)] if style < len(names) else str(rng.choice(names, p=weights / weights.sum()))
        entry = world.book["categories"][name]
        colours = rng.choice(_COLOURS, size=int(rng.integers(1, entry["colours"] + 1)), replace=False)
        sizes = list(entry["sizes"])
        place = np.linspace(-1.6, 1.6, len(sizes)) if len(sizes) > 1 else np.zeros(1)
        curve = rng.dirichlet(40.0 * np.exp(-0.5 * (place - 0.2) ** 2) / len(sizes) + 0.5)
        shades = rng.dirichlet(np.full(len(colours), 3.0))
        lumpy = bool(rng.random() < 0.12)
        for colour, shade in zip(colours, shades, strict=True):
            rows += [
                (style, name, str(colour), str(size), float(shade * part), lumpy)
                for size, part in zip(sizes, curve, strict=True)
            ]
        style += 1
    frame = pd.DataFrame(rows[:count], columns=["style", "category", "colour", "size", "share", "lumpy"])
    frame["share"] /= frame.groupby("style")["share"].transform("sum")
    return frame


def _styles(rng: np.random.Generator, world: World, time: Timeline, category: NDArray[np.object_]) -> pd.DataFrame:
    count = len(category)
    entries = [world.book["categories"][name] for name in category]
    role = rng.choice(list(_VOLUMES), size=count, p=[0.25, 0.25, 0.1, 0.4])
    price = np.array([entry["price"] for entry in entries]) * rng.lognormal(0.0, 0.25, count)
    price = np.maximum(np.round(price * np.array([_PRICES[name] for name in role]), -1) - 1.0, 19.0)
    cost = price / 1.13 * np.array([entry["cost"] for entry in entries]) * rng.normal(1.0, 0.06, count)
    cost *= np.where(role == "traffic", 1.12, np.where(role == "profit", 0.9, 1.0))
    launch, end = _life(rng, time, count)
    weight = rng.lognormal(0.0, 0.85, count) * np.array([_VOLUMES[name] for name in role])
    weight = np.minimum(weight, max(_TOP_SHARE * count, 2.5) * weight.mean())
    return pd.DataFrame(
        {
            "category": category,
            "role": role,
            "list_price": price,
            "unit_cost": np.round(cost, 2),
            "launch": launch,
            "end": end,
            "weight": weight / (price / 150.0) ** 0.6,
        }
    )


def _life(rng: np.random.Generator, time: Timeline, count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Launch and end of each style: most are old, some come in and some go, a few are still to come."""
    old = rng.random(count) < 0.62
    launch = np.where(old, -rng.integers(60, 900, count), rng.integers(0, max(time.history - 20, 1), count))
    coming = rng.random(count) < 0.03
    launch = np.where(coming, time.history + rng.integers(7, 56, count), launch)
    leaves = rng.random(count) < np.where(coming, 0.0, 0.28)
    span = rng.integers(150, time.history + 260, count)
    end = np.where(leaves, np.maximum(np.maximum(launch, 0) + span, 60), NEVER)
    end = np.where(end > time.history + 200, NEVER, end)
    launch[0], end[0] = -400, NEVER
    return launch, end


def _bundles(
    rng: np.random.Generator, styles: pd.DataFrame, skus: pd.DataFrame, count: int, first: int
) -> pd.DataFrame:
    """Every bundle has components of its own: two different SKUs, or two of one. First bundle SKU = ``len(skus)``."""
    rank = styles["weight"].to_numpy()[skus["style"]] * skus["share"].to_numpy()
    lasting = (styles["launch"] < 0).to_numpy() & (styles["end"] == NEVER).to_numpy()
    best = np.argsort(-rank * lasting[skus["style"]], kind="stable")[: 6 * count]
    chosen = rng.permutation(best)[: 2 * count]
    rows: list[tuple[int, int, int]] = []
    for number in range(min(count, len(chosen) // 2)):
        bundle = len(skus) + number
        if rng.random() < 0.3:
            rows.append((bundle, int(chosen[2 * number]), 2))
        else:
            rows += [(bundle, int(chosen[2 * number + side]), 1) for side in (0, 1)]
    return pd.DataFrame(rows, columns=["bundle", "component", "quantity"])


def _bundle_styles(
    rng: np.random.Generator,
    world: World,
    styles: pd.DataFrame,
    skus: pd.DataFrame,
    parts: pd.DataFrame,
    time: Timeline,
) -> pd.DataFrame:
    """A style for each bundle: 12 % below the sum of its parts, some of them launched during the history."""
    of = skus["style"].to_numpy()[parts["component"]]
    sums = pd.DataFrame(
        {
            "bundle": parts["bundle"],
            "list_price": styles["list_price"].to_numpy()[of] * parts["quantity"],
            "unit_cost": styles["unit_cost"].to_numpy()[of] * parts["quantity"],
            "weight": 0.12 * styles["weight"].to_numpy()[of] * skus["share"].to_numpy()[parts["component"]],
        }
    )
    made = sums.groupby("bundle", as_index=False).sum().drop(columns="bundle")
    made["list_price"] = np.maximum(np.round(made["list_price"] * 0.88, -1) - 1.0, 29.0)
    fresh = rng.random(len(made)) < 0.4
    launch = np.where(fresh, rng.integers(0, max(time.history - 40, 1), len(made)), -120)
    return made.assign(category=world.book["bundle_category"], role="profit", launch=launch, end=NEVER)


def _gifts(
    rng: np.random.Generator,
    world: World,
    time: Timeline,
    styles: pd.DataFrame,
    skus: pd.DataFrame,
    parts: pd.DataFrame,
) -> pd.DataFrame:
    """In the weeks of 双11 a few strong items carry a gift, which has its own stock and is also sold."""
    category = styles["category"].to_numpy()[skus["style"]]
    free = ~np.isin(np.arange(len(skus)), parts[["bundle", "component"]].to_numpy().ravel())
    lasting = (styles["end"] == NEVER).to_numpy()[skus["style"]] & (styles["launch"] < 0).to_numpy()[skus["style"]]
    ready = free & lasting
    gifts = np.flatnonzero(ready & (category == world.book["gift_category"]))
    rank = styles["weight"].to_numpy()[skus["style"]] * skus["share"].to_numpy() * ready
    items = np.argsort(-np.where(category == world.book["gift_category"], 0.0, rank), kind="stable")
    pairs = min(max(1, len(skus) // 150), len(gifts), int(ready.sum()) // 4)
    gifts = rng.permutation(gifts)[:pairs]
    year = int(str(time.last_day)[:4])
    start, end = time.index(np.datetime64(f"{year}-10-20")), time.index(np.datetime64(f"{year}-11-11"))
    rows = [(int(items[i]), int(gifts[i]), start, end) for i in range(len(gifts))]
    return pd.DataFrame(rows, columns=["item", "gift", "start", "end"])
