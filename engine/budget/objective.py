"""What a split is worth: the mean over draws, with as much care for the bad draws as is asked for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.budget.planning import PlanningModel
from engine.budget.terms import Pattern, Terms

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Worth:
    """``margin`` [ad_channels] a yuan of lift less ``cost`` a yuan of cash; how much the bad draws count.

    Worth = (1 - ``care``) mean + ``care`` x mean of the worst ``tail`` of the draws (conditional value at risk,
    Rockafellar and Uryasev 2000), each draw measured against no ads at all.
    """

    margin: Floats
    cost: float = 0.0
    care: float = 0.0
    tail: float = 0.2

    def by_draw(self, model: PlanningModel, terms: Terms, spend: Floats, pattern: Pattern) -> Floats:
        """Worth against no ads, float64 [draws], yuan."""
        lift = model.by_draw(spend) - model.by_draw(0.0 * spend)
        return np.asarray(lift @ self.margin - self.cost * terms.cash(spend, pattern) + terms.worth_of_offers(pattern))

    def of(self, model: PlanningModel, terms: Terms, spend: Floats, pattern: Pattern) -> float:
        """The objective, yuan."""
        draws = self.by_draw(model, terms, spend, pattern)
        return (1.0 - self.care) * float(model.weights @ draws) + self.care * worst(draws, self.tail)

    def tilt(self, shares: Floats) -> Floats:
        """Weights of the draws [draws] under which the mean is nowhere below the worth, from shares of the tail.

        The conditional value at risk is the lowest mean over all shares of at most 1 / (tail x draws) each, so any
        admissible shares give an upper bound; ``shares`` are drawn towards equal ones until they are admissible.
        """
        equal, most = 1.0 / len(shares), 1.0 / (self.tail * len(shares))
        share = shares / shares.sum() if shares.sum() > 0 else np.full(len(shares), equal)
        top = float(share.max())
        mix = (top - most) / (top - equal) if top > most else 0.0
        return (1.0 - self.care) * equal + self.care * ((1.0 - mix) * share + mix * equal)


def worst(draws: Floats, tail: float) -> float:
    """Mean of the worst ``tail`` of the draws [draws]; a draw at the edge counts in part.

    >>> worst(np.array([4.0, 1.0, 2.0, 3.0]), 0.5)
    1.5
    """
    return float(np.sort(draws) @ tail_shares(len(draws), tail))


def tail_shares(draws: int, tail: float) -> Floats:
    """How much each of the sorted draws counts in the mean of the worst ``tail``, adding up to 1.

    >>> tail_shares(4, 0.375)
    array([0.66666667, 0.33333333, 0.        , 0.        ])
    """
    room = np.clip(tail * draws - np.arange(draws), 0.0, 1.0)
    return np.asarray(room / room.sum())
