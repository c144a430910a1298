"""What a reader of the forecast should know about the data behind it; each oddity has a defined way through.

A series shorter than a lag falls back to its category; an all-zero one is forecast as zero; a gap is unknown, not zero
demand; rows of one day and series are added; a day with more cancelled than paid counts as no sale; a price that is no
positive number is unknown; an announced promotion without a price of its own has its usual lift at the known price.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from engine.data.dataset import Dataset
from engine.data.exclusions import excluded_periods
from engine.forecasting.fold import to_be_launched
from models.drivers import EVENT, PRICE, PROMOTION, RIVAL_PRICES, RIVAL_PROMOTIONS, SUBSIDY, Drivers
from models.panel import Panel, periods_a_week
from models.price import DemandEffects
from models.shadows import ANY_PROMOTION, shadows_of

SHORT_WEEKS, GAP_WEEKS = 8, 4
WIDE_ELASTICITY = 1.5
SHOWN = 8
CHEAPER = 0.99
LIVE_WEEKS, LIVE_SHARE = 26, 0.01
BESIDE = {
    (RIVAL_PRICES, RIVAL_PROMOTIONS): "whether promotions take sales from their category or bring it some",
    shadows_of(ANY_PROMOTION): "whether promotions bring demand forward",
    (SUBSIDY,): "whether a platform's part of a discount works otherwise than the merchant's",
}
"""Effects beside and around promotions, and how to say that they are not known."""


def cautions(dataset: Dataset, panel: Panel, drivers: Drivers, effects: DemandEffects) -> tuple[str, ...]:
    """One sentence for each oddity that is there; ``drivers`` cover history and horizon."""
    return tuple(
        text
        for text in (
            *_histories(panel, len(drivers.dates) - len(panel.dates)),
            _excluded(dataset, panel),
            *_rows(dataset["sales"]),
            *_prices(drivers),
            _unpriced(panel, drivers),
            *_unsure(panel, drivers, effects),
            _live(dataset, panel),
        )
        if text
    )


def _histories(panel: Panel, horizon: int) -> list[str]:
    out = []
    step = periods_a_week(panel.frequency)
    weeks = panel.known.sum(axis=1) / step
    short = int(((weeks > 0) & (weeks < SHORT_WEEKS)).sum())
    if short and len(panel.dates) >= SHORT_WEEKS * step:
        out.append(
            f"{short} sku x channel pairs are known for less than {SHORT_WEEKS} weeks: they lean on their category"
        )
    if not panel.units.any():
        out.append("nothing was sold in the whole history: the forecast is zero")
    else:
        idle = int((panel.known.any(axis=1) & ~panel.units.any(axis=1)).sum())
        if idle:
            out.append(f"{idle} sku x channel pairs never sold: their forecast is about zero")
    gap = _longest_gap(panel)
    long = int((gap >= GAP_WEEKS * step).sum())
    if long:
        out.append(
            f"{long} sku x channel pairs have gaps of {GAP_WEEKS} weeks or more, the longest of "
            f"{int(gap.max()) / step:.0f} weeks: taken as unknown, not as no demand"
        )
    silent = int((panel.known.any(axis=1) & ~panel.known[:, -1]).sum())
    if silent:
        out.append(f"{silent} sku x channel pairs have ended or report nothing on the last day")
    launches = len(to_be_launched(panel, horizon)[0])
    if launches:
        out.append(f"{launches} sku x channel pairs are yet to be launched: forecast by launches of similar items")
    return out


def _excluded(dataset: Dataset, panel: Panel) -> str:
    """What people have told the forecast not to learn from."""
    left_out = excluded_periods(dataset, panel.series, panel.dates, panel.frequency)
    if not left_out.any():
        return ""
    days = int(left_out.any(axis=0).sum())
    pairs = int(left_out.any(axis=1).sum())
    word = "days" if panel.frequency == "D" else "weeks"
    return f"{days} {word} of {pairs} sku x channel pairs are excluded on request: unknown to the weekly forecast"


def _longest_gap(panel: Panel) -> np.ndarray:
    """Longest unknown stretch between two known periods of each series, int64 [series]."""
    longest, run = np.zeros(len(panel.series), dtype=np.int64), np.zeros(len(panel.series), dtype=np.int64)
    seen = np.zeros(len(panel.series), dtype=bool)
    for period in range(len(panel.dates)):
        here = panel.known[:, period]
        np.maximum(longest, run, out=longest, where=here & seen)
        run = np.where(here, 0, run + 1)
        seen |= here
    return longest


def _rows(sales: pd.DataFrame) -> list[str]:
    out = []
    twice = int(sales.duplicated(["date", "sku", "channel"]).sum())
    if twice:
        out.append(f"{twice} rows of sales repeat a day, SKU and channel: their units are added")
    if "units_cancelled" in sales:
        below = int((sales["units_cancelled"].fillna(0) > sales["units_paid"]).sum())
        if below:
            out.append(f"{below} rows of sales have more units cancelled than paid: taken as no sale")
    return out


def _prices(drivers: Drivers) -> list[str]:
    if PRICE not in drivers.blocks:
        return ["there are no prices: amounts and price effects are left out"]
    block = drivers.blocks[PRICE]
    missing = int(np.isnan(block.values[block.group][:, -1]).sum())
    if missing:
        return [f"{missing} sku x channel pairs have no price: no amounts and price effects for them"]
    return []


def _unpriced(panel: Panel, drivers: Drivers) -> str:
    """Announced promotions of a kind that went with a lower price before, without one now."""
    if PRICE not in drivers.blocks:
        return ""
    past = len(panel.dates)
    price = drivers.blocks[PRICE].of()
    usual = np.where(np.isfinite(price), price, np.float32(0)).max(axis=1, initial=0.0)
    full = ~(price < CHEAPER * usual[:, None])
    count = 0
    for name in drivers.names(PROMOTION):
        running = drivers.blocks[name].of() > 0
        before, ahead = running[:, :past], running[:, past:]
        if ahead.any() and before.any() and 2 * (before & full[:, :past]).sum() < before.sum():
            count += int((ahead.any(axis=1) & (full[:, past:] | ~ahead).all(axis=1)).sum())
    if not count:
        return ""
    return f"{count} announced promotions of sku x channel pairs come without a lower price: their usual lift counts"


def _unsure(panel: Panel, drivers: Drivers, effects: DemandEffects) -> list[str]:
    """Effects that the data cannot tell although the horizon asks for them."""
    out = []
    low, high = effects.interval(PRICE)
    if PRICE in drivers.blocks and len(low) and float(np.median(high - low)) > WIDE_ELASTICITY:
        out.append("prices moved too little to tell the elasticity: what-ifs of prices rest on an assumption of -1.5")
    past = len(panel.dates)
    running = [
        name
        for name in (*drivers.names(EVENT), *drivers.names(PROMOTION))
        if drivers.blocks[name].values[:, past:].any() and np.abs(effects.lift.get(name, np.zeros(1))).any()
    ]
    vague = [name.partition(".")[2] for name in running if _untold(effects, name)]
    if vague:
        out.append(f"the history cannot tell whether these raise demand at all: {', '.join(vague[:SHOWN])}")
    for names, words in BESIDE.items():
        asked = [name for name in names if name in effects.lift]
        if asked and all(_untold(effects, name) for name in asked):
            out.append(f"the history cannot tell {words}: none is assumed, or little")
    return out


def _live(dataset: Dataset, panel: Panel) -> str:
    """Streams sell a part of demand that is forecast only where they are booked."""
    table = dataset.get("live_streams")
    if table is None or "units_paid" not in table or table.empty:
        return ""
    recent = panel.dates[-min(LIVE_WEEKS * periods_a_week(panel.frequency), len(panel.dates)) :]
    lately = (table["date"].to_numpy() >= recent[0]) & (table["date"].to_numpy() <= recent[-1])
    sold = float(table["units_paid"][lately].fillna(0).sum())
    share = sold / max(float(panel.units[:, -len(recent) :].sum(dtype=float)), 1.0)
    if share < LIVE_SHARE:
        return ""
    return f"live streams made {share:.0%} of the units lately: ahead, only those that are booked are in the forecast"


def _untold(effects: DemandEffects, name: str) -> bool:
    """Every category's interval holds both signs."""
    low, high = effects.interval(name)
    return bool((low < 0).all() and (high > 0).all())
