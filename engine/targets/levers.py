"""What can close a gap: each lever with its reach, cost and reason, measured where the data tell."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from engine.data.network import text_of
from engine.data.revenue import YEAR, net_sales
from engine.plans.budget import BudgetPlan
from engine.plans.forecast import Forecast
from engine.plans.targets import TargetDetails
from engine.targets.settings import LeverCosts

Floats = NDArray[np.float64]
WEEKS, MONTHS = 52, 12
STEPS = 4
"""Steps in which ad spend and discount rise: the first yuan brings more than the last."""
BEST_MONTHS = 0.75
"""A rate may rise to what it was in the best quarter of its own months."""
RECOVERED = 0.5
"""Part of the demand that met an empty shelf which would have bought."""


@dataclass(frozen=True)
class Lever:
    """``reach`` and ``cost`` yuan of the year at full use; ``what`` it works on; ``who``: channel or category whose
    owner pulls it, or "" for ``role``, whose work it usually is. ``span``: from and to where, of a step on a ladder."""

    lever: str
    what: str
    reach: float
    cost: float
    who: str
    role: str
    reason: str
    span: tuple[str, str] | None = None

    @property
    def step(self) -> str:
        """What it is called."""
        return self.what if self.span is None else f"{self.what} {self.span[0]} .. {self.span[1]}"

    @property
    def rate(self) -> float:
        """Cost of a yuan."""
        return self.cost / self.reach if self.reach > 0 else math.inf


def levers(
    dataset: Dataset, forecast: Forecast, budget: BudgetPlan | None, plan: TargetDetails, costs: LeverCosts
) -> list[Lever]:
    """Every lever that would bring something, at its full reach on the year's forecast."""
    yuan = plan.cells.groupby("channel")["forecast_fen"].sum() / 100.0
    by_category = plan.cells.groupby("category")["forecast_fen"].sum() / 100.0
    found = [
        *(_ads(budget, costs.most_ads) if budget is not None else ()),
        *_rates(dataset, yuan, costs),
        *_discounts(forecast, by_category, costs.most_discount),
        *_availability(dataset, yuan, costs.availability),
        *_new_items(plan, float(yuan.sum()), costs.new_items),
    ]
    ladders: dict[tuple[str, str], list[Lever]] = {}
    for lever in found:
        ladders.setdefault((lever.lever, lever.what), []).append(lever)
    return [step for ladder in ladders.values() for step in paying_steps(ladder) if step.reach > 1.0]


def paying_steps(ladder: Sequence[Lever]) -> list[Lever]:
    """Steps of one ladder that grow dearer: a step cheaper than the one below it, on which it builds, is joined with
    that (pool adjacent violators, Ayer et al. 1955).

    >>> dear = Lever("visitors", "ads", 1.0, 9.0, "", "media", "", ("+0%", "+25%"))
    >>> [(step.step, step.rate) for step in paying_steps([dear, replace(dear, reach=9.0, span=("+25%", "+50%"))])]
    [('ads +0% .. +50%', 1.8)]
    """
    found: list[Lever] = []
    for step in ladder:
        found.append(step)
        while len(found) > 1 and found[-1].rate < found[-2].rate:
            upper, lower = found.pop(), found.pop()
            assert lower.span and upper.span
            span = (lower.span[0], upper.span[1])
            found.append(replace(lower, reach=lower.reach + upper.reach, cost=lower.cost + upper.cost, span=span))
    return found


def _ads(budget: BudgetPlan, most: float) -> Iterator[Lever]:
    """More of today's ads, by the response curves at the steady state of a week, channel by channel in steps."""
    curves = budget.curves
    today = budget.reference[list(curves.ad_channels)].to_numpy(float).mean(axis=0)
    factors = 1.0 + most * np.arange(STEPS + 1) / STEPS
    lift = np.stack([curves.lift(np.repeat(today[:, None] * factor, WEEKS, axis=1)).sum(axis=2) for factor in factors])
    mean = lift.mean(axis=1)
    for row, name in enumerate(curves.ad_channels):
        for step in range(STEPS):
            reach = float(mean[step + 1, row] - mean[step, row])
            cost = float(today[row] * (factors[step + 1] - factors[step]) * WEEKS)
            span = (f"+{factors[step] - 1:.0%}", f"+{factors[step + 1] - 1:.0%}")
            reason = "response curve of the ad budget at today's prices of ads"
            yield Lever("visitors", name, reach, cost, "", "media", reason, span)


def _rates(dataset: Dataset, yuan: pd.Series, costs: LeverCosts) -> Iterator[Lever]:
    """Conversion and order value up to what they were in the best months of the last year, by channel."""
    table = _monthly(dataset)
    for channel, rows in table.groupby("channel", sort=True):
        here = float(yuan.get(str(channel), 0.0))
        for name, over, under, share in (
            ("conversion", "buyers", "visitors", costs.conversion),
            ("order value", "yuan", "buyers", costs.order_value),
        ):
            known = rows[rows[under] > 0]
            if len(known) < 6 or known[over].sum() <= 0:
                continue
            rate = (known[over] / known[under]).to_numpy(float)
            usual = float(known[over].sum() / known[under].sum())
            rise = max(float(np.quantile(rate, BEST_MONTHS)) / usual - 1.0, 0.0)
            reach = rise * here
            reason = f"{rise:.1%} more, as in the best quarter of the channel's own months"
            yield Lever(name, str(channel), reach, share * reach, str(channel), "operations", reason)


