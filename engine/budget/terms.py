"""What ad spend costs: tariffs by step, fees and minimums where an ad channel is on, and single offers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Step:
    """Where the spend of all weeks lies between ``low`` and ``high`` yuan, cash = ``base`` + ``rate`` x spend."""

    low: float
    high: float
    base: float = 0.0
    rate: float = 1.0


PLAIN = (Step(0.0, np.inf),)


@dataclass(frozen=True)
class Offer:
    """Something to take or leave, such as a live stream of a host: ``cash`` yuan, ``worth`` [draws] yuan of objective.

    ``decided``: True or False where it is not a question.
    """

    name: str
    cash: float
    worth: Floats
    decided: bool | None = None


@dataclass(frozen=True)
class Pattern:
    """All on/off decisions: ``on`` [ad_channels, weeks], ``step`` of each tariff [ad_channels], ``taken`` [offers]."""

    on: Mask
    step: tuple[int, ...]
    taken: tuple[bool, ...] = ()


@dataclass(frozen=True)
class Terms:
    """``fee`` and ``least`` [ad_channels]: yuan a week in which the ad channel is on at all; a tariff an ad channel."""

    fee: Floats
    least: Floats
    tariffs: tuple[tuple[Step, ...], ...]
    offers: tuple[Offer, ...] = ()

    @classmethod
    def plain(cls, ad_channels: int) -> Terms:
        """A yuan costs a yuan."""
        return cls(np.zeros(ad_channels), np.zeros(ad_channels), (PLAIN,) * ad_channels)

    @property
    def by_week(self) -> Mask:
        """Ad channels of which each week is on or off, [ad_channels]."""
        return (self.fee > 0) | (self.least > 0)

    def pattern_of(self, spend: Floats) -> Pattern:
        """The decisions that a split stands for, offers left: the cheapest step that its spend allows."""
        steps = []
        for row, tariff in zip(spend, self.tariffs, strict=True):
            paid = float(row.sum())
            fitting = [n for n, step in enumerate(tariff) if step.low - 1e-6 <= paid <= step.high + 1e-6]
            steps.append(min(fitting or [0], key=lambda n, t=tariff, p=paid: t[n].base + t[n].rate * p))  # type: ignore[misc]
        on = (spend > 1e-9) | ~self.by_week[:, None]
        return Pattern(on, tuple(steps), tuple(offer.decided is True for offer in self.offers))

    def cash_by_channel(self, spend: Floats, pattern: Pattern) -> Floats:
        """Yuan paid for each ad channel, fees included, float64 [ad_channels]."""
        steps = [tariff[n] for tariff, n in zip(self.tariffs, pattern.step, strict=True)]
        tariff = np.array([step.base for step in steps]) + np.array([step.rate for step in steps]) * spend.sum(axis=1)
        return np.asarray(tariff + self.fee * pattern.on.sum(axis=1))

    def cash(self, spend: Floats, pattern: Pattern) -> float:
        """Yuan paid for everything."""
        offers = sum(offer.cash for offer, taken in zip(self.offers, pattern.taken, strict=True) if taken)
        return float(self.cash_by_channel(spend, pattern).sum()) + offers

    def worth_of_offers(self, pattern: Pattern) -> Floats | float:
        """Of those taken, [draws]."""
        return sum(offer.worth for offer, taken in zip(self.offers, pattern.taken, strict=True) if taken)

    def constant(self, pattern: Pattern) -> float:
        """The part of :meth:`cash` that the decisions alone settle."""
        return self.cash(np.zeros(pattern.on.shape), pattern)

    def rates(self, pattern: Pattern) -> Floats:
        """Cash of one more yuan of spend, float64 [ad_channels]."""
        return np.array([tariff[n].rate for tariff, n in zip(self.tariffs, pattern.step, strict=True)])


def in_contracts(tariff: tuple[Step, ...], size: float, most: float) -> tuple[Step, ...]:
    """A tariff of which only whole contracts of ``size`` yuan can be bought, up to ``most`` yuan.

    >>> in_contracts(tariff_of(0.0, ((80.0, 0.1),), 0.0, 0.0), 40.0, 100.0)[1:]
    (Step(low=40.0, high=40.0, base=40.0, rate=0.0), Step(low=80.0, high=80.0, base=72.0, rate=0.0))
    """
    found = []
    for count in range(int(most / size + 1e-9) + 1):
        paid = count * size
        fitting = [step.base + step.rate * paid for step in tariff if step.low - 1e-6 <= paid <= step.high + 1e-6]
        found += [Step(paid, paid, min(fitting), 0.0)] if fitting else []
    return tuple(found)


def tariff_of(prepaid: float, rebates: tuple[tuple[float, float], ...], fee: float, least: float) -> tuple[Step, ...]:
    """Steps of a tariff.

    ``prepaid``: balance that is paid already; spend takes it first. ``rebates``: (from, rate): from this spend on, the
    rate of *all* spend comes back. ``fee``: for any spend at all; ``least``: no spend between nothing and this.

    >>> tariff_of(0.0, (), 0.0, 0.0)
    (Step(low=0.0, high=inf, base=0.0, rate=1.0),)
    >>> tariff_of(90.0, ((200.0, 0.1),), 0.0, 0.0)[1:]
    (Step(low=90.0, high=200.0, base=-90.0, rate=1.0), Step(low=200.0, high=inf, base=-90.0, rate=0.9))
    """
    tiers = [(0.0, 0.0), *sorted(rebates)]
    steps = [Step(0.0, 0.0, 0.0, 0.0)] if fee > 0 or least > 0 else []
    for place, (start, rate) in enumerate(tiers):
        low, high = max(start, least), tiers[place + 1][0] if place + 1 < len(tiers) else np.inf
        used_up = prepaid / (1.0 - rate)
        if low < min(high, used_up):
            steps.append(Step(low, min(high, used_up), fee, 0.0))
        if max(low, used_up) < high:
            steps.append(Step(max(low, used_up), high, fee - prepaid, 1.0 - rate))
    return tuple(steps)
