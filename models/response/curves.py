"""Response curves: what ad spend adds to revenue, with draws for the uncertainty."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.response.adstock import adstock
from models.response.forms import Bools, Forms
from models.response.period import WEEK
from models.response.saturation import hill, logistic

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ResponseCurves:
    """Estimated response of revenue to ad spend by period, a week or a day (``days`` of it).

    Parameters are float64 [draws, ad_channels]: ``carryover`` in [0, 1), ``half_saturation`` yuan a period, ``slope``,
    ``scale`` yuan of revenue a period at full saturation, ``start`` adstock in yuan at the end of history. ``split``
    float64 [ad_channels, channels]: share of the lift that falls on each sales channel, rows add up to 1. ``forms``:
    where some are not geometric with a Hill curve; ``carryover`` and ``start`` are then those of the geometric adstock
    with the same mean lag, ``slope`` that of the Hill curve as steep at the half saturation.
    """

    ad_channels: tuple[str, ...]
    channels: tuple[str, ...]
    carryover: Floats
    half_saturation: Floats
    slope: Floats
    scale: Floats
    start: Floats
    split: Floats
    forms: Forms | None = None
    days: int = WEEK

    @property
    def draws(self) -> int:
        """Number of draws."""
        return int(self.carryover.shape[0])

    def dearer(self, factor: float) -> ResponseCurves:
        """The curves when clicks cost ``factor`` times as much: the same clicks take so much more money."""
        forms = None if self.forms is None else replace(self.forms, past=factor * self.forms.past)
        return replace(self, half_saturation=factor * self.half_saturation, start=factor * self.start, forms=forms)

    def started(self, level: Floats) -> ResponseCurves:
        """The curves where each ad channel has so far run at a ``level`` [ad_channels], yuan a period."""
        start = np.broadcast_to(level, self.start.shape)
        if self.forms is None:
            return replace(self, start=start)
        past = np.repeat(level[:, None], self.forms.past.shape[1], axis=1)
        return replace(self, start=start, forms=replace(self.forms, past=past))

    def continued(self, other: ResponseCurves) -> ResponseCurves:
        """The curves after the same spend as ``other``, whose mean stock they take over."""
        start = np.repeat(other.start.mean(axis=0)[None], self.draws, axis=0)
        if self.forms is None or other.forms is None:
            return replace(self, start=start)
        return replace(self, start=start, forms=replace(self.forms, past=other.forms.past))

    def filled(self, other: ResponseCurves, kept: Bools) -> ResponseCurves:
        """These curves, those of ad channels that are not ``kept`` [ad_channels] taken from another's draws."""
        drawn = np.arange(self.draws) % other.draws
        names = ("carryover", "half_saturation", "slope", "scale")
        taken = {name: np.where(kept, getattr(self, name), getattr(other, name)[drawn]) for name in names}
        if other.forms is None:
            return replace(self, **taken)
        own = self.forms or other.forms.plain(self.draws)
        return replace(self, **taken, forms=own.filled(other.forms, kept))

    def stock(self, spend: Floats) -> Floats:
        """Stock of past spend, float64 [draws, ad_channels, periods], yuan, for spend [ad_channels, periods]."""
        geometric = adstock(spend[None], self.carryover, self.start)
        return geometric if self.forms is None else self.forms.stock(spend, geometric)

    def lift(self, spend: Floats) -> Floats:
        """Incremental revenue, float64 [draws, ad_channels, periods], for spend [ad_channels, periods], in yuan."""
        return self._at(slice(None), self.stock(spend))

    def steady(self, channel: int, spend: Floats) -> Floats:
        """Revenue a period where the same is spent in every one, yuan [draws, N] for spends [N]."""
        return self._at(channel, np.broadcast_to(spend, (self.draws, len(spend))))

    def lift_by_channel(self, spend: Floats) -> Floats:
        """Mean incremental revenue in yuan by sales channel, float64 [channels, periods]."""
        return np.asarray(self.split.T @ self.lift(spend).mean(axis=0))

    def _at(self, channel: int | slice, stock: Floats) -> Floats:
        half, slope, scale = (getattr(self, name)[:, channel, None] for name in ("half_saturation", "slope", "scale"))
        share = hill(stock, half, slope)
        if self.forms is not None:
            share = np.where(self.forms.logistic[:, channel, None] > 0, logistic(stock, half), share)
        return np.asarray(scale * share)
