"""Terms of live-stream hosts (达人): slot fee, commission by tier, guaranteed sales, and what a stream then leaves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class HostTerms:
    """``fee``: yuan a stream. ``tiers``: (from yuan of kept sales, rate), the first from 0; a rate holds for what lies
    above its start. ``guarantee``: promised sales over the fee, 0 for none; what is missing brings the fee back in
    part, or the host ``repeats`` the stream once without a fee. ``fee_vat``: share of the fee that comes back as input
    VAT."""

    fee: float
    tiers: tuple[tuple[float, float], ...]
    guarantee: float = 0.0
    repeats: bool = False
    fee_vat: float = 0.0

    @property
    def burden(self) -> float:
        """What the fee takes from the contribution, yuan."""
        return self.fee * (1.0 - self.fee_vat)

    def commission(self, kept: Floats) -> Floats:
        """Yuan of commission on kept sales of one stream.

        >>> HostTerms(0.0, ((0.0, 0.2), (1000.0, 0.3))).commission(np.array([500.0, 2000.0]))
        array([100., 500.])
        """
        starts, rates = (np.array(side) for side in zip(*self.tiers, strict=True))
        steps = np.diff(rates, prepend=0.0)
        return np.asarray(np.maximum(np.asarray(kept)[..., None] - starts, 0.0) @ steps)

    def short(self, sales: Floats) -> Floats:
        """Share of the promised sales that is missing.

        >>> HostTerms(100.0, ((0.0, 0.2),), 3.0).short(np.array([150.0, 600.0]))
        array([0.5, 0. ])
        """
        promised = self.guarantee * self.fee
        return np.maximum(1.0 - np.asarray(sales) / promised, 0.0) if promised > 0 else np.zeros(np.shape(sales))


@dataclass(frozen=True)
class Yield:
    """``sales``: yuan paid at a stream. Of one yuan: ``kept`` after returns and refunds, ``left`` of it after goods,
    fees of the sales channel, freight and VAT, before host and slot fee."""

    kept: float
    left: float

    def earned(self, terms: HostTerms, sales: Floats) -> Floats:
        """Yuan left of sales of one stream after the commission of the host, before the slot fee."""
        return np.asarray(self.left * sales - terms.commission(self.kept * sales))

    def break_even(self, terms: HostTerms) -> float | None:
        """The least sales, yuan, from which the slot fee is earned, without any guarantee; None where none does.

        >>> Yield(0.8, 0.5).break_even(HostTerms(1000.0, ((0.0, 0.25),)))
        3333.3333333333335
        >>> Yield(0.8, 0.2).break_even(HostTerms(1000.0, ((0.0, 0.25),))) is None
        True
        """
        starts = [start / self.kept for start, _ in terms.tiers] if self.kept > 0 else [0.0]
        for start, (_, rate), end in zip(starts, terms.tiers, [*starts[1:], np.inf], strict=False):
            missing = terms.burden - float(self.earned(terms, np.array(start)))
            slope = self.left - rate * self.kept
            if missing <= 0:
                return start
            if slope > 0 and start + missing / slope <= end:
                return start + missing / slope
        return None


@dataclass(frozen=True)
class Outcomes:
    """What one stream may bring, equally likely, float64 [outcomes], yuan: ``sales``, ``earned`` before the slot fee
    with what the guarantee brings, ``refund`` of the fee in it."""

    sales: Floats
    earned: Floats
    refund: Floats


def outcomes(terms: HostTerms, of_one: Yield, sales: Floats, again: Floats) -> Outcomes:
    """``sales`` [outcomes] yuan at the stream; ``again`` [outcomes]: at a second one, where the host repeats."""
    short = terms.short(sales)
    if terms.repeats:
        again = np.where(short > 0, again, 0.0)
        return Outcomes(sales + again, of_one.earned(terms, sales) + of_one.earned(terms, again), np.zeros_like(sales))
    refund = terms.fee * short
    return Outcomes(sales, of_one.earned(terms, sales) + terms.burden * short, refund)


def by_draw(values: Floats, draws: int, order: NDArray[np.int64]) -> Floats:
    """Equally likely values [outcomes] as ``draws`` values with the same mean, in an order [draws] of their own.

    >>> by_draw(np.array([4.0, 1.0, 3.0, 2.0]), 2, np.array([1, 0]))
    array([3.5, 1.5])
    """
    total = np.concatenate([[0.0], np.cumsum(np.sort(values))])
    edges = np.linspace(0.0, len(values), draws + 1)
    return np.asarray(np.diff(np.interp(edges, np.arange(len(values) + 1), total))[order] * draws / len(values))
