"""Visitors and the steps towards a purchase, on one basis, with thresholds and alarms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from engine.data.dataset import Dataset
from engine.data.network import text_of
from engine.targets.review.settings import FunnelThresholds
from engine.targets.review.year import Year

STEPS = ("exposure", "clicks", "visitors", "carts", "buyers")
OF = {"clicks": "exposure", "visitors": "clicks", "carts": "visitors", "buyers": "visitors"}
"""What each step is held against."""
COVERED = 0.95
"""Traffic of fewer of the days is no basis for a comparison."""


@dataclass(frozen=True)
class Traffic:
    """Counts by channel (index) of the year and the year before, added up over days (and, on the basis ``item_day``,
    over items): STEPS, and ``visits``: visitors counted on the finest basis there is. ``months``: frame ``month,
    visitors, buyers`` of the year. ``overlaps``: both bases are there, so that visits and visitors differ.
    ``compares``: both years are covered."""

    basis: str
    now: pd.DataFrame
    before: pd.DataFrame
    months: pd.DataFrame
    overlaps: bool
    compares: bool


def traffic_of(dataset: Dataset, year: Year) -> tuple[Traffic | None, list[str]]:
    """The traffic of both years on the coarsest basis that was counted; None without traffic, and why."""
    table = dataset.get("traffic")
    if table is None or "visitors" not in table or "buyers" not in table or not len(table):
        return None, ["no traffic with visitors and buyers: visitors, conversion and the funnel cannot be told"]
    inside = table[(table["date"] >= year.before_start) & (table["date"] <= year.end)]
    kind = inside["basis"].astype(str)
    bases = [name for name in ("shop_day", "item_day") if (kind == name).any()]
    if not bases:
        return None, ["no traffic in the year under review: the funnel cannot be told"]
    basis = bases[0]
    shops = inside[kind == basis]
    steps = [step for step in STEPS if step in shops]
    rows = shops[["date", *steps]].assign(channel=text_of(shops["channel"]))
    frames = []
    # a shop whose items were not counted stands with its own visitors
    by_item = text_of(inside["channel"]).isin(set(text_of(inside.loc[kind == bases[-1], "channel"])))
    finest = _visits(inside[(kind == bases[-1]) | ~by_item])
    for before in (False, True):
        first, last = year.span(before)
        mine = rows[(rows["date"] >= first) & (rows["date"] <= last)]
        sums = mine.groupby("channel")[steps].sum(min_count=1).reindex(columns=list(STEPS)).astype(float)
        seen = finest[(finest["date"] >= first) & (finest["date"] <= last)].groupby("channel")["visits"].sum()
        frames.append(sums.assign(visits=seen.reindex(sums.index).fillna(0.0)))
    notes = [_basis_note(basis)]
    days = [
        rows.loc[(rows["date"] >= a) & (rows["date"] <= b), "date"].nunique() for a, b in (year.span(), year.span(True))
    ]
    if days[0] < COVERED * year.days:
        notes.append(f"traffic covers {days[0]} of {year.days} days under review: its figures are of those days")
    compares = year.compares and min(days[0] / year.days, days[1] / year.before_days) >= COVERED
    if year.compares and not compares:
        notes.append("traffic does not cover both years: growth is not split into visitors, conversion and order value")
    return Traffic(basis, frames[0], frames[1], _months(rows, year), len(bases) > 1, compares), notes


def _visits(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {"date": rows["date"], "channel": text_of(rows["channel"]), "visits": rows["visitors"].fillna(0).astype(float)}
    )


def _basis_note(basis: str) -> str:
    if basis == "shop_day":
        return "visitors are those of each shop and day added up: who comes on two days or to two shops counts twice"
    return "visitors are those of each item and day added up: who looks at two items counts twice"


def _months(rows: pd.DataFrame, year: Year) -> pd.DataFrame:
    mine = rows[rows["date"].between(year.start, year.end)]
    month = mine["date"].dt.to_period("M").dt.to_timestamp().astype("datetime64[s]")
    return mine.assign(month=month).groupby("month", as_index=False)[["visitors", "buyers"]].sum()


def funnel_table(traffic: Traffic, thresholds: FunnelThresholds) -> pd.DataFrame:
    """Frame ``channel`` ("" all), ``step, of, count, now, before`` (rates), ``threshold, alarm`` ("", low, drop)."""
    rows = []
    limits = {"clicks": thresholds.clicks, "carts": thresholds.carts, "buyers": thresholds.buyers}
    for channel in ["", *sorted(traffic.now.index)]:
        for step, of in OF.items():
            now, before = (_counted(frame, channel, [step, of]) for frame in (traffic.now, traffic.before))
            if now[step] <= 0 and now[of] <= 0:
                continue
            rate, was = _rate(now, step, of), _rate(before, step, of) if traffic.compares else np.nan
            limit = limits.get(step)
            limit = np.nan if limit is None else limit
            alarm = "low" if rate < limit else "drop" if rate < was * (1.0 - thresholds.drop) else ""
            rows.append((channel, step, of, int(now[step]), rate, was, limit, alarm))
    names = ["channel", "step", "of", "count", "now", "before", "threshold", "alarm"]
    return pd.DataFrame(rows, columns=names).astype(dict.fromkeys(("now", "before", "threshold"), float))


def _counted(table: pd.DataFrame, channel: str, steps: list[str]) -> pd.Series:
    """Sums of steps over a channel ("" all) that has counted each of them."""
    rows = table if channel == "" else table[table.index == channel]
    return rows[steps].dropna().sum()


def _rate(counts: pd.Series, step: str, of: str) -> float:
    return float(counts[step] / counts[of]) if counts[of] > 0 else float("nan")
