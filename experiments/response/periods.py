"""From the panel of a file to the histories that the response model learns from, with what had to be mended."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.plans.errors import BadInput, Problem
from experiments.response.read import Panel, Question
from models.response.data import MOST_GAPS, ResponseData
from models.response.period import WEEK, in_weeks, periods

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
FEWEST = 3
HARDLY = 0.1  # coefficient of variation below which a channel that never pauses says next to nothing


@dataclass(frozen=True)
class Periods:
    """``regions``: a history each; ``first``: first day of each week or day; ``gap`` [periods]: a region's KPI is
    missing."""

    regions: tuple[ResponseData, ...]
    first: NDArray[np.datetime64]
    gap: Mask
    notes: tuple[str, ...]


def histories(panel: Panel, question: Question) -> Periods:
    """Weeks, or days of whole weeks, counted backwards from the last day. Raises BadInput where fewer than three weeks
    have a KPI, or where days are asked for and not there.

    A period whose KPI is missing, or of a week before a region's first sale, keeps its spend and is taken out of the
    likelihood by an indicator of its own.
    """
    if panel.days > question.days:
        remedy = "Give a row a day, or fit by week (--by week)."
        problem = Problem(question.data.name, "rows are by week", None, question.date, None, "days", remedy)
        raise BadInput([problem])
    notes = list(panel.notes)
    money = panel.values[question.kpi] * _factor(panel, question, notes)
    alive = np.nansum(np.abs(money), axis=1) > 0
    if not alive.all() and alive.any():
        dead = ", ".join(name for name, lives in zip(panel.regions, alive, strict=True) if not lives)
        notes.append(f"regions without any {question.kpi} are left out: {dead}")
    keep = np.flatnonzero(alive) if alive.any() else np.arange(len(money))
    spend = np.stack([_spend(panel, column, notes)[keep] for column in question.spend], axis=1)
    controls = np.stack([_filled(panel, column, notes)[keep] for column in panel.controls] or [money[keep]], axis=2)
    odd = money.shape[1] % periods(1, panel.days)
    if odd:
        notes.append(f"the first {odd} days make no whole week and are left out")
    rows, one = question.days // panel.days, periods(1, question.days)
    sold = _blocks(money[keep][:, odd:], rows).sum(axis=2)
    spent = _blocks(spend[..., odd:], rows).sum(axis=3)
    causes = _blocks(controls.transpose(0, 2, 1)[..., odd:], rows).mean(axis=3).transpose(0, 2, 1)
    closed = _closed(sold, question.days)
    known = np.flatnonzero(in_weeks(~(np.isnan(sold) | closed).all(axis=0), question.days).any(axis=1))
    if len(known) < FEWEST:
        raise BadInput([Problem(question.data.name, f"{len(known)} weeks with a KPI", None, question.kpi)])
    span, weeks = slice(one * int(known[0]), one * (int(known[-1]) + 1)), int(known[-1]) + 1 - int(known[0])
    if weeks < sold.shape[1] // one:
        notes.append(f"{sold.shape[1] // one - weeks} weeks before the first or after the last KPI are left out")
    first = panel.dates[odd:][::rows]
    kept = causes[:, span, : len(panel.controls)]
    return _histories(question, sold[:, span], spent[:, :, span], kept, first[span], notes)


def _histories(
    question: Question, money: Floats, spend: Floats, controls: Floats, first: NDArray[np.datetime64], notes: list[str]
) -> Periods:
    closed = _closed(money, question.days)
    blank = (np.isnan(money) & ~closed).any(axis=0)
    money = np.where(closed, np.nan, money)
    missing = np.isnan(money)
    gap = missing.any(axis=0)
    indicators = np.zeros((*money.shape, int(gap.sum())))
    for number, period in enumerate(np.flatnonzero(gap)):
        indicators[missing[:, period], period, number] = 1.0
    if blank.any():
        listed = ", ".join(str(day) for day in first[blank][:5]) + (" ..." if blank.sum() > 5 else "")
        notes.append(
            f"{question.kpi} is missing in {int(blank.sum())} of {len(blank)} {question.by}s ({listed}): "
            "they say nothing of the ads"
        )
    if closed.any():
        weeks = int(in_weeks(closed.any(axis=0), question.days).any(axis=1).sum())
        notes.append(
            f"{int(closed.any(axis=1).sum())} of {len(money)} regions begin to sell later than the first: the {weeks} "
            "weeks before say nothing of the ads there"
        )
    quiet = float((np.nansum(money, axis=0) == 0).mean())
    if question.days < WEEK and MOST_GAPS < quiet < 1.0:
        notes.append(f"{question.kpi} is zero on {quiet:.0%} of the days: fit by week (--by week)")
    mended = pd.DataFrame(money.T).interpolate(limit_direction="both").to_numpy().T
    every = np.concatenate([controls, indicators], axis=2)
    split = np.ones((len(question.spend), 1))
    regions = tuple(
        ResponseData(
            question.spend, (question.kpi,), spend[row], mended[row][None], every[row][None], split, days=question.days
        )
        for row in range(len(money))
    )
    notes += _steady(question, spend.sum(axis=0))
    return Periods(regions, first, gap, tuple(notes))


def _closed(money: Floats, days: int) -> Mask:
    """Periods of weeks before the first sale of each region, [regions, periods]: nothing was on sale, so that zeros say
    as little as blanks. None where there is no sale at all."""
    sold = in_weeks(np.nan_to_num(money) != 0, days).any(axis=2)
    before = ~np.maximum.accumulate(sold, axis=1) & sold.any(axis=1, keepdims=True)
    return np.repeat(before, periods(1, days), axis=1)


def _steady(question: Question, spend: Floats) -> list[str]:
    """Channels that never pause and hardly vary."""
    return [
        f"ad channel {name} is always on and varies by {row.std() / row.mean():.0%} only: little can be learned of it"
        for name, row in zip(question.spend, spend, strict=True)
        if (row > 0).all() and row.std() < HARDLY * row.mean()
    ]


def _factor(panel: Panel, question: Question, notes: list[str]) -> Floats:
    """Yuan a unit of the KPI, by region and period."""
    if question.revenue_per_kpi is None:
        return np.ones_like(panel.values[question.kpi])
    worth = panel.values[question.revenue_per_kpi]
    lacking = np.isnan(worth) & ~panel.absent
    if np.isnan(worth).all():
        raise BadInput([Problem(question.data.name, "column is empty", column=question.revenue_per_kpi)])
    if lacking.any():
        notes.append(f"{question.revenue_per_kpi} is missing in {int(lacking.sum())} rows: its mean is taken")
    return np.where(np.isnan(worth), np.nanmean(worth), worth)


def _spend(panel: Panel, column: str, notes: list[str]) -> Floats:
    """Spend without holes: blank cells are 0, absent rows lie between their neighbours, negative amounts are 0."""
    values = panel.values[column]
    blank, negative = np.isnan(values) & ~panel.absent, values < 0
    if blank.any():
        notes.append(f"{column} is blank in {int(blank.sum())} rows: taken as no spend")
    if negative.any():
        amount = float(-values[negative].sum())
        notes.append(f"{column} is negative in {int(negative.sum())} rows ({amount:,.2f} in all): taken as no spend")
    values = np.where(blank | negative, 0.0, values)
    if panel.absent.any():
        notes.append(f"{column}: {int(panel.absent.sum())} periods without a row lie between their neighbours")
        values = pd.DataFrame(values.T).interpolate(limit_direction="both").fillna(0.0).to_numpy().T
    return values


def _filled(panel: Panel, column: str, notes: list[str]) -> Floats:
    """A control without holes."""
    values = panel.values[column]
    lacking = np.isnan(values)
    if not lacking.any():
        return values
    notes.append(f"control {column} is missing in {int(lacking.sum())} periods: taken from its neighbours")
    return pd.DataFrame(values.T).interpolate(limit_direction="both").fillna(0.0).to_numpy().T


def _blocks(values: Floats, rows: int) -> Floats:
    """[..., periods of the file] as [..., periods, rows of one]."""
    return values.reshape(*values.shape[:-1], -1, rows)
