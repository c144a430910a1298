"""History as the reports show it: weeks and months by channel, and the purchase funnel."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from engine.data.dataset import Dataset
from engine.data.revenue import net_fen

FUNNEL_STEPS = ("exposure", "clicks", "visitors", "carts", "buyers")
FUNNEL_DAYS = 28


@dataclass(frozen=True)
class History:
    """What was sold.

    ``weeks``: frame ``week, channel, units, revenue_fen`` in 7-day blocks that end with the last day. ``months``: frame
    ``month, channel, category, units, revenue_fen`` of whole months. Revenue = paid - cancelled before shipment, tax
    included. ``funnel``: frame ``channel, exposure, clicks, visitors, carts, buyers`` of the last four weeks, daily
    counts added up. ``festivals``: frame ``event, kind, start, end`` of main phases. ``names``: product name by SKU.
    ``priced``: revenue is known.
    """

    weeks: pd.DataFrame
    months: pd.DataFrame
    funnel: pd.DataFrame
    festivals: pd.DataFrame
    names: dict[str, str] = field(default_factory=dict)
    priced: bool = True

    @classmethod
    def of(cls, dataset: Dataset, last: pd.Timestamp) -> History:
        """History up to and including the day ``last``; of weekly sales the last week begins at most 6 days before."""
        sales = _daily_sales(dataset)
        sales = sales[sales["date"] <= last]
        return cls(
            _weeks(sales, last),
            _months(sales, last),
            _funnel(dataset, last),
            _festivals(dataset),
            _names(dataset),
            _has_money(dataset),
        )

    @property
    def has_funnel(self) -> bool:
        """Some traffic was counted."""
        steps = [step for step in FUNNEL_STEPS if step in self.funnel]
        return bool(steps) and bool((self.funnel[steps].sum() > 0).any())

    def total_weeks(self, channel: str | None = None) -> pd.DataFrame:
        """Units and revenue by week, of one channel or of all."""
        frame = self.weeks if channel is None else self.weeks[self.weeks["channel"] == channel]
        return frame.groupby("week", as_index=False)[["units", "revenue_fen"]].sum()


def _has_money(dataset: Dataset) -> bool:
    sales = dataset["sales"]
    return "amount_paid_fen" in sales and bool((sales["amount_paid_fen"].fillna(0) > 0).any())


def _daily_sales(dataset: Dataset) -> pd.DataFrame:
    """``date, channel, category, units, revenue_fen``, paid minus cancelled before shipment."""
    sales = dataset["sales"]
    skus = dataset.get("skus")
    frame = pd.DataFrame({"date": sales["date"], "channel": sales["channel"].astype(str)})
    cancelled = sales["units_cancelled"].astype("float64").fillna(0.0) if "units_cancelled" in sales else 0.0
    frame["units"] = sales["units_paid"].astype("float64").fillna(0.0) - cancelled
    frame["revenue_fen"] = net_fen(sales) if "amount_paid_fen" in sales else 0.0
    category = {} if skus is None else dict(zip(skus["sku"].astype(str), skus["category"].astype(str), strict=True))
    frame["category"] = sales["sku"].astype(str).map(category).fillna("")
    return frame.groupby(["date", "channel", "category"], as_index=False)[["units", "revenue_fen"]].sum()


def _weeks(sales: pd.DataFrame, last: pd.Timestamp) -> pd.DataFrame:
    """Whole 7-day blocks counted back from the last day."""
    ago = (last - sales["date"]).dt.days // 7
    week = last - pd.to_timedelta(ago * 7 + 6, unit="D")
    table = sales.assign(week=week).groupby(["week", "channel"], as_index=False)[["units", "revenue_fen"]].sum()
    if table.empty:
        return table
    started = table["week"] >= sales["date"].min()
    whole = pd.MultiIndex.from_product(
        [pd.date_range(table.loc[started, "week"].min(), table["week"].max(), freq="7D"), sorted(set(table["channel"]))]
        if started.any()
        else [[], []],
        names=["week", "channel"],
    )
    return table.set_index(["week", "channel"]).reindex(whole, fill_value=0.0).reset_index()


def _months(sales: pd.DataFrame, last: pd.Timestamp) -> pd.DataFrame:
    """Whole months only, so that a month begun does not pass for a weak one; the first may miss a few quiet days."""
    month = sales["date"].dt.to_period("M").dt.to_timestamp()
    begun = month + pd.Timedelta(days=7) > sales["date"].min()
    ended = month + pd.offsets.MonthEnd(0) <= last
    table: pd.DataFrame = sales.assign(month=month)[begun & ended]
    return table.groupby(["month", "channel", "category"], as_index=False)[["units", "revenue_fen"]].sum()


def _funnel(dataset: Dataset, last: pd.Timestamp) -> pd.DataFrame:
    """Counts of the last four weeks by channel on one basis: shops a day where given, else items a day."""
    traffic = dataset.get("traffic")
    steps = [] if traffic is None else [step for step in FUNNEL_STEPS if step in traffic]
    if traffic is None or not steps:
        return pd.DataFrame(columns=["channel", *FUNNEL_STEPS])
    recent = traffic[(traffic["date"] <= last) & (traffic["date"] > last - pd.Timedelta(days=FUNNEL_DAYS))]
    basis = recent["basis"].astype(str)
    chosen = recent[basis == ("shop_day" if (basis == "shop_day").any() else "item_day")]
    chosen = chosen.assign(channel=chosen["channel"].astype(str))
    return pd.DataFrame(chosen.groupby("channel", as_index=False)[steps].sum())


def _festivals(dataset: Dataset) -> pd.DataFrame:
    """Main phases, one row an event, over all channels."""
    events = dataset.get("events")
    if events is None:
        return pd.DataFrame(columns=["event", "kind", "start", "end"])
    main = events[events["phase"].astype(str) == "main"].astype({"event": str, "kind": str})
    return main.groupby(["event", "kind"], as_index=False).agg({"start": "min", "end": "max"})


def _names(dataset: Dataset) -> dict[str, str]:
    skus = dataset.get("skus")
    if skus is None or "name" not in skus:
        return {}
    named = skus[skus["name"].notna()]
    return dict(zip(named["sku"].astype(str), named["name"].astype(str), strict=True))
