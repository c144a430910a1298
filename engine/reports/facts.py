"""Figures that several reports show: the outlook with its bands, payments, the year before the targets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from engine.plans.budget import BudgetPlan
from engine.plans.forecast import Demand, Forecast
from engine.plans.orders import OrderPlan
from engine.plans.replay import Replay
from engine.plans.targets import TargetPlan
from engine.reports.history import History

BAND = (0.1, 0.9)
DRAW_BUDGET = 20_000_000
MOST_DRAWS, FEWEST_DRAWS = 200, 40
BLOCK = 500


@dataclass(frozen=True)
class Outlook:
    """Expected demand with its 80 % band.

    ``weeks``: frame ``channel`` ("" for all together), ``week, units, units_low, units_high, revenue, revenue_low,
    revenue_high`` (yuan). ``units``, ``revenue``: mean, low and high of the whole horizon, all channels together.
    """

    weeks: pd.DataFrame
    units: tuple[float, float, float]
    revenue: tuple[float, float, float]

    @property
    def channels(self) -> list[str]:
        """Channels, the one with the most revenue (or units) first."""
        totals = self.weeks[self.weeks["channel"] != ""].groupby("channel")[["revenue", "units"]].sum()
        return [str(name) for name in totals.sort_values(["revenue", "units"], ascending=False).index]


def outlook(demand: Demand, seed: int = 1) -> Outlook:
    """Totals by channel and week. The bands come from sample paths, since quantiles of single series do not add up;
    fewer paths are drawn where there are many series."""
    paths = demand.paths(seed)
    channel = demand.series["channel"].astype(str).to_numpy()
    names = sorted(set(channel))
    mean, revenue = demand.weekly_mean.astype(float), demand.weekly_revenue_yuan.astype(float)
    price = np.divide(revenue, mean, out=np.zeros_like(revenue), where=mean > 0)
    draws = int(np.clip(DRAW_BUDGET // max(mean.size, 1), FEWEST_DRAWS, MOST_DRAWS))
    drawn = {label: np.zeros((len(names) + 1, draws, mean.shape[1])) for label in ("units", "revenue")}
    for place, name in enumerate(names, start=1):
        rows = np.flatnonzero(channel == name)
        for start in range(0, len(rows), BLOCK):
            block = rows[start : start + BLOCK]
            sample = paths.block(block, 0, draws).astype(float)
            drawn["units"][place] += sample.sum(axis=0)
            drawn["revenue"][place] += np.einsum("spw,sw->pw", sample, price[block])
    frames = [pd.DataFrame({"channel": name, "week": pd.to_datetime(demand.weeks)}) for name in ["", *names]]
    totals = {}
    for label, expected in (("units", mean), ("revenue", revenue)):
        drawn[label][0] = drawn[label][1:].sum(axis=0)
        for place, frame in enumerate(frames):
            member = np.ones(len(channel), dtype=bool) if place == 0 else channel == frame["channel"].iloc[0]
            frame[label] = expected[member].sum(axis=0)
            frame[f"{label}_low"], frame[f"{label}_high"] = np.quantile(drawn[label][place], BAND, axis=0)
        low, high = np.quantile(drawn[label][0].sum(axis=1), BAND)
        totals[label] = (float(expected.sum()), float(low), float(high))
    return Outlook(pd.concat(frames, ignore_index=True), totals["units"], totals["revenue"])


def target_year(targets: TargetPlan) -> pd.DataFrame:
    """Rows of ``months`` of the year the targets are for: the last whole calendar year, else every month there is.

    The months between now and that year stand in the plan too, without a target of their own.
    """
    months = targets.months
    whole = months.groupby(months["month"].dt.year)["month"].nunique()
    years = whole[whole == 12].index
    return months if years.empty else months[months["month"].dt.year == years.max()]


def spend_by_channel(budget: BudgetPlan) -> pd.DataFrame:
    """``channels`` with the money of ``split``, so that every sheet has the same totals to the fen."""
    split = budget.split.astype({"ad_channel": str}).groupby("ad_channel")[["spend_fen", "today_fen"]].sum()
    names = budget.channels["ad_channel"].astype(str)
    money = {column: names.map(split[column]).fillna(0).astype("int64") for column in ("spend_fen", "today_fen")}
    return budget.channels.assign(**money)


def year_before(targets: TargetPlan, history: History | None, forecast: Forecast | None) -> pd.DataFrame:
    """Revenue one year before each target month: ``month`` (of the target), ``channel, category, revenue_fen,
    actual``.

    Months that have not happened yet come from the forecast (``actual`` False).
    """
    wanted = pd.DatetimeIndex(sorted(set(targets.months["month"])))
    before = wanted - pd.DateOffset(years=1)
    parts = []
    sold: set[pd.Timestamp] = set()
    if history is not None and history.priced:
        past = history.months[history.months["month"].isin(before)]
        sold = set(past["month"])
        parts.append(past[["month", "channel", "category", "revenue_fen"]].assign(actual=True))
    if forecast is not None and len(forecast.long_run):
        table = forecast.long_run
        to_come = table[table["month"].isin(before) & ~table["month"].isin(sold)]
        named = to_come[["month", "channel", "category"]]
        parts.append(named.assign(revenue_fen=to_come["amount_fen"], actual=False))
    if not parts:
        return pd.DataFrame(columns=["month", "channel", "category", "revenue_fen", "actual"])
    table = pd.concat(parts, ignore_index=True).astype({"channel": str, "category": str})
    table["month"] = table["month"] + pd.DateOffset(years=1)
    return table.groupby(["month", "channel", "category", "actual"], as_index=False)[["revenue_fen"]].sum()


def payments(orders: OrderPlan) -> pd.DataFrame:
    """Money paid to suppliers by week: ``week, bought_fen, paid_fen, cumulative_fen, limit_fen`` (NaN: no limit).

    A supplier without terms is paid with the order. Instalments of a line add up to its cost to the fen. The limit
    leaves room for lines that stand since the last plan.
    """
    lines, weeks = orders.lines, pd.DatetimeIndex(orders.case.weeks)
    paid, paid_new = (_paid(rows, orders.case.payments) for rows in (lines, orders.new_lines))
    bought = lines["cost_fen"].groupby(pd.to_datetime(lines["order_week"])).sum()
    index = weeks.union(pd.DatetimeIndex(paid.index)).union(pd.DatetimeIndex(bought.index))
    frame = pd.DataFrame({"week": index})
    frame["bought_fen"] = bought.reindex(index, fill_value=0).to_numpy()
    frame["paid_fen"] = paid.reindex(index, fill_value=0).to_numpy()
    frame["cumulative_fen"] = frame["paid_fen"].cumsum()
    limit = pd.Series(orders.case.cash_limit_fen, index=weeks).replace(np.inf, np.nan)
    standing = frame["paid_fen"] - paid_new.reindex(index, fill_value=0).to_numpy()
    frame["limit_fen"] = limit.reindex(index).to_numpy() + standing.cumsum()
    return frame


def _paid(lines: pd.DataFrame, terms: pd.DataFrame) -> pd.Series:
    """Money paid for lines, fen by day."""
    stamps = [(pd.to_datetime(lines["order_week"]), lines["cost_fen"].astype("int64"))]
    if len(terms) and len(lines):
        stamps = _instalments(lines, terms)
    when = pd.concat([stamp for stamp, _ in stamps], ignore_index=True)
    money = pd.concat([amount for _, amount in stamps], ignore_index=True)
    return money.groupby(when).sum() if len(when) else pd.Series(dtype="int64")


def _instalments(lines: pd.DataFrame, terms: pd.DataFrame) -> list[tuple[pd.Series, pd.Series]]:
    """When each line is paid and how much, one entry an instalment."""
    terms = terms.assign(supplier=terms["supplier"].astype(str))
    rank = terms.groupby("supplier").cumcount()
    supplier = lines["supplier"].astype(str)
    cost = lines["cost_fen"].astype("int64")
    known = supplier.isin(set(terms["supplier"]))
    entries = [(pd.to_datetime(lines.loc[~known, "order_week"]), cost[~known])]
    share_so_far = pd.Series(0.0, index=lines.index)
    paid_so_far = pd.Series(0, index=lines.index)
    for step in range(int(rank.max()) + 1):
        rows = terms[rank == step].set_index("supplier")
        share = supplier.map(rows["share"]).astype(float).fillna(0.0)
        share_so_far = share_so_far + share
        due = (cost * share_so_far.clip(upper=1.0)).round().astype("int64")
        start = lines["order_week"].where(supplier.map(rows["milestone"]).astype(str) == "order", lines["arrival_week"])
        delay = pd.to_timedelta(supplier.map(rows["weeks"]).astype(float).fillna(0.0) * 7, unit="D")
        has = known & (share > 0)
        entries.append(((pd.to_datetime(start) + delay)[has], (due - paid_so_far)[has]))
        paid_so_far = paid_so_far.where(~has, due)
    return entries


def total_row(targets: TargetPlan) -> dict[str, Any] | None:
    """The row of ``probability`` for the whole shop."""
    table = targets.probability
    rows = table[table["level"].astype(str) == "total"]
    return None if rows.empty else {str(name): value for name, value in rows.iloc[0].items()}


def measure_of(measures: pd.DataFrame, policy: str, measure: str) -> pd.Series | None:
    """The row of a policy and a measure, None where there is none."""
    rows = measures[(measures["policy"].astype(str) == policy) & (measures["measure"].astype(str) == measure)]
    return None if rows.empty else rows.iloc[0]


def weekly_measures(replay: Replay) -> pd.DataFrame:
    """The weekly curves with two more, from their means and so without a band: ``fill_rate`` (sold by asked for) and
    ``turnover_days`` (stock by the daily sales of the last four weeks)."""
    frame = replay.weeks.astype({"policy": str, "measure": str})
    wide = frame.pivot(index=["policy", "week"], columns="measure", values="mean")
    found = [frame]
    if {"sold_units", "demand_units"} <= set(wide):
        rate = wide["sold_units"] / wide["demand_units"].where(wide["demand_units"] > 0)
        found.append(rate.rename("mean").reset_index().assign(measure="fill_rate"))
    if {"sold_units", "stock_units"} <= set(wide):
        sold = (
            wide["sold_units"].groupby(level="policy").transform(lambda units: units.rolling(4, min_periods=1).mean())
        )
        cover = 7.0 * wide["stock_units"] / sold.where(sold > 0)
        found.append(cover.rename("mean").reset_index().assign(measure="turnover_days"))
    return pd.concat(found, ignore_index=True)


def largest(frame: pd.DataFrame, column: str, count: int) -> pd.DataFrame:
    """The ``count`` rows with the largest value; ties in table order."""
    return frame.sort_values(column, ascending=False, kind="stable").head(count)


def grid(values: ArrayLike, digits: int = 2) -> list[float | None]:
    """Rounded for a chart; None where there is no number."""
    numbers = np.asarray(values, dtype=float)
    return [round(value, digits) if np.isfinite(value) else None for value in numbers.tolist()]
