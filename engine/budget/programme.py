"""The split as a PuLP programme: ad channels x weeks, carry-over as a state, curves as over-estimating pieces.

Its optimum is never below the best split of the planning model, so its bound is a bound of that model; its split is
the start of the local polish.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pulp
from numpy.typing import NDArray

from engine.budget.encode import Encoded, encode
from engine.budget.feasible import what_must_give
from engine.budget.highs import Effort, maximise, relaxed
from engine.budget.objective import Worth
from engine.budget.pieces import Piece, envelope, over_estimate
from engine.budget.planning import PlanningModel
from engine.budget.rules import Rules
from engine.budget.terms import Pattern
from engine.plans.errors import Infeasible

Floats = NDArray[np.float64]
ROOT_ROUNDS = 6
LOOSE = 2e-4


@dataclass(frozen=True)
class Solved:
    """``spend`` yuan [ad_channels, weeks] (None: the search found none) and ``bound``: no split is worth more, yuan."""

    spend: Floats | None
    pattern: Pattern | None
    bound: float


@dataclass(frozen=True)
class Height:
    """One piece in the programme: ``height`` is held below lines over ``part`` while ``on``."""

    channel: int
    week: int
    piece: Piece
    on: pulp.LpVariable | float
    part: pulp.LpVariable
    height: pulp.LpVariable


@dataclass(frozen=True)
class Problem:
    """What is asked: ``weights`` [draws] under which the mean is nowhere below the worth."""

    model: PlanningModel
    rules: Rules
    worth: Worth
    weights: Floats

    @property
    def tilted(self) -> PlanningModel:
        """The model whose mean bounds the worth."""
        return self.model.weighted(self.weights)


def solve(
    problem: Problem, effort: Effort, near: tuple[Floats, ...] = (), start: tuple[Floats, Pattern] | None = None
) -> Solved:
    """Best split of the over-estimating programme; Infeasible with the smallest relaxation where rules contradict.

    ``near``: splits [ad_channels, weeks] around which the pieces are laid closer, so that a second call proves more.
    """
    building = Building(problem, near)
    for _ in range(ROOT_ROUNDS):
        if not relaxed(building.programme):
            raise Infeasible(what_must_give(problem.model, problem.rules))
        if not building.tighten():
            break
    bound, found = maximise(building.programme, effort, building.start(*start) if start else None)
    unit = problem.rules.unit
    if bound == -np.inf:
        raise Infeasible(what_must_give(problem.model, problem.rules))
    if not found:
        return Solved(None, None, bound * unit)
    return Solved(*building.encoded.split(), bound * unit)


class Building:
    """The programme in units of the largest cell."""

    def __init__(self, problem: Problem, near: tuple[Floats, ...]) -> None:
        self.problem = problem
        self.tilted = problem.tilted
        self.programme = pulp.LpProblem("budget", pulp.LpMaximize)
        self.encoded: Encoded = encode(self.programme, problem.rules)
        self.heights: list[Height] = []
        self.stocks: dict[tuple[int, int], pulp.LpVariable] = {}
        self._lines = 0
        self._carry([problem.model.stock(split) / self.unit for split in near])
        self._caps()
        self._objective()

    @property
    def unit(self) -> float:
        """Yuan."""
        return self.encoded.unit

    def tighten(self) -> bool:
        """Lay lines where the relaxed solution lies above the curve; whether there was such a place."""
        loose = 0
        for entry in self.heights:
            on = entry.on if isinstance(entry.on, float) else float(entry.on.value() or 0.0)
            if on < 1e-6:
                continue
            stock = np.clip(float(entry.part.value() or 0.0) / on, entry.piece.low, entry.piece.high)
            place = np.array([stock])
            below = float(self._lift(self.tilted, entry.channel, entry.week, place)[0])
            excess = float(entry.height.value() or 0.0) / on - below
            slope = float(self._slope(self.tilted, entry.channel, entry.week, place)[0])
            if excess > LOOSE * max(below, 1e-6):
                loose += self._add_line(entry, slope, excess)
        return loose > 0

    def start(self, spend: Floats, pattern: Pattern) -> dict[str, float]:
        """Values of all on/off variables and of spend for a split that keeps the rules."""
        values = self.encoded.start(spend, pattern)
        stock = self.problem.model.stock(spend) / self.unit
        cells: dict[tuple[int, int], list[Height]] = {}
        for entry in self.heights:
            cells.setdefault((entry.channel, entry.week), []).append(entry)
        for (c, t), entries in cells.items():
            inside = min(
                range(len(entries)),
                key=lambda n: max(entries[n].piece.low - stock[c, t], stock[c, t] - entries[n].piece.high),
            )
            values |= {
                entry.on.name: float(n == inside) for n, entry in enumerate(entries) if not isinstance(entry.on, float)
            }
        return values

    def _lift(self, model: PlanningModel, c: int, t: int, stock: Floats) -> Floats:
        return model.lift_at(c, t, stock * self.unit) / self.unit

    def _slope(self, model: PlanningModel, c: int, t: int, stock: Floats) -> Floats:
        return model.slope_at(c, t, stock * self.unit)

    def _carry(self, near: list[Floats]) -> None:
        """Stock of each week and the pieces over its lift."""
        model, rules = self.problem.model, self.problem.rules
        off = np.where(rules.terms.by_week[:, None], 0.0, rules.lower)
        lowest, highest = model.stock(off) / self.unit, model.stock(rules.upper) / self.unit
        for c, t in np.ndindex(rules.lower.shape):
            keep = float(model.carryover[c])
            before = self.stocks[c, t - 1] if t else float(model.start[c]) / self.unit
            stock = pulp.LpVariable(f"stock_{c}_{t}", lowest[c, t], highest[c, t])
            self.programme += stock == (1.0 - keep) * self.encoded.spend[c][t] + keep * before, f"carry_{c}_{t}"
            self.stocks[c, t] = stock
            pieces = over_estimate(
                lambda s, c=c, t=t: self._lift(self.tilted, c, t, s),  # type: ignore[misc]
                lambda s, c=c, t=t: self._slope(self.tilted, c, t, s),  # type: ignore[misc]
                float(lowest[c, t]),
                float(highest[c, t]),
                tuple(float(stocks[c, t]) for stocks in near),
            )
            self._choose(c, t, pieces)

    def _choose(self, c: int, t: int, pieces: tuple[Piece, ...]) -> None:
        """Exactly one piece of a cell is on; the stock lies on it."""
        stock = self.stocks[c, t]
        entries = []
        for n, piece in enumerate(pieces):
            height = pulp.LpVariable(f"height_{c}_{t}_{n}", 0.0)
            if len(pieces) == 1:
                entries.append(Height(c, t, piece, 1.0, stock, height))
                continue
            on = pulp.LpVariable(f"piece_{c}_{t}_{n}", cat=pulp.LpBinary)
            part = pulp.LpVariable(f"part_{c}_{t}_{n}", 0.0)
            self.programme += part <= piece.high * on
            self.programme += part >= piece.low * on
            entries.append(Height(c, t, piece, on, part, height))
        if len(pieces) > 1:
            self.programme += pulp.lpSum(entry.on for entry in entries) == 1
            self.programme += pulp.lpSum(entry.part for entry in entries) == stock
        for entry in entries:
            for base, slope in zip(entry.piece.intercept, entry.piece.slope, strict=True):
                self._line(entry, float(base), float(slope))
        self.heights += entries

    def _line(self, entry: Height, base: float, slope: float) -> None:
        self._lines += 1
        self.programme += entry.height <= base * entry.on + slope * entry.part, f"line_{self._lines}"

    def _add_line(self, entry: Height, slope: float, excess: float) -> bool:
        """A supporting line of this slope, unless it would bring nothing (chords of convex parts)."""
        grid = np.linspace(entry.piece.low, entry.piece.high, 101)
        stock = float(entry.part.value() or 0.0) / (
            entry.on if isinstance(entry.on, float) else float(entry.on.value())
        )
        grid = np.append(grid, np.clip(stock, entry.piece.low, entry.piece.high))
        lift = self._lift(self.tilted, entry.channel, entry.week, grid)
        base = float((lift - slope * grid).max())
        cut = base + slope * grid[-1] < lift[-1] + 0.5 * excess
        if cut:
            self._line(entry, base, slope)
        return bool(cut)

    def _caps(self) -> None:
        """Ad ratio: what ads bring counts as revenue, by its concave over-estimate under equal weights."""
        model = self.problem.model
        for number, cap in enumerate(self.problem.rules.caps):
            lifts = []
            for c, t in self.stocks:
                if not cap.weeks[t]:
                    continue
                stock = self.stocks[c, t]
                lift = pulp.LpVariable(f"cap_{number}_{c}_{t}", 0.0)
                # the curve of the first week: what the last one brings after the plan is not revenue of these weeks
                lines = envelope(
                    lambda s, c=c: self._lift(model, c, 0, s),  # type: ignore[misc]
                    lambda s, c=c: self._slope(model, c, 0, s),  # type: ignore[misc]
                    stock.lowBound,
                    stock.upBound,
                )
                for base, slope in zip(lines.intercept, lines.slope, strict=True):
                    self.programme += lift <= float(base) + float(slope) * stock
                lifts.append(lift)
            spend = pulp.lpSum(self.encoded.spend[c][t] for c, t in self.stocks if cap.weeks[t])
            self.programme += (
                spend - cap.share * pulp.lpSum(lifts) <= cap.share * cap.without_ads / self.unit,
                f"ratio_{number}",
            )

    def _objective(self) -> None:
        problem = self.problem
        nothing = self.tilted.weights @ problem.model.by_draw(0.0 * problem.rules.lower) @ problem.worth.margin
        parts = [float(problem.worth.margin[entry.channel]) * entry.height for entry in self.heights]
        parts += [
            float(self.tilted.weights @ offer.worth) / self.unit * taken
            for offer, taken in zip(problem.rules.terms.offers, self.encoded.taken, strict=True)
        ]
        self.programme.setObjective(
            pulp.lpSum(parts) - problem.worth.cost * self.encoded.cash - float(nothing) / self.unit
        )
