"""The key figures of the year: each with its unit, its basis, and the year before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from engine.targets.review.ads import spent
from engine.targets.review.customers import Bought, Customers
from engine.targets.review.funnel import Traffic
from engine.targets.review.year import Year

NAN = float("nan")
Row = tuple[str, str, str, float, float]


@dataclass(frozen=True)
class Told:
    """The parts of the review that the key figures are taken from; ``ads_vat``: share of ad spend that comes back as
    input VAT."""

    cells: pd.DataFrame
    bridge: pd.DataFrame
    ads: pd.DataFrame | None
    traffic: Traffic | None
    customers: Customers | None
    stock: pd.DataFrame
    events: pd.DataFrame
    ads_vat: float


def key_figures(told: Told, year: Year) -> pd.DataFrame:
    """Frame ``measure, unit, basis, now, before, change``; NaN where a figure cannot be told."""
    rows = [*_money(told, year), *_traffic(told), *_customers(told), *_stock(told), *_events(told, year)]
    table = pd.DataFrame(rows, columns=["measure", "unit", "basis", "now", "before"])
    if not year.compares:
        table["before"] = np.nan
    base = table["before"].where(table["before"] != 0)
    table["change"] = table["now"] / base - 1.0
    return table


def _money(told: Told, year: Year) -> list[Row]:
    """Levels of sales, units, returns, contribution, ads."""
    rows: list[Row] = []
    levels = told.bridge[told.bridge["kind"] == "level"]
    for step, now, before in zip(levels["step"], levels["now"], levels["before"], strict=True):
        rows.append((f"{step}_fen", "fen", str(step), float(now), float(before)))
    sums = [told.cells[told.cells["before"] == flag] for flag in (False, True)]
    units = [float(part["units"].sum()) for part in sums]
    rows.append(("units", "units", "net", units[0], units[1]))
    if levels.empty:
        return rows
    net = [float(part["net_fen"].sum()) for part in sums]
    rows.append(("unit_price_fen", "fen", "net", *_each(net, units)))
    back = [float((part["returned_fen"] + part["refund_only_fen"]).sum()) for part in sums]
    if told.bridge["step"].isin(["returned", "refund_only"]).any():
        rows.append(("returned_share", "share", "net", *_each(back, net)))
    left = [float(part["contribution_fen"].sum(min_count=1)) if len(part) else NAN for part in sums]
    known = [float(part.loc[part["contribution_fen"].notna(), "net_fen"].sum()) for part in sums]
    rows.append(("contribution_fen", "fen", "net", left[0], left[1]))
    rows.append(("margin", "share", "net", *_each(left, known)))
    if told.ads is not None:
        ads = [float(spent(told.ads, *year.span(before)).sum()) for before in (False, True)]
        rows.append(("ads_fen", "fen", "spend", ads[0], ads[1]))
        rows.append(("ad_ratio", "share", "net", *_each(ads, net)))
        borne = [(1.0 - told.ads_vat) * money for money in ads]
        rows.append(("left_after_ads_fen", "fen", "net", left[0] - borne[0], left[1] - borne[1]))
    return rows


def _traffic(told: Told) -> list[Row]:
    """Visitors, conversion, order value on the basis of the traffic."""
    traffic = told.traffic
    if traffic is None:
        return []
    frames = [traffic.now.sum(), traffic.before.sum()]
    if not traffic.compares:
        frames[1] = frames[1] * np.nan
    visitors, buyers = ([float(frame[name]) for frame in frames] for name in ("visitors", "buyers"))
    covered = [
        float(
            told.cells.loc[
                (told.cells["before"] == flag) & told.cells["channel"].astype(str).isin(table.index), "net_fen"
            ].sum()
        )
        for flag, table in ((False, traffic.now), (True, traffic.before))
    ]
    return [
        ("visitors", "visitors", traffic.basis, visitors[0], visitors[1]),
        ("buyers", "buyers", traffic.basis, buyers[0], buyers[1]),
        ("conversion", "share", traffic.basis, *_each(buyers, visitors)),
        ("order_value_fen", "fen", "buyers_day", *_each(covered, buyers)),
        ("visitor_value_fen", "fen", traffic.basis, *_each(covered, visitors)),
    ]


def _customers(told: Told) -> list[Row]:
    """Orders and customers of both years; of the year before what its order lines tell."""
    found = told.customers
    if found is None:
        return []
    basis = "orders" if found.whole else "orders_part"
    both = (found.now, found.before)
    rows: list[Row] = [("orders", "orders", basis, *_of(both, lambda year: float(year.orders)))]
    if found.now.orders and found.now.money_fen:
        rows.append(("basket_fen", "fen", basis, *_of(both, lambda year: year.money_fen / max(year.orders, 1))))
    if found.now.came.customers:
        rows.append(("customers", "customers", basis, *_of(both, lambda year: float(year.came.customers))))
        rows.append(("repurchase_rate", "share", "customers_period", *_of(both, lambda year: year.came.rate)))
    if found.now.came.old:
        rows.append(("old_repurchase_rate", "share", "customers_before", *_of(both, lambda year: year.came.old_rate)))
        rows.append(("returning_share", "share", basis, *_of(both, _returning)))
        rows.append(("new_customers_fen", "fen", basis, *_of(both, lambda year: year.new_fen)))
        rows.append(("old_customers_fen", "fen", basis, *_of(both, lambda year: year.old_fen)))
    return rows


def _of(both: tuple[Bought, Bought | None], figure: Callable[[Bought], float]) -> tuple[float, float]:
    """A figure of both years."""
    now, before = both
    return figure(now), NAN if before is None else figure(before)


def _returning(year: Bought) -> float:
    """Share of a year's customers who had bought in the year before it; NaN where that is not known."""
    return year.came.returning / max(year.came.customers, 1) if year.came.old else NAN


def _stock(told: Told) -> list[Row]:
    if told.stock.empty:
        return []
    every = told.stock.iloc[0]
    units = {"stock_fen": "fen", "turnover_days": "days", "slow_fen": "fen", "slow_share": "share"}
    return [(name, unit, "cost", float(every[name]), float(every[f"before_{name}"])) for name, unit in units.items()]


def _events(told: Told, year: Year) -> list[Row]:
    """Sales on event days, and what they truly brought."""
    every = told.events[told.events["channel"] == ""] if len(told.events) else told.events
    if every.empty:
        return []
    net = float(told.cells.loc[~told.cells["before"], "net_fen"].sum())
    return [
        ("event_share", "share", "net", float(every["net_fen"].sum()) / net if net > 0 else NAN, NAN),
        ("uplift_fen", "fen", "net", float(every["uplift_fen"].sum()), NAN),
        ("uplift_share", "share", "net", float(every["uplift_fen"].sum()) / net if net > 0 else NAN, NAN),
        ("event_earned_fen", "fen", "net", float(every["earned_fen"].sum(skipna=False)), NAN),
    ]


def _each(over: list[float], under: list[float]) -> tuple[float, float]:
    """Quotients of both years; NaN where there is nothing to divide by."""
    first, second = (top / bottom if bottom > 0 else NAN for top, bottom in zip(over, under, strict=True))
    return first, second
