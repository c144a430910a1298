"""Ways out of stock: keep, cancel, mark down, clear, give back; each by its value against keeping.

Stock is worth what it earns over a fixed span: sales at net revenue, less holding, what is left then at its clearance
value; demand that stock no longer serves is bought anew where the SKU goes on, so that a unit sold early is worth the
purchase it would have saved. Every way out is valued by the same sum, and holding too much costs what the surplus
would be worth if it had never been bought.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.replenishment.alerts.settings import WaysOutSettings

Floats = NDArray[np.float64]
STOP, MARKDOWN, CLEARANCE, GIVE_BACK = "stop_ordering", "markdown", "clearance", "supplier_return"


@dataclass(frozen=True)
class Stock:
    """Stock that may be too much, one row an item.

    ``sku`` text; units: ``units`` in all, ``excess`` of them too many, ``open`` of them ordered and not here yet,
    ``returnable``, ``refunds`` (sold lately to those who ask); ``demand`` units and ``revenue`` net yuan a
    unit [rows, weeks]; yuan a unit: ``cost``, ``holding`` a week, ``salvage``, ``credit`` (for a returned one),
    ``cut_cost`` (what a cut by the whole price would cost); ``elasticity``; ``deepest`` cut; ``wait`` weeks before the
    price may change; ``end`` weeks until the SKU ends (inf: never).
    """

    sku: NDArray[np.object_]
    units: Floats
    excess: Floats
    open: Floats
    returnable: Floats
    refunds: Floats
    demand: Floats
    revenue: Floats
    cost: Floats
    holding: Floats
    salvage: Floats
    credit: Floats
    cut_cost: Floats
    elasticity: Floats
    deepest: Floats
    wait: NDArray[np.int64]
    end: Floats

    def worth(self, units: Floats) -> Floats:
        """Yuan that so many units are worth if kept [rows]."""
        return _worth(self, units, self.demand, self.revenue)


def stake(stock: Stock) -> Floats:
    """Yuan that keeping the surplus costs: its price less what it adds to the worth of the stock."""
    kept = stock.worth(stock.units) - stock.worth(stock.units - stock.excess)
    return np.maximum(stock.cost * stock.excess - kept, 0.0)


def best_way(stock: Stock, settings: WaysOutSettings) -> pd.DataFrame:
    """The way out with the highest value: frame ``action, how, value`` (yuan against keeping).

    Where nothing beats keeping: stop ordering, at value 0. Price cuts are one for all items of a SKU; their value is
    shared by surplus.
    """
    table = pd.DataFrame({"action": STOP, "how": "", "value": np.zeros(len(stock.units))})
    kept = stock.worth(stock.units)
    for action, how, value in (
        (STOP, *_cancelled(stock, kept, settings)),
        (CLEARANCE, *_cleared(stock, kept)),
        (GIVE_BACK, *_given_back(stock, kept)),
        (MARKDOWN, *_marked_down(stock, kept, settings)),
    ):
        table = better_of(table, action, how, value)
    return table


def better_of(table: pd.DataFrame, action: str, how: list[str], value: Floats) -> pd.DataFrame:
    """``action, how, value`` with this action where it is worth more."""
    better = value > np.maximum(table["value"].to_numpy(), 0.005)
    return pd.DataFrame(
        {
            "action": np.where(better, action, table["action"]),
            "how": np.where(better, how, table["how"]),
            "value": np.where(better, value, table["value"]),
        }
    )


def _worth(stock: Stock, units: Floats, demand: Floats, revenue: Floats) -> Floats:
    total = np.cumsum(demand, axis=1)
    sold = np.clip(units[:, None] - (total - demand), 0.0, demand)
    left = np.maximum(units[:, None] - total, 0.0)
    held = left + 0.5 * sold
    margin = np.maximum(stock.revenue - stock.cost[:, None], 0.0)
    bought_anew = np.where(np.isfinite(stock.end)[:, None], 0.0, np.maximum(stock.demand - sold, 0.0) * margin)
    yuan = (sold * revenue + bought_anew - held * stock.holding[:, None]).sum(axis=1)
    return np.asarray(yuan + stock.salvage * left[:, -1], dtype=np.float64)


def _units_text(units: Floats) -> list[str]:
    return [f"{count:,.0f} units" for count in units]


def weeks_text(weeks: int) -> str:
    """
    >>> weeks_text(1), weeks_text(2)
    ('1 week', '2 weeks')
    """
    return f"{weeks} week" if weeks == 1 else f"{weeks} weeks"


def _cancelled(stock: Stock, kept: Floats, settings: WaysOutSettings) -> tuple[list[str], Floats]:
    """Placed orders are cancelled as far as they are too many."""
    units = np.floor(np.minimum(stock.excess, stock.open))
    saved = (1.0 - settings.cancel_fee_share) * stock.cost * units
    value = np.where(units > 0, stock.worth(stock.units - units) + saved - kept, 0.0)
    return [f"cancel {text} on order" for text in _units_text(units)], value


def _cleared(stock: Stock, kept: Floats) -> tuple[list[str], Floats]:
    """The surplus that is here goes to a clearance channel."""
    units = np.floor(np.minimum(stock.excess, stock.units - stock.open))
    value = np.where(units > 0, stock.worth(stock.units - units) + stock.salvage * units - kept, 0.0)
    return _units_text(units), value


def _given_back(stock: Stock, kept: Floats) -> tuple[list[str], Floats]:
    """The surplus goes back to its supplier as far as its terms allow."""
    units = np.floor(np.minimum(np.minimum(stock.excess, stock.units - stock.open), stock.returnable))
    value = np.where(units > 0, stock.worth(stock.units - units) + stock.credit * units - kept, 0.0)
    return _units_text(units), value


def _marked_down(stock: Stock, kept: Floats, settings: WaysOutSettings) -> tuple[list[str], Floats]:
    """The best cut of each SKU's price, the value shared over its items by their surplus."""
    code, names = pd.factorize(stock.sku)
    best, depth_of, weeks_of = np.zeros(len(names)), np.zeros(len(names)), np.zeros(len(names), dtype=np.int64)
    for depth, weeks in _cuts(settings):
        gain = np.bincount(code, _cut_value(stock, depth, weeks, settings) - kept, len(names))
        allowed = np.ones(len(names), dtype=bool)
        np.logical_and.at(allowed, code, (depth <= stock.deepest + 1e-9) & (stock.cut_cost > 0))
        better = allowed & (gain > best)
        best, depth_of = np.where(better, gain, best), np.where(better, depth, depth_of)
        weeks_of = np.where(better, weeks, weeks_of)
    surplus = np.bincount(code, stock.excess, len(names))[code]
    share = np.divide(stock.excess, surplus, out=np.zeros(len(code)), where=surplus > 0)
    wait = [f" after {weeks_text(weeks)}" if weeks else "" for weeks in stock.wait]
    how = [f"{depth_of[n]:.0%} off for {weeks_text(weeks_of[n])}{later}" for n, later in zip(code, wait, strict=True)]
    return how, best[code] * share


