"""Limits that placed orders and stock overrun before anything new is ordered: which, when, by how much."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.plans.errors import Infeasible, Relaxation

Floats = NDArray[np.float64]
TINY = 1e-6
"""Less is rounding."""
WORDS = {
    "cash": "cash up to the week from {week}",
    "inbound": "inbound of {name} in the week from {week}",
    "storage": "storage of {name} in the week from {week}",
    "supplier": "capacity of supplier {name} in the week from {week}",
    "open_to_buy": "open-to-buy of {name} in the month from {week}",
    "share": "share of supplier {name}",
}
REMEDIES = {
    "inbound": "Let that much of the placed orders come in another week, or book more receiving.",
    "storage": "Clear that much stock, let placed orders come later, or rent room.",
    "open_to_buy": "Raise the open-to-buy by that much, or let placed orders arrive in another month.",
}


def row_words(names: pd.DataFrame) -> list[str]:
    """A name for each row of ``names`` (frame ``family, name, week``)."""
    day = names["week"].to_numpy().astype("datetime64[D]")
    return [
        WORDS[family].format(name=name, week=week)
        for family, name, week in zip(names["family"], names["name"], day, strict=True)
    ]


def relaxations_of(names: pd.DataFrame, room: Floats) -> tuple[Relaxation, ...]:
    """The smallest changes of limits that what is placed already needs. ``room`` [rows of ``names``]: what is left of
    each limit, below zero where it is overrun.

    Ordering nothing is always a plan, so rules never trade off against each other here: each overrun row is its own
    smallest change. Cash is cumulative: its deepest week says it for all. A supplier who has accepted more than his
    capacity is told in :func:`overrun_notes` alone: there is nothing that the merchant has to change.

    :class:`Infeasible`, with all of them, where the cash is still overdrawn in the last week: then no purchase can be
    paid in any week.
    """
    short = np.where(room < -TINY, -room, 0.0)
    cash = (names["family"] == "cash").to_numpy()
    found = _overdrawn(names[cash], short[cash]) if short[cash].any() else []
    rows = np.flatnonzero((short > 0) & names["family"].isin(list(REMEDIES)).to_numpy())
    over = names.iloc[rows]
    found += [
        Relaxation(f"{words}, before any new order", float(amount), unit, REMEDIES[family])
        for words, amount, unit, family in zip(row_words(over), short[rows], over["unit"], over["family"], strict=True)
    ]
    if cash.any() and short[cash][-1] > 0:
        raise Infeasible(found)
    return tuple(found)


def _overdrawn(names: pd.DataFrame, short: Floats) -> list[Relaxation]:
    day = names["week"].to_numpy().astype("datetime64[D]")
    weeks, deepest = np.flatnonzero(short), int(np.argmax(short))
    ends = weeks[-1] + 1 < len(short)
    until = f"until the week from {day[weeks[-1] + 1]}" if ends else "for good"
    return [
        Relaxation(
            f"{row_words(names)[deepest]}, before any new order",
            float(short[deepest]),
            "yuan",
            f"Add that much from the week from {day[weeks[0]]} on, {until}, or put off flows and instalments of placed "
            "orders.",
        )
    ]


def overrun_notes(names: pd.DataFrame, room: Floats) -> tuple[str, ...]:
    """One sentence a limit: its worst week, and how many there are."""
    over = names.assign(short=-room)[room < -TINY]
    words, out = np.array(row_words(over), dtype=object), []
    for rows in over.groupby(["family", "name"], sort=False).indices.values():
        worst = int(max(rows, key=lambda row: over["short"].iloc[row]))
        out.append(
            f"{words[worst]} is short by {over['short'].iloc[worst]:,.0f} {over['unit'].iloc[worst]} before any new "
            f"order ({len(rows)} such in all): nothing new is planned there"
        )
    return tuple(out)
