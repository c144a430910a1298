"""Purchase orders, receipts and the terms of suppliers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from engine.data.checks.facts import Facts
from engine.data.checks.finding import Finding, tell
from engine.data.checks.tools import Floats, Mask, apart, codes_of, days_of, has, names_of, number, numbers, spots, text

LATE_DAYS, SEVERAL = 60, 4
"""Days beyond the expected one from which an order without a receipt is no mere delay; half for several orders."""
OVER = 1.1
LONGEST_DAYS = 365
PRICE_FACTOR = 2.5
YEARS = 3.0
FRESH_DAYS = 90
LEAST_UNITS = 100
"""Minimums up to this are small whatever sells."""
LINE = ["po", "sku", "warehouse"]


def open_orders(facts: Facts) -> Iterator[Finding]:
    """Orders long overdue, with impossible dates or quantities."""
    orders, receipts = facts.data.get("purchase_orders"), facts.data.get("receipts")
    if not has(orders, "po", "sku", "ordered_at", "expected_at"):
        return
    assert orders is not None
    ordered, expected = days_of(orders["ordered_at"]), days_of(orders["expected_at"])
    got = pd.MultiIndex.from_frame(_keys(receipts)) if has(receipts, *LINE) and receipts is not None else None
    waits = np.ones(len(orders), dtype=bool) if got is None else ~pd.MultiIndex.from_frame(_keys(orders)).isin(got)
    late = waits & (expected <= facts.last)
    limit = facts.last - max(LATE_DAYS, _usual_delay(orders, receipts))
    overdue = late & (expected < limit)
    several = late & (expected < facts.last - LATE_DAYS // 2)
    if orders.loc[several, "po"].nunique() >= SEVERAL:
        overdue = overdue | several
    yield from tell("purchase_orders.overdue", *spots(orders, overdue, "po", "sku"))
    yield from tell("purchase_orders.late", *spots(orders, late & ~overdue, "po", "sku"))
    quoted = (expected - ordered).astype(np.int64)
    known = ~np.isnat(ordered) & ~np.isnat(expected)
    yield from tell("purchase_orders.before", *spots(orders, known & (quoted < 0), "po", "sku"))
    yield from tell("purchase_orders.at_once", *spots(orders, known & (quoted == 0) & waits, "po", "sku"))
    yield from tell("purchase_orders.too_long", *spots(orders, known & (quoted > LONGEST_DAYS), "po", "sku"))
    yield from tell("purchase_orders.ahead", *spots(orders, known & (ordered > facts.last + 14), "po", "sku"))
    yield from _quantities(facts, orders)


def _keys(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[LINE].astype(str)


def _usual_delay(orders: pd.DataFrame, receipts: pd.DataFrame | None) -> int:
    """Days by which nearly all orders of the past were received after their expected day."""
    if not has(receipts, *LINE, "date") or receipts is None:
        return 0
    first = receipts.assign(**_keys(receipts)).groupby(LINE)["date"].min().reset_index()
    both = orders.assign(**_keys(orders))[[*LINE, "expected_at"]].merge(first, on=LINE)
    delay = (both["date"] - both["expected_at"]).dt.days.dropna()
    return int(delay.quantile(0.99)) + 7 if len(delay) > 20 else 0


def _quantities(facts: Facts, orders: pd.DataFrame) -> Iterator[Finding]:
    units = number(orders, "units")
    if units is None:
        return
    yearly = facts.yearly.reindex(text(orders["sku"])).to_numpy(dtype=float)
    with np.errstate(invalid="ignore"):
        much = (units > YEARS * yearly) & (units > 500)
    yield from tell("purchase_orders.too_much", *spots(orders, much, "po", "sku"))
    yield from tell("purchase_orders.nothing", *spots(orders, units == 0, "po", "sku"))
    price = number(orders, "unit_price_fen")
    if price is not None:
        cost = _costs(facts).reindex(text(orders["sku"])).to_numpy(dtype=float)
        wrong = apart(price, cost, PRICE_FACTOR) | (price == 0)
        yield from tell("purchase_orders.price", *spots(orders, wrong, "po", "sku"))


def _costs(facts: Facts) -> pd.Series:
    skus = facts.data["skus"]
    if not has(skus, "sku", "unit_cost_fen"):
        return pd.Series(dtype=float)
    cost = pd.Series(number(skus, "unit_cost_fen"), index=text(skus["sku"]))
    return cost[~cost.index.duplicated()]


def received(facts: Facts) -> Iterator[Finding]:
    """Receipts above what was ordered, before the order, without an order, with more defects than goods."""
    orders, receipts = facts.data.get("purchase_orders"), facts.data.get("receipts")
    if not has(receipts, *LINE, "units"):
        return
    assert receipts is not None
    pair = numbers(receipts, "defects", "units")
    if pair is not None:
        with np.errstate(invalid="ignore"):
            yield from tell("receipts.defects", *spots(receipts, pair[0] > pair[1], "po", "sku"))
            part = float(np.nansum(pair[0]) / max(np.nansum(pair[1]), 1.0))
        yield from tell("receipts.defect_share", int(part > 0.2), share=f"{part:.0%}")
    if not has(orders, *LINE, "units", "ordered_at"):
        return
    assert orders is not None
    got = receipts.assign(**_keys(receipts)).groupby(LINE).agg(units=("units", "sum"), date=("date", "min"))
    asked = orders.assign(**_keys(orders)).groupby(LINE).agg(asked=("units", "sum"), ordered_at=("ordered_at", "min"))
    both = got.join(asked).reset_index()
    unknown = both["asked"].isna().to_numpy()
    yield from tell("receipts.no_order", *spots(both, unknown, "po", "sku"))
    over = (both["units"] > OVER * both["asked"]).to_numpy()
    yield from tell("receipts.over", *spots(both, over, "po", "sku"))
    early = (both["date"] < both["ordered_at"]).to_numpy()
    yield from tell("receipts.before_order", *spots(both, early, "po", "sku"))
    known = both[~unknown]
    short = float(known["units"].sum() / max(known["asked"].sum(), 1.0))
    yield from tell("receipts.short", int(short < 0.5 and len(known) > 5), share=f"{short:.0%}")


def terms(facts: Facts) -> Iterator[Finding]:
    """Lead times, minimums, packs and prices of supply terms that cannot be meant."""
    table = facts.data.get("supply_terms")
    if not has(table, "sku", "supplier"):
        return
    assert table is not None
    where = ("supplier", "sku")
    lead = number(table, "lead_time_days")
    if lead is not None:
        yield from tell("supply_terms.lead_zero", *spots(table, lead <= 0, *where))
        yield from tell("supply_terms.lead_long", *spots(table, lead > LONGEST_DAYS, *where))
        spread = number(table, "lead_time_sd_days")
        if spread is not None:
            yield from tell("supply_terms.lead_spread", *spots(table, (spread > np.maximum(lead, 3)), *where))
    for column, kind in (("moq_units", "supply_terms.moq"), ("pack_units", "supply_terms.pack")):
        units = number(table, column)
        if units is not None:
            with np.errstate(invalid="ignore"):
                wrong = (units > _yearly(facts, table, column)) & (units > LEAST_UNITS)
            yield from tell(kind, *spots(table, wrong, *where))
    pair = numbers(table, "pack_units", "moq_units")
    if pair is not None:
        wrong = (pair[0] > 10 * pair[1]) & (pair[1] > 1)
        yield from tell("supply_terms.pack_above_moq", *spots(table, wrong, *where))
    price = number(table, "unit_price_fen")
    if price is not None:
        cost = _costs(facts).reindex(text(table["sku"])).to_numpy(dtype=float)
        yield from tell("supply_terms.price", *spots(table, apart(price, cost, PRICE_FACTOR) | (price == 0), *where))
    if "rank" in table:
        twice = table[["sku", "rank"]].astype(str).duplicated(keep=False).to_numpy()
        yield from tell("supply_terms.rank", *spots(table, twice, "sku", "rank"))


def _yearly(facts: Facts, table: pd.DataFrame, column: str) -> Floats:
    """Units a year of what each minimum is asked for: the SKU, all SKUs of its colour, or of its style.

    What was launched lately has no year yet and may become as good as the best tenth of the others.
    """
    skus, sku = facts.data["skus"], text(table["sku"])
    level = text(table["moq_level"]) if column == "moq_units" and "moq_level" in table else sku.where(sku.isna(), "sku")
    fresh = _fresh(facts, sku)
    yearly = np.full(len(table), np.nan)
    for name, keys in (("sku", ["sku"]), ("colour", ["spu", "colour"]), ("style", ["spu"])):
        mine = (level == name).to_numpy()
        if not mine.any() or not has(skus, "sku", *keys):
            continue
        group = pd.Series(pd.MultiIndex.from_frame(skus[keys].astype(str)).to_flat_index(), index=text(skus["sku"]))
        group = group[~group.index.duplicated()]
        total = facts.yearly.groupby(group.reindex(facts.yearly.index).to_numpy()).sum()
        yearly[mine] = total.reindex(group.reindex(sku[mine]).to_numpy()).to_numpy(dtype=float)
        ripe = yearly[mine & ~fresh & (yearly > 0)]
        best = float(np.quantile(ripe, 0.9)) if len(ripe) else np.inf
        yearly[mine & fresh] = np.fmax(yearly[mine & fresh], best)
    return yearly


def _fresh(facts: Facts, sku: pd.Series) -> Mask:
    """SKUs launched in the last months; where the launch is blank, that began to sell since and not with the data."""
    skus = facts.data["skus"]
    began = facts.first + (facts.first_sale * facts.step).astype("timedelta64[D]")
    first = pd.Series(began, index=facts.skus).reindex(sku).to_numpy().astype("datetime64[D]")
    launch = np.full(len(sku), np.datetime64("NaT", "D"))
    if has(skus, "sku", "launch_date"):
        days = pd.Series(skus["launch_date"].to_numpy(), index=text(skus["sku"]))
        launch = days[~days.index.duplicated()].reindex(sku).to_numpy().astype("datetime64[D]")
    unknown = np.isnat(launch) & (first > facts.first + FRESH_DAYS // 3)
    return np.asarray(np.where(unknown, first, launch) > facts.last - FRESH_DAYS)


def tiers(facts: Facts) -> Iterator[Finding]:
    """Prices that rise with the quantity, lie far from the price of the terms, or begin above the smallest order."""
    table = facts.data.get("price_tiers")
    if not has(table, "supplier", "sku", "from_units", "unit_price_fen"):
        return
    assert table is not None
    supplier, sku = codes_of(table["supplier"])[0], codes_of(table["sku"])[0]
    pair = numbers(table, "from_units", "unit_price_fen")
    assert pair is not None
    order = np.lexsort((pair[0], sku, supplier))
    same = (np.diff(sku[order]) == 0) & (np.diff(supplier[order]) == 0)
    rising = np.zeros(len(table), dtype=bool)
    rising[order[1:][same & (np.diff(pair[1][order]) > 0)]] = True
    yield from tell("price_tiers.rising", *spots(table, rising, "supplier", "sku", "from_units"))
    supply = facts.data.get("supply_terms")
    if has(supply, "supplier", "sku", "unit_price_fen"):
        assert supply is not None
        keys = pd.MultiIndex.from_frame(supply[["supplier", "sku"]].astype(str))
        price = pd.Series(number(supply, "unit_price_fen"), index=keys)
        own = price[~keys.duplicated()].reindex(pd.MultiIndex.from_frame(table[["supplier", "sku"]].astype(str)))
        wrong = apart(pair[1], own.to_numpy(dtype=float), PRICE_FACTOR) | (pair[1] == 0)
        yield from tell("price_tiers.price", *spots(table, wrong, "supplier", "sku", "from_units"))
        moq = number(supply, "moq_units") if "moq_units" in supply else np.ones(len(supply))
        least = pd.Series(np.nan_to_num(moq, nan=1.0), index=keys)  # type: ignore[arg-type]
        needed = least[~keys.duplicated()].reindex(pd.MultiIndex.from_frame(table[["supplier", "sku"]].astype(str)))
        begins = np.zeros(len(table), dtype=bool)
        begins[order[np.r_[True, ~same]]] = True
        hole = begins & (pair[0] > np.fmax(needed.to_numpy(dtype=float), 1.0))
        yield from tell("price_tiers.hole", *spots(table, hole, "supplier", "sku", "from_units"))


def supplier_master(facts: Facts) -> Iterator[Finding]:
    """Suppliers without terms of payment, capacity of 0, shutdowns of months, rebates too good to be true."""
    table = facts.data.get("suppliers")
    payment, supply = facts.data.get("payment_terms"), facts.data.get("supply_terms")
    if has(payment, "supplier"):
        assert payment is not None
        used = table if not has(supply, "supplier") else supply
        if has(used, "supplier") and used is not None:
            yield from tell(
                "payment_terms.none", *names_of(set(text(used["supplier"])) - set(text(payment["supplier"])))
            )
        days = number(payment, "days")
        if days is not None:
            yield from tell("payment_terms.days", *spots(payment, days > LONGEST_DAYS, "supplier", "instalment"))
    if not has(table, "supplier"):
        return
    assert table is not None
    for column, kind, limit, above in (
        ("capacity_units_week", "suppliers.capacity", 0, False),
        ("shutdown_days_before", "suppliers.shutdown", 45, True),
        ("shutdown_days_after", "suppliers.shutdown", 45, True),
        ("annual_rebate_rate", "suppliers.rebate", 0.3, True),
    ):
        values = number(table, column)
        if values is not None:
            wrong = values > limit if above else values <= limit
            yield from tell(kind, *spots(table, wrong, "supplier"), column=column)
    if has(supply, "supplier"):
        assert supply is not None
        idle = ~text(table["supplier"]).isin(set(text(supply["supplier"]))).to_numpy()
        yield from tell("suppliers.no_terms", *spots(table, idle, "supplier"))
    yield from _minimum(facts, table)


def _minimum(facts: Facts, table: pd.DataFrame) -> Iterator[Finding]:
    """A smallest order that is more than a year of all goods at cost."""
    smallest = number(table, "minimum_order_fen")
    cost = _costs(facts).reindex(facts.yearly.index).to_numpy(dtype=float)
    year: float = float(np.nansum(cost * facts.yearly.to_numpy()))
    if smallest is not None and year > 0:
        yield from tell("suppliers.minimum", *spots(table, smallest > year, "supplier"))


def places(facts: Facts) -> Iterator[Finding]:
    """Warehouses without capacity, regions that no lane serves, channels whose demand goes nowhere."""
    table = facts.data.get("warehouses")
    if has(table, "warehouse"):
        assert table is not None
        for column in ("storage_m3", "inbound_units_week", "parcels_day"):
            values = number(table, column)
            if values is not None:
                yield from tell("warehouses.capacity", *spots(table, values <= 0, "warehouse"), column=column)
        inbound: Floats | None = number(table, "inbound_units_week")
        week = float(facts.grid.sum() / max(facts.periods * facts.step / 7, 1))
        if inbound is not None and not np.isnan(inbound).any() and 0 < inbound.sum() < 0.5 * week:
            yield from tell("warehouses.inbound", 1, total=f"{inbound.sum():,.0f}", week=f"{week:,.0f}")
    lanes, shares = facts.data.get("lanes"), facts.data.get("region_shares")
    if has(lanes, "origin", "destination"):
        assert lanes is not None
        days = number(lanes, "days")
        if days is not None:
            yield from tell("lanes.days", *spots(lanes, days > 60, "origin", "destination"))
    if not has(shares, "region", "channel"):
        return
    assert shares is not None
    if has(lanes, "destination") and lanes is not None:
        served = set(text(lanes["destination"]))
        yield from tell("region_shares.unserved", *names_of(set(text(shares["region"])) - served))
    selling = set(facts.channels[facts.grid.sum(axis=1) > 0])
    yield from tell("region_shares.channel", *names_of(selling - set(text(shares["channel"]))))
