"""Past weeks lived through again: the product against a seasonal moving average with the best cover so far.

A window is eight weeks with six orders; as in the challenge the first two weeks cannot be influenced, so costs count
from the third. Twelve weeks before it are lived under the baseline, so that all policies start from the same stock and
the same history. Weeks in which the item was not in stock in truth have no known demand: it is taken as 0 and they cost
nothing. Windows lie six weeks apart, so that no week counts twice.
"""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from engine.data.readers.vn2 import Challenge
from engine.execution.run import Run
from engine.forecasting.method import Method
from engine.forecasting.settings import ForecastSettings
from engine.plans.errors import BadInput, Problem
from experiments.vn2.baseline import COVERS, YEAR, Cover, Policy, moving_average
from experiments.vn2.history import History
from experiments.vn2.order import QUANTITY, plan, this_week
from experiments.vn2.shelf import Shelf, one_week

Floats = NDArray[np.float64]
WARM_UP, WEEKS, FREE, STEP = 12, 8, 2, 6
BASELINE, PRODUCT = "baseline", "product"


class Product:
    """The product as a policy: learned at its first review, told each later week."""

    def __init__(self, run: Run, settings: ForecastSettings) -> None:
        self.run, self.settings = run, settings
        self.method: Method | None = None

    def __call__(self, history: History, shelf: Shelf) -> Floats:
        """Whole units to order [items]."""
        dataset = history.dataset(shelf)
        if self.method is None:
            self.method = Method.learn(dataset, self.settings, "W", self.run)
        else:
            self.method = self.method.told(dataset, self.settings, self.run)
        table = this_week(plan(dataset, self.method.demand(), self.run), history.given.sales.index)
        return table[QUANTITY].to_numpy(dtype=float)


def live(policy: Policy, history: History, shelf: Shelf, weeks: int) -> tuple[History, Shelf, Floats]:
    """Let a policy order for some weeks: what it then knows and has, and its costs [items, weeks] where demand is
    known."""
    costs = []
    for _ in range(weeks):
        now = history.weeks
        open_shop = history.given.in_stock.iloc[:, now].to_numpy(dtype=bool)
        demand = np.where(open_shop, history.given.sales.iloc[:, now].fillna(0.0).to_numpy(dtype=float), 0.0)
        shelf, week = one_week(shelf, policy(history, shelf), demand)
        history = history.then(week, open_shop)
        costs.append(np.where(open_shop, week.cost, 0.0))
    return history, shelf, np.column_stack(costs)


def opening(given: Challenge, weeks: int, cover: float) -> tuple[History, Shelf]:
    """The true past of some weeks, and a shelf as the baseline would have it: a week on hand, the rest on its way."""
    history = History.until(given, weeks)
    ahead = np.rint(moving_average(history))
    rest = max(cover - 2.0, 1.0)
    return history, Shelf(np.rint(rest * ahead[:, 0]), ahead[:, 1], ahead[:, 2])


def cover_costs(given: Challenge, until: int) -> dict[float, Floats]:
    """Costs of every cover by week, each lived from before the first year's end to ``until``; the warm-up is 0."""
    first, costs = YEAR - WARM_UP, {}
    for cover in COVERS:
        history, shelf = opening(given, first, cover)
        lived = live(Cover(cover), history, shelf, until - first)[2].sum(axis=0)
        costs[cover] = np.concatenate([np.zeros(YEAR), lived[WARM_UP:]])
    return costs


def starts(weeks: int, windows: int) -> list[int]:
    """First weeks of the last ``windows`` windows (fewer where history is short), oldest first.

    >>> starts(157, 3)
    [137, 143, 149]
    """
    last = [weeks - WEEKS - STEP * number for number in range(windows)]
    return sorted(start for start in last if start - WARM_UP >= YEAR)


def replay(given: Challenge, windows: int, run: Run, settings: ForecastSettings) -> pd.DataFrame:
    """One row a window: its first week, the cover tuned on earlier weeks, costs of the policies and the saving."""
    chosen = starts(given.sales.shape[1], windows)
    if not chosen:
        raise BadInput([Problem("sales.csv", f"is shorter than {YEAR + WARM_UP + WEEKS} weeks", remedy="Give more.")])
    tuning = cover_costs(given, chosen[-1])
    rows = []
    for start in chosen:
        begin = time.process_time()
        cover = min(COVERS, key=lambda weeks: float(tuning[weeks][:start].sum()))
        history, shelf = opening(given, start - WARM_UP, cover)
        history, shelf, _ = live(Cover(cover), history, shelf, WARM_UP)
        policies: dict[str, Policy] = {"cover_4": Cover(4.0), BASELINE: Cover(cover), PRODUCT: Product(run, settings)}
        cost = {name: window_cost(policy, history, shelf) for name, policy in policies.items()}
        seconds = time.process_time() - begin
        saving = 1.0 - cost[PRODUCT] / cost[BASELINE]
        rows.append(
            {"week": str(given.sales.columns[start]), "cover": cover}
            | cost
            | {"saving": saving, "cpu_seconds": seconds}
        )
        run.progress("replay", len(rows) / len(chosen))
    return pd.DataFrame(rows)


def window_cost(policy: Policy, history: History, shelf: Shelf) -> float:
    """Cost of a window from its third week on. The last two orders would arrive too late: none is asked for."""
    history, shelf, early = live(policy, history, shelf, WEEKS - FREE)
    late = live(_nothing, history, shelf, FREE)[2]
    return float(early[:, FREE:].sum() + late.sum())


def _nothing(history: History, shelf: Shelf) -> Floats:
    return np.zeros(len(shelf.on_hand))


def summary(rows: pd.DataFrame) -> dict[str, float]:
    """Mean saving over windows with the paired 95 % interval (Student's t), and the saving on the sum of costs."""
    saving, count = rows["saving"].to_numpy(dtype=float), len(rows)
    error = float(saving.std(ddof=1) / np.sqrt(count)) if count > 1 else float("nan")
    reach = float(stats.t.ppf(0.975, max(count - 1, 1))) * error
    return {
        "windows": float(count),
        "saving": float(saving.mean()),
        "low": float(saving.mean()) - reach,
        "high": float(saving.mean()) + reach,
        "saving_of_sum": float(1.0 - rows[PRODUCT].sum() / rows[BASELINE].sum()),
    }
