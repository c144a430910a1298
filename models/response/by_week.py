"""Curves that were fitted by day, as curves by week: what plans of weeks are made with.

Spend that is even over the days of a week brings seven times what a day of it brings, and works as many weeks later on
average as it works days later, over seven: steady spend and the sum of what any spend brings on a straight curve are
the same, lags nearly so. Left out: spend that is uneven over the days of a week brings less where the curve is concave
(more where it is convex) than the same money spread evenly, which is what the weekly curve says.
"""

from __future__ import annotations

from dataclasses import replace

from models.response.adstock import finer
from models.response.curves import ResponseCurves
from models.response.fit import ResponseFit
from models.response.forms import Forms
from models.response.period import WEEK, in_weeks, periods


def fit_by_week(fit: ResponseFit) -> ResponseFit:
    """The fit with curves by week; ROI and verdicts stay."""
    return replace(fit, curves=curves_by_week(fit.curves))


def curves_by_week(curves: ResponseCurves) -> ResponseCurves:
    """Money by week, carry-over with the mean lag of that by day, and a stock that still works as much."""
    if curves.days == WEEK:
        return curves
    week = periods(1, curves.days)
    return replace(
        curves,
        carryover=finer(curves.carryover, 1.0 / week),
        half_saturation=week * curves.half_saturation,
        scale=week * curves.scale,
        start=week * curves.start,
        forms=None if curves.forms is None else _forms_by_week(curves.forms),
        days=WEEK,
    )


def _forms_by_week(forms: Forms) -> Forms:
    """Lags are added up over the days of a week; of the days before, the whole weeks."""
    past = forms.past[:, forms.past.shape[1] % periods(1, forms.days) :]
    return replace(forms, past=in_weeks(past, forms.days).sum(axis=2), days=WEEK)