def _monthly(dataset: Dataset) -> pd.DataFrame:
    """``channel, visitors, buyers, yuan`` of the last 12 months that sales and traffic know whole; empty without
    whole-shop traffic."""
    columns = ["channel", "visitors", "buyers", "yuan"]
    traffic, sales = dataset.get("traffic"), net_sales(dataset, ("channel",), "M")
    if traffic is None or traffic.empty or not {"visitors", "buyers"} <= set(traffic) or sales.amount_fen is None:
        return pd.DataFrame(columns=columns)
    shop = traffic[(traffic["basis"].astype(str) == "shop_day").to_numpy()]
    if shop.empty or not len(sales.dates):
        return pd.DataFrame(columns=columns)
    day = shop["date"].to_numpy().astype("datetime64[D]")
    sold = dataset["sales"]["date"].to_numpy().astype("datetime64[D]")
    stop = (min(day.max(), sold.max()) + 1).astype("datetime64[M]")
    first = (max(day.min(), sold.min()) - 1).astype("datetime64[M]") + 1
    month = day.astype("datetime64[M]")
    whole = (month >= max(first, stop - MONTHS)) & (month < stop)
    shop, month = shop[whole], month[whole].astype("datetime64[s]")
    sums = shop[["visitors", "buyers"]].fillna(0).groupby([text_of(shop["channel"]), month]).sum()
    money = pd.DataFrame(sales.amount_fen / 100.0, index=sales.groups["channel"].astype(str))
    money.columns = pd.Index(sales.dates.astype("datetime64[s]"))
    sums["yuan"] = money.stack().reindex(sums.index).fillna(0.0).to_numpy(float)
    return pd.DataFrame(sums.rename_axis(["channel", "month"]).reset_index())


def _discounts(forecast: Forecast, yuan: pd.Series, most: float) -> Iterator[Lever]:
    """A deeper everyday price: units by the category's elasticity; the discount on all that sells is its cost."""
    for position, category in enumerate(forecast.effects.categories):
        here, elasticity = float(yuan.get(str(category), 0.0)), float(forecast.effects.elasticity[position])
        if here <= 0 or elasticity >= -1.0 or not np.isfinite(elasticity):
            continue  # more units would bring less money
        for step in range(STEPS):
            low, high = (1.0 - most * part / STEPS for part in (step + 1, step))
            money = [here * price ** (1.0 + elasticity) for price in (high, low)]
            units = [here * price**elasticity for price in (high, low)]
            cost = units[1] * (1.0 - low) - units[0] * (1.0 - high)
            reason = f"price elasticity {elasticity:.2f}"
            span = (f"-{1 - high:.1%}", f"-{1 - low:.1%}")
            yield Lever(
                "promotion depth", str(category), money[1] - money[0], cost, str(category), "goods", reason, span
            )


def _availability(dataset: Dataset, yuan: pd.Series, share: float) -> Iterator[Lever]:
    """Sales that met an empty shelf: the missing part of the last year's days at the SKU's own rate."""
    table = dataset.get("availability")
    if table is None or table.empty:
        return
    sales = net_sales(dataset, ("sku", "channel"))
    if sales.amount_fen is None or not len(sales.dates):
        return
    daily = pd.Series(
        sales.amount_fen[:, sales.last_year].mean(axis=1) / 100.0,
        index=pd.MultiIndex.from_frame(sales.groups.astype(str)),
    )
    rows = table[table["date"].to_numpy() > sales.dates[-1] - YEAR]
    keys = pd.MultiIndex.from_arrays([text_of(rows["sku"]), text_of(rows["channel"])])
    gone = (1.0 - rows["in_stock_share"].fillna(1.0).to_numpy(float)) * daily.reindex(keys).fillna(0.0).to_numpy(float)
    lost = pd.Series(gone).groupby(keys.get_level_values(1)).sum()
    sold = daily.groupby(level=1).sum() * 365.0
    for channel, missing in lost.items():
        rate = RECOVERED * float(missing) / max(float(sold.get(channel, 0.0)), 1.0)
        reach = rate * float(yuan.get(str(channel), 0.0))
        reason = f"half of what met an empty shelf last year ({2 * rate:.1%} of sales)"
        yield Lever("availability", str(channel), reach, share * reach, str(channel), "supply", reason)


def _new_items(plan: TargetDetails, yuan: float, share: float) -> Iterator[Lever]:
    """What the plan keeps for unborn items, as far as it is above their part of the forecast (which is none)."""
    for category, fen in plan.items.groupby("category")["target_fen"].sum().items():
        reach = min(float(fen) / 100.0, yuan)
        # unborn items partly take the place of old ones
        reason = "half of what the plan keeps for unborn items; the other half replaces old ones"
        yield Lever("new items", str(category), 0.5 * reach, share * 0.5 * reach, str(category), "goods", reason)
