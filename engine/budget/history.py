"""From the merchant's tables to the weekly arrays that the response model is fitted on.

Weeks are counted backwards from the day before the first forecast day, so that they line up with planning weeks.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.budget.deposits import deposit_moves
from engine.data.dataset import Dataset
from engine.data.revenue import net_fen
from engine.plans.errors import BadInput, MissingInput, Problem
from models.response.data import LiftTest, ResponseData, bridged

Floats = NDArray[np.float64]
REMEDY = "add media (广告投放: date, ad_channel, spend_fen) to plan the ad budget"


def response_data(dataset: Dataset, origin: np.datetime64) -> ResponseData:
    """:func:`response_history` without its notes."""
    return response_history(dataset, origin)[0]


def response_history(dataset: Dataset, origin: np.datetime64) -> tuple[ResponseData, tuple[str, ...]]:
    """Weekly spend, revenue (paid minus cancelled, tax included) and controls up to the day before ``origin``; and what
    the user should know of them.

    Revenue of pre-sale orders stands in the week of their deposit (see ``deposits``).

    Raises MissingInput without spend, BadInput where ``lifts`` names an unknown sales channel.
    """
    media = dataset.require("media", REMEDY)
    media = media[media["date"] < pd.Timestamp(origin)]
    sales = dataset["sales"]
    if not len(media) or not len(sales):
        raise MissingInput("media", REMEDY)
    oldest = max(sales["date"].min(), media["date"].min())
    weeks = max(int((pd.Timestamp(origin) - oldest).days // 7), 1)
    channels = tuple(sorted(sales["channel"].astype(str).unique()))
    ad_channels = tuple(sorted(media["ad_channel"].astype(str).unique()))
    money = _revenue(dataset, sales)
    where = _position(sales["channel"], channels)
    revenue = _sum(where, sales["date"], money, origin, (len(channels), weeks))
    moves = deposit_moves(dataset, money, origin)
    if len(moves):
        place, yuan = _position(moves["channel"], channels), moves["yuan"].to_numpy(float)
        revenue += _sum(place, moves["date"], yuan, origin, revenue.shape)
    spend = _sum(
        _position(media["ad_channel"], ad_channels),
        media["date"],
        media["spend_fen"].to_numpy(float) / 100.0,
        origin,
        (len(ad_channels), weeks),
    )
    controls = [_price_index(sales, money, where, origin, revenue.shape), _stock_out(dataset, channels, origin, weeks)]
    shared = _event_columns(dataset, channels, origin, weeks)
    stacked = np.concatenate([np.stack(controls, axis=2), shared], axis=2)
    split = _split(media, ad_channels, channels, revenue)
    tests, claims = _tests(dataset, origin, weeks), _claims(media, ad_channels, origin, weeks)
    data = ResponseData(ad_channels, channels, spend, revenue, stacked, split, tests, claims=claims)
    return bridged(data), (*_whole_site_notes(media), *_deposit_notes(moves))


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


def _claims(media: pd.DataFrame, ad_channels: tuple[str, ...], origin: np.datetime64, weeks: int) -> Floats | None:
    """Yuan that platforms claim, float64 [ad_channels, weeks]; NaN for whole-site tools, and in weeks in which not all
    spend is told of; None where nothing is."""
    if "attributed_fen" not in media or media["attributed_fen"].isna().all():
        return None
    told = media["attributed_fen"].to_numpy(dtype=float, na_value=np.nan) / 100.0
    where, shape = _position(media["ad_channel"], ad_channels), (len(ad_channels), weeks)
    untold = np.isnan(told) & (media["spend_fen"].to_numpy(float) > 0)
    claims = _sum(where, media["date"], np.nan_to_num(told), origin, shape)
    claims[_sum(where, media["date"], untold.astype(float), origin, shape) > 0] = np.nan
    claims[[ad_channels.index(name) for name in _whole_site(media)]] = np.nan
    return claims


def _position(column: pd.Series, names: tuple[str, ...]) -> NDArray[np.int64]:
    """Row of each entry in ``names``; fast on categoricals."""
    kind = column.astype("category")
    lookup = {name: row for row, name in enumerate(names)}
    table = np.array([lookup.get(str(entry), -1) for entry in kind.cat.categories], dtype=np.int64)
    codes = kind.cat.codes.to_numpy()
    return np.where(codes >= 0, table[codes], -1) if len(table) else np.full(len(codes), -1)


def _week(dates: pd.Series, origin: np.datetime64, weeks: int) -> NDArray[np.int64]:
    """Week of each date: ``weeks - 1`` is the last one before the origin; negative: too old."""
    days = (pd.Timestamp(origin) - dates).dt.days.to_numpy()
    return np.where(days >= 1, weeks - 1 - (days - 1) // 7, -1)


def _sum(
    row: NDArray[np.int64], dates: pd.Series, values: Floats, origin: np.datetime64, shape: tuple[int, int]
) -> Floats:
    """Sums by row and week, float64 ``shape``."""
    week = _week(dates, origin, shape[1])
    inside = (row >= 0) & (week >= 0)
    key = row[inside] * shape[1] + week[inside]
    return np.bincount(key, weights=values[inside], minlength=shape[0] * shape[1]).astype(float).reshape(shape)


def _revenue(dataset: Dataset, sales: pd.DataFrame) -> Floats:
    """Yuan of every sales row: paid minus cancelled; units x the median price of the SKU where no money is given."""
    if "amount_paid_fen" in sales:
        return net_fen(sales) / 100.0
    prices = dataset.require("prices", "give amount_paid_fen in sales, or prices, so that ads can be judged by revenue")
    typical = prices.groupby(prices["sku"].astype(str))["paid_price_fen"].median()
    price = sales["sku"].astype(str).map(typical).fillna(0.0).to_numpy(float) / 100.0
    cancelled_units = sales["units_cancelled"].to_numpy(float) if "units_cancelled" in sales else 0.0
    return np.asarray((sales["units_paid"].to_numpy(float) - np.nan_to_num(cancelled_units)) * price)


def _price_index(
    sales: pd.DataFrame, money: Floats, where: NDArray[np.int64], origin: np.datetime64, shape: tuple[int, ...]
) -> Floats:
    """Money paid / money at each item's own mean price, float64 [channels, weeks]; 1 in weeks without sales."""
    units = sales["units_paid"].to_numpy(float)
    item = sales["sku"].astype("category").cat.codes.to_numpy().astype(np.int64)
    key = where * (int(item.max(initial=0)) + 1) + item
    total_money = np.bincount(key, weights=money)
    total_units = np.bincount(key, weights=units)
    usual = np.divide(total_money, total_units, out=np.zeros_like(total_money), where=total_units > 0)
    size = (shape[0], shape[1])
    paid = _sum(where, sales["date"], money, origin, size)
    expected = _sum(where, sales["date"], units * usual[key], origin, size)
    return np.divide(paid, expected, out=np.ones(size), where=expected > 0)


