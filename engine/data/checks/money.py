"""Cash, market size, corrections by people."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from engine.data.checks.facts import Facts
from engine.data.checks.finding import Finding, Level, tell
from engine.data.checks.tools import (
    Days,
    Floats,
    Ints,
    Mask,
    apart,
    codes_in,
    codes_of,
    days_of,
    has,
    names_of,
    number,
    spots,
    sum_by,
    text,
    usual,
)

OPENING_DAYS = 45
FLOW_FACTOR = 50.0
MARKET_FACTOR = 6.0


def cash(facts: Facts) -> Iterator[Finding]:
    """An opening balance that is missing, not positive or old; flows out of all proportion."""
    table = facts.data.get("cash")
    if not has(table, "date", "kind", "amount_fen"):
        return
    assert table is not None
    kind, amount, days = text(table["kind"]), number(table, "amount_fen"), days_of(table["date"])
    assert amount is not None
    opening = (kind == "opening").to_numpy()
    yield from tell("cash.no_opening", int(not opening.any()))
    yield from tell("cash.opening_negative", *spots(table, opening & ~(amount > 0), "date"))
    yield from tell("cash.opening_twice", int(opening.sum() > 1 and len(np.unique(days[opening])) < opening.sum()))
    if opening.any():
        age = int(np.abs((facts.last - days[opening].max()).astype(np.int64)))
        yield from tell("cash.opening_old", age if age > OPENING_DAYS else 0, age=age)
    flows = ~opening & (amount != 0)
    middle = usual(np.abs(amount), np.where(flows, 0, -1), 1)
    if flows.sum() > 4:
        far = flows & (np.abs(amount) > FLOW_FACTOR * middle[0])
        yield from tell("cash.flow_far", *spots(table, far, "date", "note"))
    yield from tell("cash.flows_past", int(flows.any() and bool((days[flows] <= facts.last).all())))


def market(facts: Facts) -> Iterator[Finding]:
    """Markets smaller than the merchant's own sales, months far from the others, categories without goods."""
    table = facts.data.get("market_size")
    if not has(table, "date", "category", "amount_fen"):
        return
    assert table is not None
    amount, days = number(table, "amount_fen"), days_of(table["date"])
    category, names = codes_of(table["category"])
    assert amount is not None
    yield from tell("market_size.far", *spots(table, _lonely(category, days, amount), "category", "date"))
    skus = facts.data["skus"]
    if "category" in skus:
        given, own_names = set(names[np.unique(category[category >= 0])]), set(text(skus["category"]))
        level: Level = "warning" if own_names - given else "note"
        yield from tell("market_size.category", *names_of(given - own_names), level)
    if facts.amount is None or "category" not in skus:
        return
    first = pd.Series(text(skus["category"]).to_numpy(), index=text(skus["sku"]))
    of_sku = first[~first.index.duplicated()].reindex(facts.skus)
    place = codes_in(of_sku.reset_index(drop=True), names)
    months = days.astype("datetime64[M]")
    start, count = months.min(), int((months.max() - months.min()).astype(np.int64)) + 1
    month = (facts.dates.astype("datetime64[M]") - start).astype(np.int64)
    code = np.where(facts.inside & (facts.sku >= 0), place[np.maximum(facts.sku, 0)], -1)
    good = (code >= 0) & (month >= 0) & (month < count)
    own = sum_by(np.where(good, code * count + month, -1), facts.amount, len(names) * count)
    mine = own[np.maximum(category, 0) * count + (months - start).astype(np.int64)]
    yield from tell("market_size.below_own", *spots(table, (amount < mine) & (category >= 0), "category", "date"))


def _lonely(category: Ints, days: Days, amount: Floats) -> Mask:
    """Months far from the one before and the one after alike; seasons and growth go on for more than one."""
    order = np.lexsort((days.astype(np.int64), category))
    line, value = category[order], amount[order]
    far = [
        np.append(False, apart(value[1:], value[:-1], MARKET_FACTOR)),
        np.append(apart(value[:-1], value[1:], MARKET_FACTOR), False),
    ]
    inner = np.append(False, line[1:] == line[:-1]) & np.append(line[1:] == line[:-1], False)
    with np.errstate(invalid="ignore"):
        peak = np.append(True, value[1:] > value[:-1]) == np.append(value[:-1] > value[1:], True)
    wrong = np.zeros(len(amount), dtype=bool)
    wrong[order] = far[0] & far[1] & inner & peak
    return wrong


def overrides(facts: Facts) -> Iterator[Finding]:
    """Corrections that are over, that name nothing known, or that multiply beyond reason."""
    table = facts.data.get("overrides")
    if not has(table, "override", "level", "action", "value"):
        return
    assert table is not None
    value, action = number(table, "value"), text(table["action"])
    assert value is not None
    odd = ((action == "scale") & ((value > 5) | (value < 0))).to_numpy() | ((action != "add").to_numpy() & (value < 0))
    yield from tell("overrides.value", *spots(table, odd, "override"))
    if "end" in table:
        yield from tell("overrides.over", *spots(table, days_of(table["end"]) <= facts.last, "override"))
    if "key" not in table:
        return
    skus = facts.data["skus"]
    known = {
        "sku": set(text(skus["sku"])),
        "category": set(text(skus["category"])) if "category" in skus else set(),
        "channel": set(facts.channels),
    }
    lost = [
        level in known and key not in known[level]
        for level, key in zip(text(table["level"]), text(table["key"]), strict=True)
    ]
    yield from tell("overrides.key", *spots(table, np.array(lost, dtype=bool), "override", "key"))


def names(facts: Facts) -> Iterator[Finding]:
    """SKUs, categories and channels that owners or exclusions name and that do not exist."""
    for kind in ("owners.unknown", "exclusions.unknown"):
        table = facts.data.get(kind.partition(".")[0])
        if table is None:
            continue
        for column, other in (("sku", "skus"), ("category", "skus"), ("channel", "channels")):
            target = facts.data.get(other)
            if column in table and has(target, column):
                assert target is not None
                unknown = set(text(table[column])) - {""} - set(text(target[column]))
                yield from tell(kind, *names_of(unknown), column=column)
