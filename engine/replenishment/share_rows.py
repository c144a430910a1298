"""Shares of suppliers in the purchases of a category as coupling rows: bound and plan know them.

What a supplier gets less his share of all that is bought, over the whole horizon, is one linear row. Shares that no
choice of suppliers reaches are no rows (nothing would be bought then): :mod:`.shares` comes as near as it can.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from engine.plans.errors import Relaxation
from engine.plans.orders import SupplyCase
from engine.replenishment.settings import SupplierShare
from engine.replenishment.sources import Sources

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
FEN = 100.0


@dataclass(frozen=True)
class ShareRows:
    """``weight`` [rows, sources]: what a yuan bought adds to a row. ``names`` [rows]. ``size`` [rows]: yuan that the
    category is expected to buy. ``reached`` bool [rows]: some choice of suppliers keeps the share."""

    weight: Floats
    names: tuple[str, ...]
    size: Floats
    reached: NDArray[np.bool_]


def consistent_shares(
    rules: tuple[SupplierShare, ...],
) -> tuple[tuple[SupplierShare, ...], tuple[Relaxation, ...]]:
    """The rules without those that no purchase could keep, and by how much these must give.

    >>> kept, told = consistent_shares((SupplierShare(supplier="a", least=0.8, most=0.2), SupplierShare(supplier="b")))
    >>> [rule.supplier for rule in kept], told[0].rule, told[0].amount
    (['b'], 'shares of supplier a in all categories, at least 80% and at most 20%', 60.0)
    """
    crossed = [rule for rule in rules if rule.least > rule.most]
    told = [
        Relaxation(
            f"shares of supplier {rule.supplier} in {_place(rule)}, at least {rule.least:.0%} and at most "
            f"{rule.most:.0%}",
            round(100.0 * (rule.least - rule.most), 6),
            "%",
            "Lower the least share or raise the largest one: until then neither is kept.",
        )
        for rule in crossed
    ]
    kept = [rule for rule in rules if rule.least <= rule.most]
    for category in sorted({rule.category for rule in kept}):
        least = sum(rule.least for rule in kept if rule.category == category)
        if least > 1.0 + 1e-9:
            told.append(
                Relaxation(
                    f"least shares of suppliers in {category or 'all categories'}, {least:.0%} together",
                    round(100.0 * (least - 1.0), 6),
                    "%",
                    "Lower them to 100% together: until then none of them is kept.",
                )
            )
            kept = [rule.model_copy(update={"least": 0.0}) if rule.category == category else rule for rule in kept]
    return tuple(kept), tuple(told)


def _place(rule: SupplierShare) -> str:
    return rule.category or "all categories"


def share_rows(case: SupplyCase, sources: Sources, expected: Floats, rules: tuple[SupplierShare, ...]) -> ShareRows:
    """A row for each bound of a share, in the order of ``rules``. ``expected`` [items, weeks]: units drawn."""
    owner = sources.table["item"].to_numpy(dtype=np.int64)
    supplier = sources.table["supplier"].astype(str).to_numpy()
    category = case.items["category"].astype(str).to_numpy()
    need = _need(case, expected)
    weights, names, sizes = list[Floats](), list[str](), list[float]()
    for rule in rules:
        mine = (category == rule.category) | (rule.category == "")
        place = f"of {rule.category}" if rule.category else "of all categories"
        got = (supplier == rule.supplier).astype(float)
        for sign, share, words in ((1.0, rule.most, "at most"), (-1.0, rule.least, "at least")):
            if share != (1.0 if sign > 0 else 0.0):
                weights.append(sign * (got - share) * mine[owner])
                names.append(f"{rule.supplier} {words} {share:.0%} {place}")
                sizes.append(max(float(need[mine].sum()), 1.0))
    weight = np.array(weights).reshape(len(weights), len(owner))
    return ShareRows(weight, tuple(names), np.array(sizes), _reached(weight, owner, sources, need))


def _need(case: SupplyCase, expected: Floats) -> Floats:
    """Yuan [items] that expected demand takes beyond stock and placed orders."""
    have = case.items["on_hand"].to_numpy(dtype=float) + case.scheduled.sum(axis=1)
    cost = case.items["unit_cost_fen"].to_numpy(dtype=float) / FEN
    return np.asarray(np.maximum(expected.sum(axis=1) - have, 0.0) * cost, dtype=np.float64)


def _reached(weight: Floats, owner: Ints, sources: Sources, need: Floats) -> NDArray[np.bool_]:
    """Rows that can be kept together, the first ones first: a linear programme over items with the same choice."""
    out = np.zeros(len(weight), dtype=bool)
    usable = np.asarray(sources.arrives.any(axis=1))
    if not len(weight) or not usable.any():
        return out
    # what an item may add to each row for a yuan, by supplier; items with the same choice are one
    kinds: dict[tuple[bytes, ...], int] = {}
    kind_of, columns = list[int](), list[Floats]()
    value = np.zeros(0)
    for item in np.unique(owner[np.flatnonzero(usable)]):
        mine = np.arange(*sources.start[item : item + 2])
        key = tuple(sorted({weight[:, source].tobytes() for source in np.compress(usable[mine], mine)}))
        if key not in kinds:
            kinds[key] = len(kinds)
            value = np.append(value, 0.0)
            columns += [np.frombuffer(part) for part in key]
            kind_of += [kinds[key]] * len(key)
        value[kinds[key]] += need[item]
    adds = np.array(columns).T
    whole = (np.array(kind_of)[None, :] == np.arange(len(kinds))[:, None]).astype(float)
    for row in range(len(weight)):
        tried = out.copy()
        tried[row] = True
        found = linprog(np.zeros(adds.shape[1]), A_ub=adds[tried], b_ub=np.zeros(tried.sum()), A_eq=whole, b_eq=value)
        out[row] = found.status == 0
    return out
