"""The price table: slips, steps that no merchant makes, prices in the wrong order, prices below cost."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from engine.data.checks.facts import Facts
from engine.data.checks.finding import Finding, Level, tell
from engine.data.checks.tools import (
    Mask,
    apart,
    codes_in,
    codes_of,
    days_of,
    has,
    names_of,
    number,
    numbers,
    spots,
    text,
    usual,
)
from models.economics import USUAL_VAT

STEP_FACTOR = 3.0
"""A step of a price by this factor or its inverse looks like a slip."""
CHANNEL_FACTOR = 3.0
COST_FACTOR = 6.0
"""A cost share of the price this far from the merchant's usual one looks like a slip."""
BELOW_COST, FAR_BELOW_COST, SEVERAL = 0.95, 0.75, 3
"""A price or two a little below cost is a clearance, and so are those of the last weeks of a SKU."""
CLEARANCE_DAYS = 60
WHERE = ("sku", "channel", "date")


def price_steps(facts: Facts) -> Iterator[Finding]:
    """Prices of 0, and steps that look like a slip of the decimal point."""
    prices = facts.data.get("prices")
    if not has(prices, "sku", "channel", "date", "paid_price_fen"):
        return
    assert prices is not None
    sku, channel = codes_of(prices["sku"])[0], codes_of(prices["channel"])[0]
    price = number(prices, "paid_price_fen")
    assert price is not None
    yield from tell("prices.zero", *spots(prices, ~(price > 0), *WHERE))
    days = prices["date"].to_numpy().astype("datetime64[D]").astype(np.int64)
    order = np.lexsort((days, channel, sku))
    same = (np.diff(sku[order]) == 0) & (np.diff(channel[order]) == 0)
    jump = same & apart(price[order][1:], price[order][:-1], STEP_FACTOR)
    wrong = np.zeros(len(prices), dtype=bool)
    wrong[order[1:][jump]] = True
    yield from tell("prices.jump", *spots(prices, wrong, *WHERE), factor=f"{STEP_FACTOR:g}")
    yield from _across_channels(prices, sku, channel, price)


def _across_channels(
    prices: pd.DataFrame, sku: np.ndarray, channel: np.ndarray, price: np.ndarray
) -> Iterator[Finding]:
    """SKUs whose price in one channel is far from that in the others."""
    channels = int(channel.max(initial=0)) + 1
    series = np.where((sku >= 0) & (channel >= 0), sku * channels + channel, -1)
    own = usual(price, series, (int(sku.max(initial=0)) + 1) * channels).reshape(-1, channels)
    with np.errstate(invalid="ignore"), _quiet():
        middle = np.nanmedian(own, axis=1, keepdims=True)
    several = (~np.isnan(own)).sum(axis=1, keepdims=True) > 2
    wrong = np.flatnonzero((apart(own, np.broadcast_to(middle, own.shape), CHANNEL_FACTOR) & several).ravel())
    names = (codes_of(prices["sku"])[1], codes_of(prices["channel"])[1])
    examples = (f"{names[0][int(code) // channels]} {names[1][int(code) % channels]}" for code in wrong)
    yield from tell("prices.channels_apart", len(wrong), examples)


class _quiet:
    """Medians of nothing are meant to be NaN."""

    def __enter__(self) -> None:
        import warnings

        self._kept = warnings.catch_warnings()
        self._kept.__enter__()
        warnings.simplefilter("ignore", RuntimeWarning)

    def __exit__(self, *error: object) -> None:
        self._kept.__exit__(None, None, None)


