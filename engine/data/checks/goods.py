"""Master data: SKUs, bundles, listings, names that differ by a blank only, channels and their fees."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import numpy as np
import pandas as pd

from engine.data.checks.facts import Facts
from engine.data.checks.finding import Finding, Level, tell
from engine.data.checks.tools import apart, codes_of, days_of, has, names_of, number, spots, text, usual

VAT_RATES = (0.0, 0.01, 0.03, 0.05, 0.06, 0.09, 0.1, 0.11, 0.13, 0.16, 0.17)
"""Rates in force in China since 2018, small-scale taxpayers included."""
UNKNOWN = {"", "未知", "未分类", "其他未知", "nan", "none", "null", "n/a", "-", "--", "待定", "#n/a"}
VOLUME_FACTOR = 30.0
LARGEST_M3, LARGEST_KG = 5.0, 500.0
BUNDLE_UNITS = 100
LISTED_SHARE = 0.2
FRESH_DAYS = 56
NAMED_TABLES = (
    ("skus", "sku"),
    ("skus", "category"),
    ("channels", "channel"),
    ("suppliers", "supplier"),
    ("warehouses", "warehouse"),
    ("media", "ad_channel"),
)


def sku_master(facts: Facts) -> Iterator[Finding]:
    """Selling SKUs without a cost or category; SKUs that never sold; rates and sizes that cannot be."""
    skus = facts.data["skus"]
    if not has(skus, "sku"):
        return
    names = text(skus["sku"])
    selling = names.isin(set(facts.skus[facts.sold > 0])).to_numpy()
    cost = number(skus, "unit_cost_fen")
    known = np.zeros(len(skus), dtype=bool) if cost is None else np.nan_to_num(cost) > 0
    yield from tell("skus.no_cost", *spots(skus, selling & ~known, "sku"), whole=int(selling.sum()))
    if "category" in skus:
        blank = text(skus["category"]).str.strip().str.lower().isin(UNKNOWN).to_numpy()
        yield from tell("skus.no_category", *spots(skus, blank, "sku"))
    launch = skus["launch_date"].to_numpy() if "launch_date" in skus else np.full(len(skus), np.datetime64("NaT"))
    coming = launch.astype("datetime64[D]") > facts.last - 28
    yield from tell("skus.never_sold", *spots(skus, ~selling, "sku"), coming=int((~selling & coming).sum()))
    vat = number(skus, "vat_rate")
    if vat is not None:
        odd = ~np.isnan(vat) & ~np.isclose(vat[:, None], VAT_RATES, atol=1e-6).any(axis=1)
        yield from tell("skus.vat", *spots(skus, odd, "sku"))
    for column, largest in (("volume_m3", LARGEST_M3), ("weight_kg", LARGEST_KG)):
        yield from _sizes(skus, column, largest)
    shelf = number(skus, "shelf_life_days")
    if shelf is not None:
        yield from tell("skus.shelf_life", *spots(skus, shelf < 7, "sku"))


def _sizes(skus: pd.DataFrame, column: str, largest: float) -> Iterator[Finding]:
    values = number(skus, column)
    if values is None:
        return
    category, names = codes_of(skus["category"]) if "category" in skus else (np.zeros(len(skus), dtype=np.int64), [""])
    middle = np.append(usual(values, category, len(names)), np.nan)[category]
    with np.errstate(invalid="ignore"):
        wrong = apart(values, middle, VOLUME_FACTOR) | (values > largest)
    yield from tell("skus.size", *spots(skus, wrong, "sku"), column=column)


def spellings(facts: Facts) -> Iterator[Finding]:
    """Names that are one but for blanks, full width or case."""
    for name, column in NAMED_TABLES:
        frame = facts.data.get(name)
        if not has(frame, column):
            continue
        assert frame is not None
        codes, names = codes_of(frame[column])
        used = pd.Series(sorted(names[np.unique(codes[codes >= 0])]), dtype=object)
        plain = used.map(lambda value: "".join(unicodedata.normalize("NFKC", str(value)).casefold().split()))
        twice = plain.duplicated(keep=False)
        yield from tell(
            "names.alike", int(twice.sum()), (repr(value) for value in used[twice]), table=name, column=column
        )


def bundles(facts: Facts) -> Iterator[Finding]:
    """Bundles that hold themselves or other bundles, huge quantities, components that nobody supplies or stocks."""
    table = facts.data.get("bundles")
    if not has(table, "bundle_sku", "component_sku"):
        return
    assert table is not None
    whole, part = text(table["bundle_sku"]), text(table["component_sku"])
    yield from tell("bundles.itself", *spots(table, (whole == part).to_numpy(), "bundle_sku"))
    nested = (part.isin(facts.bundles) & (whole != part)).to_numpy()
    yield from tell("bundles.nested", *spots(table, nested, "bundle_sku", "component_sku"))
    quantity = number(table, "quantity")
    if quantity is not None:
        yield from tell("bundles.quantity", *spots(table, quantity > BUNDLE_UNITS, "bundle_sku", "component_sku"))


def listings(facts: Facts) -> Iterator[Finding]:
    """Listings of SKUs or in channels that sell nothing; SKUs that sell in a channel where they are not listed."""
    table = facts.data.get("listings")
    if not has(table, "channel", "sku"):
        return
    assert table is not None
    skus, channels = text(table["sku"]), text(table["channel"])
    master = facts.data["skus"]
    fresh: set[str] = set()
    if has(master, "sku", "launch_date"):
        fresh = set(text(master["sku"])[(days_of(master["launch_date"]) > facts.last - FRESH_DAYS)])
    idle = ~skus.isin(set(facts.skus[facts.sold > 0]) | fresh).to_numpy()
    level: Level = "warning" if idle.mean() > LISTED_SHARE else "note"
    yield from tell("listings.idle", *spots(table, idle, "channel", "platform_id", "sku"), level)
    known = facts.data.get("channels")
    if has(known, "channel"):
        assert known is not None
        yield from tell(
            "listings.channel", *spots(table, ~channels.isin(set(text(known["channel"]))).to_numpy(), "channel")
        )
    quantity = number(table, "quantity")
    if quantity is not None:
        yield from tell("listings.quantity", *spots(table, quantity > BUNDLE_UNITS, "platform_id", "sku"))


def fees(facts: Facts) -> Iterator[Finding]:
    """Fees of channels that eat the price, and currencies that are not converted."""
    table = facts.data.get("channels")
    if not has(table, "channel"):
        return
    assert table is not None
    rates = [number(table, name) for name in ("commission_rate", "payment_rate")]
    total = np.sum([np.nan_to_num(rate) for rate in rates if rate is not None] or [np.zeros(len(table))], axis=0)
    yield from tell("channels.commission", *spots(table, total > 0.4, "channel"))
    freight = number(table, "freight_fen")
    middle = float(np.median(facts.price)) if len(facts.price) else np.nan
    if freight is not None and np.isfinite(middle):
        yield from tell("channels.freight", *spots(table, freight > middle, "channel"))
    days = number(table, "settlement_days")
    if days is not None:
        yield from tell("channels.settlement", *spots(table, days > 120, "channel"))
    if "currency" in table:
        foreign = ~text(table["currency"]).isin(["", "CNY", "RMB"]).to_numpy()
        yield from tell("channels.currency", *spots(table, foreign, "channel", "currency"))
    fixed = number(table, "fixed_cost_fen_month")
    if fixed is not None and facts.revenue is not None:
        month = facts.revenue.sum() / max(facts.periods * facts.step / 30.4, 1.0)
        yield from tell("channels.fixed_cost", *spots(table, fixed > month, "channel"))


def suppliers(facts: Facts) -> Iterator[Finding]:
    """Selling SKUs that nobody supplies, where terms were given for others."""
    terms = facts.data.get("supply_terms")
    if not has(terms, "sku"):
        return
    assert terms is not None
    left = set(facts.skus[facts.sold > 0]) - set(text(terms["sku"])) - facts.bundles
    yield from tell("supply_terms.none", *names_of(left))