def _stock_out(dataset: Dataset, channels: tuple[str, ...], origin: np.datetime64, weeks: int) -> Floats:
    """Item-days out of stock, float64 [channels, weeks]; the fit brings it to a common scale."""
    table = dataset.get("availability")
    if table is None or not len(table):
        return np.zeros((len(channels), weeks))
    lost = 1.0 - table["in_stock_share"].to_numpy(float)
    return _sum(_position(table["channel"], channels), table["date"], lost, origin, (len(channels), weeks))


def _event_columns(dataset: Dataset, channels: tuple[str, ...], origin: np.datetime64, weeks: int) -> Floats:
    """Share of each week in every kind and phase of event, float64 [channels, weeks, K]."""
    table = dataset.get("events")
    if table is None or not len(table):
        return np.zeros((len(channels), weeks, 0))
    names = (table["kind"].astype(str) + "." + table["phase"].astype(str)).to_numpy()
    kinds = sorted(set(names))
    first = origin.astype("datetime64[D]") - 7 * weeks
    start = (table["start"].to_numpy().astype("datetime64[D]") - first).astype(int)
    stop = (table["end"].to_numpy().astype("datetime64[D]") - first).astype(int) + 1
    place = table["channel"].astype(object).to_numpy() if "channel" in table else np.full(len(table), None)
    days = np.zeros((len(channels), len(kinds), weeks * 7))
    for row in range(len(table)):
        everywhere = pd.isna(place[row]) or str(place[row]) == ""
        rows = slice(None) if everywhere else [i for i, name in enumerate(channels) if name == str(place[row])]
        days[rows, kinds.index(names[row]), max(start[row], 0) : max(stop[row], 0)] = 1.0
    return np.asarray(days.reshape(len(channels), len(kinds), weeks, 7).mean(axis=3).transpose(0, 2, 1))


def _split(media: pd.DataFrame, ad_channels: tuple[str, ...], channels: tuple[str, ...], revenue: Floats) -> Floats:
    """Share of each ad channel's lift by sales channel: by last year's revenue among those it lifts."""
    size = revenue[:, -52:].sum(axis=1)
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


def _tests(dataset: Dataset, origin: np.datetime64, weeks: int) -> tuple[LiftTest, ...]:
    """Experiments in weeks of the history."""
    table = dataset.get("lift_tests")
    if table is None or not len(table):
        return ()
    table = table.sort_values("test")
    first, last = (
        weeks - 1 - ((pd.Timestamp(origin) - table[c]).dt.days.to_numpy() - 1) // 7 for c in ("start", "end")
    )
    money = [table[c].to_numpy(float) / 100.0 for c in ("spend_fen", "incremental_fen", "standard_error_fen")]
    names = table["ad_channel"].astype(str)
    return tuple(
        LiftTest(name, int(a), int(b), x, y, e) for name, a, b, x, y, e in zip(names, first, last, *money, strict=True)
    )
