"""The money of whole ad channels moved between them: a small stand-in for the split that is solved in milliseconds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.budget.limits import build_rules
from engine.budget.question import Asked
from engine.budget.rules import Rules
from engine.budget.score import incremental
from engine.budget.search import Split

Floats = NDArray[np.float64]
POINTS = 41
STEPS = (0.08, 0.02, 0.005)
"""Parts of the budget that move at a time."""
MOST_MOVES = 200


@dataclass(frozen=True)
class Menu:
    """``worth`` float64 [draws, ad_channels, points], yuan, of evenly spaced spends between ``low`` and ``high``
    [ad_channels], yuan. ``rows`` [rows, ad_channels] x spend stays between ``least`` and ``most`` [rows]. ``start``
    [ad_channels]: the plan."""

    worth: Floats
    low: Floats
    high: Floats
    rows: Floats
    least: Floats
    most: Floats
    start: Floats

    @property
    def draws(self) -> int:
        """Draws of the curves."""
        return len(self.worth)

    def at(self, mean: Floats, spend: Floats) -> Floats:
        """Worth by ad channel from its points ``mean`` [ad_channels, points] at ``spend`` [..., ad_channels]."""
        width = np.maximum(self.high - self.low, 1e-9) / (POINTS - 1)
        place = np.clip((spend - self.low) / width, 0.0, POINTS - 1.0)
        below = np.minimum(place.astype(np.int64), POINTS - 2)
        channel = np.arange(len(self.low))
        left, right = mean[channel, below], mean[channel, below + 1]
        return np.asarray(left + (place - below) * (right - left))

    def value(self, weights: Floats, spend: Floats) -> float:
        """Worth of a split over the draws counted by ``weights`` [draws]."""
        return float(self.at(np.tensordot(weights, self.worth, axes=1), spend).sum())

    def swing(self, channel: int) -> Floats:
        """What the money that may move in an ad channel brings, [draws]: that which decides where it belongs."""
        return np.asarray(self.worth[:, channel, -1] - self.worth[:, channel, 0])

    def beyond(self, spend: Floats) -> Floats:
        """Yuan by which the rows are broken, [..., rows]."""
        amount = spend @ self.rows.T
        return np.maximum(np.maximum(amount - self.most, self.least - amount), 0.0)


def menu_of(asked: Asked, split: Split) -> Menu | None:
    """The choices around a split: its on/off decisions and its profile over the weeks stand. None where no money can
    move.

    Rules over some weeks only are left out: they bind the weeks, not the ad channels' sums.
    """
    rules = build_rules(asked.settings, asked.situation).fixed(split.pattern)
    profile = np.where(split.spend.sum(axis=1, keepdims=True) > 0, split.spend, rules.upper)
    whole = profile.sum(axis=1)
    low, high = rules.lower.sum(axis=1), rules.upper.sum(axis=1)
    if not (high - low > 0).any():
        return None
    spends = low[:, None] + (high - low)[:, None] * np.linspace(0.0, 1.0, POINTS)
    share = profile / np.maximum(whole, 1e-9)[:, None]
    worth = np.stack([_worth(asked, share * spends[:, [n]]) for n in range(POINTS)], axis=2)
    return Menu(worth, low, high, *_rows(rules), split.spend.sum(axis=1))


def best(menu: Menu, weights: Floats, start: Floats) -> Floats:
    """Spend by ad channel from ``start`` on, moved as long as a move of some money from one to another, or to or from
    none, adds worth and keeps the rows; large moves first."""
    mean = np.tensordot(weights, menu.worth, axes=1)
    spend, size = start.copy(), max(float(start.sum()), 1.0)
    moves = _moves(len(start))
    for part in STEPS:
        for _ in range(MOST_MOVES):
            tried = spend + part * size * moves
            inside = ((tried >= menu.low - 1e-6) & (tried <= menu.high + 1e-6)).all(axis=1)
            kept = (menu.beyond(tried) <= menu.beyond(spend) + 1e-6 * size).all(axis=1)
            gain = menu.at(mean, tried).sum(axis=1) - menu.at(mean, spend).sum()
            gain[~(inside & kept)] = -np.inf
            place = int(gain.argmax())
            if not gain[place] > 1e-9 * size:
                break
            spend = tried[place]
    return spend


def _moves(channels: int) -> Floats:
    """From each to each other, to each, and from each, [moves, ad_channels]."""
    one = np.eye(channels)
    pairs = [one[a] - one[b] for a in range(channels) for b in range(channels) if a != b]
    return np.array([*pairs, *one, *-one])


def _worth(asked: Asked, spend: Floats) -> Floats:
    """By draw and ad channel, less the cost of its spend."""
    earned = incremental(asked.model, spend) * asked.worth.margin
    return np.asarray(earned - asked.worth.cost * spend.sum(axis=1))


def _rows(rules: Rules) -> tuple[Floats, Floats, Floats]:
    """Rules that bind the sums of ad channels."""
    weights = [np.asarray(rule.weight, dtype=float) for rule in rules.rows]
    whole = [n for n, weight in enumerate(weights) if np.ptp(weight, axis=1).max() <= 1e-12]
    found = np.array([weights[n][:, 0] for n in whole]).reshape(len(whole), len(rules.lower))
    least, most = (np.array([getattr(rules.rows[n], side) for n in whole]) for side in ("low", "high"))
    return found, least, most