def price_order(facts: Facts) -> Iterator[Finding]:
    """Paid above list, floor above paid, subsidy above paid."""
    prices = facts.data.get("prices")
    if prices is None:
        return
    for upper, lower, kind in (
        ("paid_price_fen", "list_price_fen", "prices.above_list"),
        ("floor_price_fen", "paid_price_fen", "prices.below_floor"),
        ("platform_subsidy_fen", "paid_price_fen", "prices.subsidy"),
    ):
        pair = numbers(prices, upper, lower)
        if pair is not None:
            with np.errstate(invalid="ignore"):
                wrong = (pair[0] > pair[1]) & (pair[1] > 0)
            yield from tell(kind, *spots(prices, wrong, *WHERE))
    stream = facts.data.get("live_streams")
    if has(stream, "sku", "price_fen") and len(facts.price):
        assert stream is not None
        price = number(stream, "price_fen")
        assert price is not None
        reference = facts.price.reindex(codes_of(stream["sku"])[1]).to_numpy(dtype=float)
        wrong = apart(price, np.append(reference, np.nan)[codes_of(stream["sku"])[0]], 4.0) | (price <= 0)
        yield from tell("live_streams.price", *spots(stream, wrong, "stream", "sku"))


def costs(facts: Facts) -> Iterator[Finding]:
    """Costs above the price, prices below the cost, costs out of all proportion, terms far from the cost."""
    skus = facts.data.get("skus")
    if not has(skus, "sku", "unit_cost_fen"):
        return
    assert skus is not None
    cost = number(skus, "unit_cost_fen")
    vat = number(skus, "vat_rate")
    assert cost is not None
    names = codes_of(skus["sku"])[1][codes_of(skus["sku"])[0]]
    net = facts.price.reindex(names).to_numpy(dtype=float) / (
        1.0 + (USUAL_VAT if vat is None else np.nan_to_num(vat, nan=USUAL_VAT))
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        above = (cost > net) & (net > 0)
        share = np.where((cost > 0) & (net > 0), cost / net, np.nan)
    yield from tell("skus.cost_above_price", *spots(skus, above, "sku"))
    if np.isfinite(share).sum() > 4:
        middle = np.full(len(share), float(np.nanmedian(share)))
        yield from tell("skus.cost_apart", *spots(skus, apart(share, middle, COST_FACTOR) & ~above, "sku"))
    yield from _below_cost(facts, names, cost, vat)


def _below_cost(facts: Facts, names: pd.Index, cost: np.ndarray, vat: np.ndarray | None) -> Iterator[Finding]:
    prices = facts.data.get("prices")
    if not has(prices, "sku", "paid_price_fen"):
        return
    assert prices is not None
    gross = cost * (1.0 + (USUAL_VAT if vat is None else np.nan_to_num(vat, nan=USUAL_VAT)))
    place = codes_in(prices["sku"], pd.Index(names))
    paid = number(prices, "paid_price_fen")
    assert paid is not None
    cost_paid = np.append(gross, np.nan)[place]
    with np.errstate(invalid="ignore"):
        wrong = (paid > 0) & (paid < BELOW_COST * cost_paid)
        deep = (paid > 0) & (paid < FAR_BELOW_COST * cost_paid)
    count, examples = spots(prices, wrong, *WHERE)
    meant = _clearance(facts, prices)
    styles = names_of(_styles(facts, prices.loc[wrong & ~meant, "sku"]))[0]
    level: Level = "warning" if (deep & ~meant).any() or styles >= SEVERAL else "note"
    yield from tell("prices.below_cost", count, examples, level, skus=names_of(prices.loc[wrong, "sku"])[0])


def _styles(facts: Facts, skus: pd.Series) -> pd.Series:
    """The style of each SKU, itself where it has none: all sizes of a loss leader are one decision."""
    master, names = facts.data["skus"], text(skus)
    if "spu" not in master:
        return names
    style = pd.Series(text(master["spu"]).to_numpy(), index=text(master["sku"]))
    found = style[~style.index.duplicated()].reindex(names).set_axis(names.index).fillna("")
    return found.where(found != "", names)


def _clearance(facts: Facts, prices: pd.DataFrame) -> Mask:
    """Prices of the last weeks before a SKU ends."""
    skus = facts.data["skus"]
    if not has(skus, "sku", "end_date") or "date" not in prices:
        return np.zeros(len(prices), dtype=bool)
    end = pd.Series(days_of(skus["end_date"]).astype("datetime64[s]"), index=text(skus["sku"]))
    last = end[~end.index.duplicated()].reindex(text(prices["sku"])).to_numpy().astype("datetime64[D]")
    return np.asarray(days_of(prices["date"]) > last - CLEARANCE_DAYS)
