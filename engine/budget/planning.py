"""The planning model: lift as a function of the stock of spend, by draw, with carry-over at its posterior mean."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.response.adstock import adstock
from models.response.curves import ResponseCurves
from models.response.saturation import logistic, logistic_steepness

Floats = NDArray[np.float64]
MOST_TAIL_WEEKS = 6
FORGOTTEN = 0.1
TINY = 1e-9


@dataclass(frozen=True)
class PlanningModel:
    """Revenue of the planned weeks and of the carry-over after them.

    Carry-over and opening stock stand at their posterior means, so that the stock of a plan is one number a week; the
    shapes differ by draw. ``tail`` float64 [ad_channels, tail weeks]: spend taken for granted after the plan, so that
    the last planned week is worth what it still brings later. ``weights`` float64 [draws], adding up to 1: how much
    each draw counts in means.
    """

    curves: ResponseCurves
    weeks: int
    tail: Floats
    weights: Floats

    @classmethod
    def of(cls, curves: ResponseCurves, weeks: int, later: Floats) -> PlanningModel:
        """``later`` [ad_channels, any weeks]: spend after the plan; its mean is kept until the plan is forgotten."""
        longest = float(curves.carryover.mean(axis=0).max(initial=0.0))
        tail = 0 if longest <= 0 else min(int(np.ceil(np.log(FORGOTTEN) / np.log(longest))), MOST_TAIL_WEEKS)
        after = np.repeat(later.mean(axis=1, keepdims=True), tail, axis=1)
        return cls(curves, weeks, after, np.full(curves.draws, 1.0 / max(curves.draws, 1)))

    def on_draws(self, most: int) -> PlanningModel:
        """The model on at most so many draws, evenly picked; carry-over keeps the mean of all of them."""
        curves = self.curves
        if curves.draws <= most:
            return self
        picked = np.linspace(0, curves.draws - 1, most).round().astype(int)
        fewer = replace(
            curves,
            half_saturation=curves.half_saturation[picked],
            slope=curves.slope[picked],
            scale=curves.scale[picked],
            carryover=np.repeat(self.carryover[None], most, axis=0),
            start=np.repeat(self.start[None], most, axis=0),
            forms=None if curves.forms is None else curves.forms.on_geometric(picked),
        )
        return replace(self, curves=fewer, weights=np.full(most, 1.0 / most))

    def weighted(self, weights: Floats) -> PlanningModel:
        """The model in which means count the draws by ``weights`` [draws]."""
        return replace(self, weights=weights / weights.sum())

    @property
    def carryover(self) -> Floats:
        """[ad_channels]"""
        return np.asarray(self.curves.carryover.mean(axis=0))

    @property
    def start(self) -> Floats:
        """[ad_channels], yuan."""
        return np.asarray(self.curves.start.mean(axis=0))

    def with_tail(self, spend: Floats) -> Floats:
        """Planned spend [ad_channels, weeks] with the weeks after it."""
        return np.concatenate([spend, self.tail], axis=1)

    def stock(self, spend: Floats) -> Floats:
        """[ad_channels, weeks + tail weeks], yuan."""
        return adstock(self.with_tail(spend), self.carryover, self.start)

    def by_draw(self, spend: Floats) -> Floats:
        """Lift of all weeks, float64 [draws, ad_channels], yuan."""
        return np.asarray(self._lift(slice(None), self.stock(spend)).sum(axis=2))

    def value(self, spend: Floats) -> float:
        """Mean lift of all weeks and ad channels, yuan."""
        return float(self.weights @ self.by_draw(spend).sum(axis=1))

    def by_week(self, spend: Floats) -> Floats:
        """Mean lift float64 [ad_channels, weeks] in the planned weeks, yuan."""
        return np.tensordot(self.weights, self._lift(slice(None), self.stock(spend)), axes=1)[:, : self.weeks]

    def slopes(self, spend: Floats) -> Floats:
        """Lift of one more yuan in each cell by draw, float64 [draws, ad_channels, weeks]."""
        return self._behind(self._slope(slice(None), self.stock(spend)))

    def gradient(self, spend: Floats) -> Floats:
        """Mean lift of one more yuan in each cell, [ad_channels, weeks]."""
        return self._behind(np.tensordot(self.weights, self._slope(slice(None), self.stock(spend)), axes=1))

    def week_gradient(self, spend: Floats, weeks: NDArray[np.bool_]) -> Floats:
        """Mean lift of one more yuan in each cell that falls into ``weeks`` [weeks], [ad_channels, weeks]."""
        slope = np.tensordot(self.weights, self._slope(slice(None), self.stock(spend)), axes=1)
        counted = np.concatenate([weeks, np.zeros(slope.shape[1] - self.weeks, dtype=bool)])
        return self._behind(np.where(counted, slope, 0.0))

    def lift_at(self, channel: int, week: int, stock: Floats) -> Floats:
        """Mean lift in yuan at stocks [N] of one week; the last one counts what its stock still brings later."""
        last = week == self.weeks - 1
        return np.asarray(self.weights @ (self.last_lift_by_draw if last else self.lift_by_draw)(channel, stock))

    def slope_at(self, channel: int, week: int, stock: Floats) -> Floats:
        """Derivative of :meth:`lift_at`."""
        slope = sum(share * self._slope(channel, later) for later, share in self._later(channel, week, stock))
        return np.asarray(self.weights @ slope)

    def lift_by_draw(self, channel: int, stock: Floats) -> Floats:
        """Lift in yuan at stocks [N] of a week, float64 [draws, N]."""
        return self._lift(channel, stock)

    def last_lift_by_draw(self, channel: int, stock: Floats) -> Floats:
        """The same of the last planned week, with what its stock still brings later."""
        later = self._later(channel, self.weeks - 1, stock)
        return np.asarray(sum(self._lift(channel, entry) for entry, _ in later))

    def _later(self, channel: int, week: int, stock: Floats) -> list[tuple[Floats, float]]:
        """Stocks that the stock of a week stands for, with their share of it."""
        if week < self.weeks - 1 or not self.tail.shape[1]:
            return [(stock, 1.0)]
        keep = float(self.carryover[channel])
        given = adstock(self.tail[channel], np.array(keep), np.array(0.0))
        shares = keep ** np.arange(self.tail.shape[1] + 1)
        return [(share * stock + more, float(share)) for share, more in zip(shares, [0.0, *given], strict=True)]

    def _behind(self, slope: Floats) -> Floats:
        """The chain of carried-over stock backwards, [..., ad_channels, weeks] from [..., all weeks]."""
        carryover = self.carryover
        behind = np.zeros(slope.shape[:-1])
        out = np.empty_like(slope)
        for week in reversed(range(slope.shape[-1])):
            behind = slope[..., week] + carryover * behind
            out[..., week] = (1.0 - carryover) * behind
        return out[..., : self.weeks]

    def _share(self, channel: int | slice, stock: Floats) -> tuple[Floats, ...]:
        """Relative stock, saturation, half and slope by draw, broadcast against the stock."""
        half, power = (getattr(self.curves, name)[:, channel, None] for name in ("half_saturation", "slope"))
        relative = np.maximum(stock, TINY) / half
        powered = relative**power
        share = powered / (1.0 + powered)
        if self.curves.forms is not None:
            share = np.where(self._logistic(channel), logistic(stock, half), share)
        return relative, share, half, power

    def _logistic(self, channel: int | slice) -> NDArray[np.bool_]:
        """Where the curve is not Hill's, by draw."""
        forms = self.curves.forms
        return np.asarray(forms is not None and forms.logistic[:, channel, None] > 0)

    def _lift(self, channel: int | slice, stock: Floats) -> Floats:
        """By draw: [draws, N] of one ad channel, [draws, ad_channels, all weeks] of all."""
        _, share, _, _ = self._share(channel, stock)
        return np.asarray(self.curves.scale[:, channel, None] * share)

    def _slope(self, channel: int | slice, stock: Floats) -> Floats:
        """Derivative of :meth:`_lift`."""
        relative, share, half, power = self._share(channel, stock)
        scale = self.curves.scale[:, channel, None]
        steep = scale * power * share * (1.0 - share) / (relative * half)
        if self.curves.forms is None:
            return np.asarray(steep)
        return np.where(self._logistic(channel), scale * logistic_steepness(relative, half), steep)
