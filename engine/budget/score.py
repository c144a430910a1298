"""Scoring of a split over all draws of the curves: intervals of lift, return and marginal return."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.budget.objective import Worth
from engine.budget.planning import PlanningModel
from engine.budget.search import Split
from engine.budget.terms import Terms

Floats = NDArray[np.float64]
INTERVAL = (0.05, 0.95)
STEP = 0.01


def incremental(model: PlanningModel, spend: Floats) -> Floats:
    """Revenue that the planned spend adds against none, carry-over included, float64 [draws, ad_channels], yuan."""
    curves = model.curves
    nothing = curves.lift(model.with_tail(0.0 * spend)).sum(axis=2)
    return np.asarray(curves.lift(model.with_tail(spend)).sum(axis=2) - nothing)


def channel_table(model: PlanningModel, spend: Floats, today: Floats, data: tuple[str, ...]) -> pd.DataFrame:
    """One row an ad channel: the columns of ``BudgetPlan.channels``, money in fen."""
    lift = incremental(model, spend)
    paid = spend.sum(axis=1)
    divide = np.divide
    roi = divide(lift, paid, out=np.zeros_like(lift), where=paid > 0)
    marginal = _marginal(model, spend)
    now = _marginal(model, today)
    low, high = np.quantile(lift, INTERVAL, axis=0)
    roi_low, roi_high = np.quantile(roi, INTERVAL, axis=0)
    marginal_low, marginal_high = np.quantile(marginal, INTERVAL, axis=0)
    return pd.DataFrame(
        {
            "ad_channel": list(model.curves.ad_channels),
            "spend_fen": whole_fen(spend).sum(axis=1),
            "today_fen": whole_fen(today).sum(axis=1),
            "incremental_fen": fen(lift.mean(axis=0)),
            "incremental_low_fen": fen(low),
            "incremental_high_fen": fen(high),
            "roi": roi.mean(axis=0),
            "roi_low": roi_low,
            "roi_high": roi_high,
            "marginal_roi": marginal.mean(axis=0),
            "marginal_roi_low": marginal_low,
            "marginal_roi_high": marginal_high,
            "marginal_today": now.mean(axis=0),
            "data": list(data),
        }
    )


def _marginal(model: PlanningModel, spend: Floats) -> Floats:
    """Revenue of one more yuan spread like the spend, by draw, float64 [draws, ad_channels]; of the first yuan,
    spread evenly, where an ad channel is off."""
    paid = spend.sum(axis=1, keepdims=True)
    typical = max(float(paid.max(initial=0.0)) / spend.shape[1], 1.0)
    step = STEP * np.where(paid > 0, spend, typical)
    more = incremental(model, spend + step) - incremental(model, spend)
    return np.asarray(more / step.sum(axis=1))


def gains(model: PlanningModel, terms: Terms, worth: Worth, split: Split, today: Floats) -> Floats:
    """Worth of a split's ads against today's, by draw, float64 [draws], yuan; carry-over by draw as well. Offers are
    left out, so that what is shrunk is what the curves claim."""
    lift = (incremental(model, split.spend) - incremental(model, today)) @ worth.margin
    ads = replace(terms, offers=())
    paid, pays = (replace(pattern, taken=()) for pattern in (split.pattern, terms.pattern_of(today)))
    return np.asarray(lift - worth.cost * (ads.cash(split.spend, paid) - ads.cash(today, pays)))


def offer_gains(terms: Terms, worth: Worth, split: Split) -> Floats | float:
    """Worth of the offers that a split takes of its own, by draw, less their cash, yuan."""
    free = [
        (offer, took) for offer, took in zip(terms.offers, split.pattern.taken, strict=True) if offer.decided is None
    ]
    return sum((offer.worth - worth.cost * offer.cash for offer, took in free if took))


def difference(gains: Floats) -> dict[str, float]:
    """Mean and 90 % interval in fen of draws in yuan."""
    low, high = np.quantile(gains, INTERVAL)
    return {"mean": 100.0 * float(gains.mean()), "low": 100.0 * float(low), "high": 100.0 * float(high)}


def fen(yuan: Floats) -> NDArray[np.int64]:
    """Whole fen."""
    return np.rint(100.0 * yuan).astype(np.int64)


def whole_fen(yuan: Floats) -> NDArray[np.int64]:
    """Whole fen that keep the total: the largest remainders are rounded up.

    >>> whole_fen(np.array([[0.014, 0.016]]))
    array([[1, 2]])
    """
    exact = 100.0 * yuan
    down = np.floor(exact).astype(np.int64)
    left = round(float(exact.sum())) - int(down.sum())
    order = np.argsort((down - exact).ravel(), kind="stable")
    down.ravel()[order[:left]] += 1
    return down