def _cuts(settings: WaysOutSettings) -> Iterator[tuple[float, int]]:
    for depth in settings.markdown_depths:
        for weeks in settings.markdown_weeks:
            yield depth, weeks


def _cut_value(stock: Stock, depth: float, weeks: int, settings: WaysOutSettings) -> Floats:
    """Worth of the stock when its price is cut by ``depth`` for so many weeks, refunds taken off; a share of what is
    sold more is missing in the weeks after."""
    week = np.arange(stock.demand.shape[1])[None, :]
    cut = (week >= stock.wait[:, None]) & (week < stock.wait[:, None] + weeks)
    more = np.where(cut, stock.demand * ((1.0 - depth) ** stock.elasticity[:, None] - 1.0), 0.0)
    after = (week >= stock.wait[:, None] + weeks) & (week < stock.wait[:, None] + 2 * weeks)
    less = np.where(after, settings.pull_forward * more.sum(axis=1, keepdims=True) / weeks, 0.0)
    revenue = stock.revenue - np.where(cut, depth * stock.cut_cost[:, None], 0.0)
    refunds = depth * stock.cut_cost * stock.refunds
    return _worth(stock, stock.units, np.maximum(stock.demand + more - less, 0.0), revenue) - refunds


def part_of(stock: Stock, rows: NDArray[np.integer]) -> Stock:
    """Some rows."""
    return replace(stock, **{name: getattr(stock, name)[rows] for name in Stock.__dataclass_fields__})
