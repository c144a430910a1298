"""Problems of a planning unit with one rule more each, which explain its quantities."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from engine.plans.orders import SupplyCase
from engine.replenishment.sources import offers_of
from engine.replenishment.styles import Styles
from models.inventory.lot_sizing import FREE, LotProblem


def variants(planned: Styles, single: Styles, orders: pd.DataFrame) -> Iterator[tuple[str, Styles]]:
    """Problems of the unit with one rule more each, by the name of the term; orders only when and where the plan places
    some. ``single``: in packs of one."""
    most = np.zeros_like(planned.tables.problem.most)
    most[orders["source"], orders["arrival"]] = FREE
    problem = planned.tables.problem._replace(most=most)
    fine, at_will = single.tables.problem, np.zeros((0, 0))
    units = fine._replace(most=most, before=at_will, **offers_of(planned.case, planned.tables.sources, fine.lot))
    base = _at_one_price(units)
    ones, free = np.ones_like(base.offer_lots), np.zeros_like(base.offer_fixed)
    yield (
        "safety_stock",
        _with(single, base._replace(offer_lots=ones, offer_step=ones, offer_fixed=free, offer_paid=free)),
    )

    # the tables of the plan judge the first order at sizes of their own, so they are taken where they know single
    # packs; sizes of one order are split in packs by them alone
    several = problem.lot[0] > planned.tables.sources.table["pack_units"].min() and len(planned.unit) == 1
    source, lawful = (single, units) if several else (planned, problem._replace(before=at_will))
    base = _at_one_price(lawful)
    packs = base._replace(offer_fixed=free, offer_paid=free)
    yield "packs", _with(source, packs._replace(offer_lots=base.offer_step))
    yield "minimum_order", _with(source, packs)
    yield "order_cost", _with(source, base)
    yield "prices", _with(source, lawful)
    yield "plan_steps", _with(planned, problem._replace(before=at_will))
    yield "last_plan", _with(planned, problem)


def _with(styles: Styles, problem: LotProblem) -> Styles:
    return replace(styles, tables=replace(styles.tables, problem=problem))


def in_units(part: SupplyCase) -> SupplyCase:
    """The item in packs of one; the smallest order is kept, so that there is room for a pack above the need."""

    def single(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.assign(moq_units=frame[["moq_units", "pack_units"]].max(axis=1), pack_units=1)

    return replace(part, items=single(part.items).assign(ratio_units=0), alternatives=single(part.alternatives))


def _at_one_price(problem: LotProblem) -> LotProblem:
    """Without tiers, and as if all suppliers cost the same."""
    first = np.searchsorted(problem.offer_source, np.arange(len(problem.most)))
    offers = {
        name: getattr(problem, name)[first]
        for name in LotProblem._fields
        if name.startswith("offer_") and name != "offer_start"
    }
    return problem._replace(**{**offers, "offer_start": np.array([0, len(first)]), "offer_extra": np.zeros(len(first))})
