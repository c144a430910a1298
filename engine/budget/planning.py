"""The planning model: expected lift as a function of the stock of spend, one curve an ad channel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.response.curves import ResponseCurves, adstock

Floats = NDArray[np.float64]
MOST_TAIL_WEEKS = 6
FORGOTTEN = 0.1


@dataclass(frozen=True)
class PlanningModel:
    """Revenue of the planned weeks and of the carry-over after them.

    Carry-over and opening stock stand at their posterior means; the curve of a channel is the mean of its drawn
    curves, so uncertainty about saturation is in. ``tail`` float64 [ad_channels, tail weeks]: spend taken for granted
    after the plan, so that the last planned week is worth what it still brings later.
    """

    curves: ResponseCurves
    weeks: int
    tail: Floats

    @classmethod
    def of(cls, curves: ResponseCurves, weeks: int, later: Floats) -> PlanningModel:
        """``later`` [ad_channels, any weeks]: spend after the plan; its mean is kept until the plan is forgotten."""
        longest = float(curves.carryover.mean(axis=0).max(initial=0.0))
        tail = 0 if longest <= 0 else min(int(np.ceil(np.log(FORGOTTEN) / np.log(longest))), MOST_TAIL_WEEKS)
        return cls(curves, weeks, np.repeat(later.mean(axis=1, keepdims=True), tail, axis=1))

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

    def lift(self, channel: int, stock: Floats) -> Floats:
        """Mean lift of one ad channel in yuan a week at stocks [...]."""
        _, lift, _ = self._curve(channel, stock, slope=False)
        return lift

    def marginal(self, channel: int, stock: Floats) -> Floats:
        """Derivative of :meth:`lift`."""
        _, _, slope = self._curve(channel, stock, slope=True)
        return slope

    def value(self, spend: Floats) -> float:
        """Lift of all weeks and ad channels, yuan."""
        stock = self.stock(spend)
        return float(sum(self.lift(channel, stock[channel]).sum() for channel in range(len(stock))))

    def gradient(self, spend: Floats) -> Floats:
        """Lift of one more yuan in each cell, [ad_channels, weeks]: the chain of carried-over stock backwards."""
        stock = self.stock(spend)
        carryover = self.carryover
        slope = np.stack([self.marginal(channel, stock[channel]) for channel in range(len(stock))])
        behind = np.zeros(len(stock))
        out = np.empty_like(slope)
        for week in reversed(range(slope.shape[1])):
            behind = slope[:, week] + carryover * behind
            out[:, week] = (1.0 - carryover) * behind
        return out[:, : self.weeks]

    def _curve(self, channel: int, stock: Floats, slope: bool) -> tuple[Floats, Floats, Floats]:
        """Stock, mean lift and mean derivative."""
        curves = self.curves
        shape = (-1,) + (1,) * np.ndim(stock)
        power, scale = curves.slope[:, channel].reshape(shape), curves.scale[:, channel].reshape(shape)
        half = curves.half_saturation[:, channel].reshape(shape)
        relative = np.maximum(stock, 1e-9)[None] / half
        powered = relative**power
        share = powered / (1.0 + powered)
        lift = (scale * share).mean(axis=0)
        if not slope:
            return stock, lift, lift
        steep = (scale * power * share * (1.0 - share) / (relative * half)).mean(axis=0)
        return stock, lift, steep
