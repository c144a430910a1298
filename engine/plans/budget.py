"""BudgetPlan: where to spend, week by week, and the response curves behind it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.plans.parts import Parts
from engine.plans.solve import SolveReport
from models.response.curves import ResponseCurves
from models.response.forms import Forms
from models.response.period import WEEK

_TABLES = ("days", "hours", "offers", "reserve", "review", "groups", "trials")
"""Frames that plans of before they were there do without."""
_PARAMETERS = ("carryover", "half_saturation", "slope", "scale", "start")
_FORMS = ("carry", "lag_shape", "lag_weeks", "logistic")


@dataclass(frozen=True)
class BudgetPlan:
    """The split of one quarter.

    ``split``: frame ``week, ad_channel, spend_fen, today_fen`` (today: the same money as it is split now).
    ``channels``: frame by ad channel ``ad_channel, spend_fen, today_fen, incremental_fen, incremental_low_fen,
    incremental_high_fen, roi, roi_low, roi_high, marginal_roi, marginal_roi_low, marginal_roi_high, marginal_today,
    data, held_by, held_price`` (``marginal_today``: marginal return of today's split; ``data``: what the history can
    tell; ``held_by``: the rule of its own that holds it most, with the objective of one more yuan of room).
    ``difference``: mean, low, high (90 %) of plan minus today in the objective, fen, less what is claimed only because
    the best of noisy estimates was picked.
    ``days``: frame ``date, ad_channel, spend_fen``: the weeks by day, adding up to the fen.
    ``hours``: frame ``date, ad_channel, hour, until, spend_fen``: event days between two hours, adding up to the fen.
    ``frontier``: frame ``budget_fen, spend_fen, cash_fen, incremental_fen, incremental_low_fen, incremental_high_fen,
    contribution_fen, marginal`` by level of the budget (cash: with fees, without balances that were paid before).
    ``offers``: frame by live stream on offer ``stream, date, channel, host, decision`` (sign or leave), ``decided`` (by
    the settings), ``slot_fee_fen, sales_fen, sales_low_fen, sales_high_fen, refund_fen`` (of the guarantee),
    ``contribution_fen, contribution_low_fen, contribution_high_fen`` (after the slot fee), ``pays`` (how likely that is
    above zero), ``break_even_units, break_even_fen`` (from which the slot pays after returns; blank: never),
    ``reserve_units, short_units, surplus_fen`` (objective above what the money brings elsewhere).
    ``reserve``: frame ``stream, date, sku, units, on_hand, short_units``: stock to reserve before signing.
    ``review``: frame by ad channel and campaign type over the last 52 weeks: spend, ``visitors`` and ``visit_fen``
    (cost of one), what the platform attributes, what the response says (``incremental``, ``roi``, ``marginal_roi``
    with low and high), first-time ``buyers``, ``buyer_fen`` (acquisition cost) and their ``new_share`` in that revenue
    with low and high, ``coupons`` (given before it was paid), ``refunds, commission, freight, vat, goods, protection``
    of that revenue (VAT less what comes back of the ads') and the ``contribution`` after them and the ads with low and
    high, all in fen; ``basis``: how campaign types share the response. Blank where nothing tells.
    ``groups``: frame ``ad_channel, group`` (new, hero, rest), ``skus, top`` (best sellers), ``sales_fen`` (expected),
    ``left_rate`` (contribution of a yuan of them), ``room_fen`` (spend that supply allows; blank: any), ``spend_fen``
    (adds up to the ad channel), ``why``.
    ``trials``: frame by ad channel ``ad_channel, know_fen`` (what full knowledge of its curve would add to the plan of
    these weeks), the test that pays best: ``start, end`` (days), ``change`` of its spend, ``moved_fen`` (spend),
    ``effect_fen, error_fen`` (expected change of revenue and the standard error of its measurement), ``learn_fen``
    (what its answer adds), ``cost_fen`` (what it loses), ``net_fen``; the best test first.
    ``reference``: frame ``week`` and a column an ad channel, yuan a week over the whole forecast: today's spend carried
    on, which the forecast's mean already holds.
    ``curves`` are by week, also where the response was fitted by day.
    """

    split: pd.DataFrame
    channels: pd.DataFrame
    curves: ResponseCurves
    report: SolveReport
    difference: dict[str, float]
    reference: pd.DataFrame
    frontier: pd.DataFrame
    warnings: tuple[str, ...] = ()
    metrics: dict[str, float] = field(default_factory=dict)
    days: pd.DataFrame = field(default_factory=pd.DataFrame)
    hours: pd.DataFrame = field(default_factory=pd.DataFrame)
    offers: pd.DataFrame = field(default_factory=pd.DataFrame)
    reserve: pd.DataFrame = field(default_factory=pd.DataFrame)
    review: pd.DataFrame = field(default_factory=pd.DataFrame)
    groups: pd.DataFrame = field(default_factory=pd.DataFrame)
    trials: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def signed(self) -> tuple[str, ...]:
        """Live streams on offer that the plan signs."""
        return tuple(self.offers.loc[self.offers["decision"] == "sign", "stream"]) if len(self.offers) else ()

    @property
    def status(self) -> str:
        """``done``: the whole budget is placed."""
        return "done"

    @property
    def reach(self) -> dict[str, dict[str, float]]:
        """By ad channel the sales channels on which its lift falls, the largest share first."""
        rows = zip(self.curves.ad_channels, self.curves.split, strict=True)
        pairs = ((name, zip(self.curves.channels, map(float, row), strict=True)) for name, row in rows)
        return {name: dict(sorted((p for p in row if p[1] > 0), key=lambda pair: -pair[1])) for name, row in pairs}

    @property
    def brought_fen(self) -> int:
        """Expected revenue of the ads and of the live streams that the plan signs."""
        ads = int(self.channels["incremental_fen"].sum())
        if not len(self.offers):
            return ads
        return ads + int(self.offers.loc[self.offers["decision"] == "sign", "sales_fen"].sum())

    def spend_yuan(self, weeks: NDArray[np.datetime64], otherwise: NDArray[np.float64]) -> NDArray[np.float64]:
        """Planned spend, yuan a week [ad_channels, weeks]; ``otherwise`` (same shape) in weeks that are not planned."""
        table = self.split.pivot(index="ad_channel", columns="week", values="spend_fen") / 100.0
        table = table.reindex(index=list(self.curves.ad_channels), columns=pd.DatetimeIndex(weeks))
        planned = table.to_numpy(dtype=float)
        return cast(NDArray[np.float64], np.where(np.isnan(planned), otherwise, planned))

    def to_parts(self) -> Parts:
        curves = self.curves
        draws = pd.concat(
            [
                pd.DataFrame(getattr(curves, name), columns=list(curves.ad_channels)).assign(parameter=name)
                for name in _PARAMETERS
            ],
            ignore_index=True,
        )
        split = pd.DataFrame(curves.split, columns=list(curves.channels))
        forms = {} if curves.forms is None else _form_frames(curves.forms, list(curves.ad_channels))
        return Parts(
            {
                "split": self.split,
                "channels": self.channels,
                "reference": self.reference,
                "frontier": self.frontier,
                **{name: getattr(self, name) for name in _TABLES},
                "curve_draws": draws,
                "curve_split": split,
                **forms,
            },
            {
                "report": self.report.as_dict(),
                "difference": self.difference,
                "ad_channels": list(curves.ad_channels),
                "warnings": list(self.warnings),
                "metrics": self.metrics,
                **({} if curves.forms is None else {"lags_fitted_days": curves.forms.fitted}),
            },
        )

    @classmethod
    def from_parts(cls, parts: Parts) -> BudgetPlan:
        names = tuple(parts.meta["ad_channels"])
        draws = parts.frames["curve_draws"]
        carryover, half, slope, scale, start = (
            draws.loc[draws["parameter"] == name, list(names)].to_numpy() for name in _PARAMETERS
        )
        forms = _forms(parts, list(names))
        split = parts.frames["curve_split"]
        return cls(
            parts.frames["split"],
            parts.frames["channels"],
            ResponseCurves(names, tuple(split.columns), carryover, half, slope, scale, start, split.to_numpy(), forms),
            SolveReport.from_dict(parts.meta["report"]),
            dict(parts.meta["difference"]),
            parts.frames["reference"],
            parts.frames["frontier"],
            tuple(parts.meta["warnings"]),
            dict(parts.meta["metrics"]),
            **{name: parts.frames.get(name, pd.DataFrame()) for name in _TABLES},
        )


def _form_frames(forms: Forms, names: list[str]) -> dict[str, pd.DataFrame]:
    """Forms of curves that are not all geometric and Hill: draws by parameter, and the weeks of spend before."""
    draws = [pd.DataFrame(getattr(forms, name), columns=names).assign(parameter=name) for name in _FORMS]
    return {"curve_forms": pd.concat(draws, ignore_index=True), "curve_past": pd.DataFrame(forms.past.T, columns=names)}


def _forms(parts: Parts, names: list[str]) -> Forms | None:
    if "curve_forms" not in parts.frames:
        return None
    draws = parts.frames["curve_forms"]
    carry, shape, weeks, logistic = (draws.loc[draws["parameter"] == name, names].to_numpy() for name in _FORMS)
    past, fitted = parts.frames["curve_past"][names].to_numpy().T, int(parts.meta.get("lags_fitted_days", WEEK))
    return Forms(carry, shape, weeks, logistic, past, fitted=fitted)
