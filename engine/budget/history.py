"""From the merchant's tables to the arrays by week or day that the response model is fitted on.

Weeks are counted backwards from the day before the first forecast day, so that they line up with planning weeks; days
are those of these weeks. The last one is the last whose ads are known (see ``covered``).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.budget.causes import known_causes
from engine.budget.covered import ads_known_until, coverage_notes
from engine.budget.deposits import deposit_moves
from engine.budget.grid import Grid, position
from engine.budget.told_by_day import by_week_notes
from engine.data.dataset import Dataset
from engine.data.revenue import net_fen
from engine.plans.errors import BadInput, MissingInput, Problem
from models.response.data import LiftTest, ResponseData, bridged
from models.response.period import DAYS, WEEK, By, periods

Floats = NDArray[np.float64]
REMEDY = "add media (广告投放: date, ad_channel, spend_fen) to plan the ad budget"


def response_data(dataset: Dataset, origin: np.datetime64, by: By = "week") -> ResponseData:
    """:func:`response_history` without its notes."""
    return response_history(dataset, origin, by)[0]


def response_history(dataset: Dataset, origin: np.datetime64, by: By = "week") -> tuple[ResponseData, tuple[str, ...]]:
    """Spend, revenue (paid minus cancelled, tax included) and controls by week or day up to the day before ``origin``,
    or before :func:`ads_known_until` it; and what the user should know of them.

    Revenue of pre-sale orders stands in the period of their deposit (see ``deposits``). A history that does not tell
    days is by week, and it is said.

    Raises MissingInput without spend, BadInput where ``lifts`` names an unknown sales channel.
    """
    data, notes = _history(dataset, origin, DAYS[by])
    against = by_week_notes(dataset, data) if by == "day" else ()
    if against:
        data, notes = _history(dataset, origin, WEEK)
    return bridged(data), (*against, *notes)


def _history(dataset: Dataset, origin: np.datetime64, days: int) -> tuple[ResponseData, tuple[str, ...]]:
    media = dataset.require("media", REMEDY)
    media = media[media["date"] < pd.Timestamp(origin)]
    sales = dataset["sales"]
    if not len(media) or not len(sales):
        raise MissingInput("media", REMEDY)
    oldest = max(sales["date"].min(), media["date"].min())
    known = ads_known_until(dataset, origin)
    grid = Grid(known, periods(max(int((pd.Timestamp(known) - oldest).days // WEEK), 1), days), days)
    channels = tuple(sorted(sales["channel"].astype(str).unique()))
    ad_channels = tuple(sorted(media["ad_channel"].astype(str).unique()))
    money = _revenue(dataset, sales)
    where = position(sales["channel"], channels)
    revenue = grid.sums(where, sales["date"], money, len(channels))
    moves = deposit_moves(dataset, money, origin)
    if len(moves):
        place, yuan = position(moves["channel"], channels), moves["yuan"].to_numpy(float)
        revenue += grid.sums(place, moves["date"], yuan, len(channels))
    spent = media["spend_fen"].to_numpy(float) / 100.0
    spend = grid.sums(position(media["ad_channel"], ad_channels), media["date"], spent, len(ad_channels))
    causes = known_causes(dataset, money, channels, grid)
    split = _split(media, ad_channels, channels, revenue[:, -periods(52, days) :].sum(axis=1))
    tests, claims = _tests(dataset, grid), _claims(media, ad_channels, grid)
    data = ResponseData(ad_channels, channels, spend, revenue, causes, split, tests, claims=claims, days=days)
    return data, (*coverage_notes(dataset, origin), *_whole_site_notes(media), *_deposit_notes(moves))


def _deposit_notes(moves: pd.DataFrame) -> tuple[str, ...]:
    """What of the revenue was counted by its deposit."""
    expected = float(moves.loc[moves["expected"].astype(bool), "yuan"].sum())
    moved = float(moves["yuan"].clip(lower=0).sum()) - expected
    if moved + expected <= 0:
        return ()
    return (
        f"pre-sale: {moved + expected:,.0f} yuan count in the week of their deposit, for the ads of that week; "
        f"{expected:,.0f} of them are balances still expected",
    )


def _whole_site(media: pd.DataFrame) -> tuple[str, ...]:
    """Ad channels whose platform claims organic sales too (全站推广)."""
    if "whole_site" not in media:
        return ()
    return tuple(sorted(set(media.loc[media["whole_site"].fillna(False).astype(bool), "ad_channel"].astype(str))))


def _whole_site_notes(media: pd.DataFrame) -> tuple[str, ...]:
    """What holds for whole-site tools."""
    tools = _whole_site(media)
    if not tools:
        return ()
    return (
        f"{', '.join(tools)}: whole-site tools report organic sales as their own; their claim is not used. They are "
        "set a target ROI, not a spend: lower it where they spend less than planned, raise it where they spend more",
    )


def _claims(media: pd.DataFrame, ad_channels: tuple[str, ...], grid: Grid) -> Floats | None:
    """Yuan that platforms claim, float64 [ad_channels, periods]; NaN for whole-site tools, and in periods in which not
    all spend is told of; None where nothing is."""
    if "attributed_fen" not in media or media["attributed_fen"].isna().all():
        return None
    told = media["attributed_fen"].to_numpy(dtype=float, na_value=np.nan) / 100.0
    where, rows = position(media["ad_channel"], ad_channels), len(ad_channels)
    untold = np.isnan(told) & (media["spend_fen"].to_numpy(float) > 0)
    claims = grid.sums(where, media["date"], np.nan_to_num(told), rows)
    claims[grid.sums(where, media["date"], untold.astype(float), rows) > 0] = np.nan
    claims[[ad_channels.index(name) for name in _whole_site(media)]] = np.nan
    return claims


def _revenue(dataset: Dataset, sales: pd.DataFrame) -> Floats:
    """Yuan of every sales row: paid minus cancelled; units x the median price of the SKU where no money is given."""
    if "amount_paid_fen" in sales:
        return net_fen(sales) / 100.0
    prices = dataset.require("prices", "give amount_paid_fen in sales, or prices, so that ads can be judged by revenue")
    typical = prices.groupby(prices["sku"].astype(str))["paid_price_fen"].median()
    price = sales["sku"].astype(str).map(typical).fillna(0.0).to_numpy(float) / 100.0
    cancelled_units = sales["units_cancelled"].to_numpy(float) if "units_cancelled" in sales else 0.0
    return np.asarray((sales["units_paid"].to_numpy(float) - np.nan_to_num(cancelled_units)) * price)


def _split(media: pd.DataFrame, ad_channels: tuple[str, ...], channels: tuple[str, ...], size: Floats) -> Floats:
    """Share of each ad channel's lift by sales channel: by last year's revenue (``size``) among those it lifts."""
    reach = np.zeros((len(ad_channels), len(channels)), dtype=bool)
    problems = []
    lifts = media["lifts"].astype(object) if "lifts" in media else pd.Series(None, index=media.index, dtype=object)
    pairs = pd.DataFrame({"ad": media["ad_channel"].astype(str), "lifts": lifts}).drop_duplicates()
    for ad, text in zip(pairs["ad"], pairs["lifts"], strict=True):
        named = [] if pd.isna(text) else [part.strip() for part in str(text).split("|") if part.strip()]
        row = ad_channels.index(ad)
        unknown = [name for name in named if name not in channels]
        if unknown and len(unknown) == len(named):
            problems.append(
                Problem(
                    "media",
                    "no sales in the channels that are lifted",
                    column="lifts",
                    value=str(text),
                    expected=" | ".join(channels),
                )
            )
        reach[row, [channels.index(name) for name in named if name in channels] if named else slice(None)] = True
    if problems:
        raise BadInput(problems)
    weight = np.where(reach, size, 0.0)
    empty = weight.sum(axis=1) <= 0
    weight[empty] = reach[empty].astype(float)
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))


def _tests(dataset: Dataset, grid: Grid) -> tuple[LiftTest, ...]:
    """Experiments in periods of the history."""
    table = dataset.get("lift_tests")
    if table is None or not len(table):
        return ()
    table = table.sort_values("test")
    first, last = (
        grid.count - 1 - ((pd.Timestamp(grid.origin) - table[side]).dt.days.to_numpy() - 1) // grid.days
        for side in ("start", "end")
    )
    money = [table[c].to_numpy(float) / 100.0 for c in ("spend_fen", "incremental_fen", "standard_error_fen")]
    names = table["ad_channel"].astype(str)
    return tuple(
        LiftTest(name, int(a), int(b), x, y, e) for name, a, b, x, y, e in zip(names, first, last, *money, strict=True)
    )
