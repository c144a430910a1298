"""What stands around the targets: supply, parcels, cash and ad money as rules over the cells of the year."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from engine.data.goods import categories_of, unit_costs
from engine.data.network import text_of
from engine.data.revenue import YEAR, net_sales
from engine.data.stock import placed_orders, stock_units
from engine.targets.income import Income
from engine.targets.rules import Costs, Rule
from engine.targets.settings import Limit, Limits

Floats = NDArray[np.float64]
EVENT_SLACK_DAYS = 2
"""Days after an event on which its parcels may still leave."""
COLUMNS = ["limit", "kind", "available", "needed", "short", "kept"]


@dataclass(frozen=True)
class Around:
    """``kept``: rules of the programme; ``told``: rules that are only held against the plan. All are "<", in yuan of
    their own kind (goods at cost, ads) or in yuan of sales."""

    kept: tuple[Rule, ...]
    told: tuple[Rule, ...]


@dataclass(frozen=True)
class Situation:
    """``cells`` of the year (frame ``month, event, channel, category, actual_fen``); ``between``: yuan expected until
    the year by category; ``event_days``: days of each kind in the year."""

    dataset: Dataset
    origin: np.datetime64
    cells: pd.DataFrame
    costs: Costs
    between: pd.Series
    event_days: Mapping[str, int]


def limits_around(given: Situation, settings: Limits) -> Around:
    """Every limit that the settings and tables know; how each is kept stands in the settings."""
    kept: list[Rule] = []
    told: list[Rule] = []
    families: Sequence[tuple[Limit, Iterator[Rule]]] = (
        (settings.supply, _stated_supply(given, settings.supply_yuan)),
        (settings.supply, _suppliers(given)),
        (settings.parcels, _parcels(given)),
        (settings.cash, _cash(given, settings.income_share)),
        (settings.ads, _ads(given, settings.ads_yuan)),
    )
    for how, rules in families:
        if how == "off":
            continue
        for rule in rules:
            (told if how == "tell" else kept).append(replace(rule, hard=how == "hard"))
    return Around(tuple(kept), tuple(told))


def held_against(around: Around, cell_yuan: Floats) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Frame of :data:`COLUMNS`, the tightest first, and a sentence for every limit that the targets break."""
    rows, notes = [], []
    for rules, kept in ((around.kept, "kept"), (around.told, "told")):
        for rule in rules:
            needed = float(rule.coefficient @ cell_yuan)
            short = max(needed - rule.yuan, 0.0)
            rows.append([rule.text, rule.level, rule.yuan, needed, short, kept])
            if short > 0.01 * max(rule.yuan, 1.0) and kept == "told":
                notes.append(
                    f"targets: out of reach by {rule.text}: needs {needed:,.0f}, there are {max(rule.yuan, 0.0):,.0f}. "
                    f"{rule.remedy}"
                )
    frame = pd.DataFrame(rows, columns=COLUMNS)
    tight = frame["needed"] / frame["available"].clip(lower=1.0)
    order = (-tight).sort_values(kind="stable").index
    return frame.loc[order].reset_index(drop=True), tuple(notes)


def _month_number(given: Situation) -> NDArray[np.int64]:
    return np.asarray(given.cells["month"].to_numpy().astype("datetime64[M]").astype(np.int64))


def _stated_supply(given: Situation, stated: Mapping[str, float]) -> Iterator[Rule]:
    for category, yuan in sorted(stated.items()):
        member = (given.cells["category"] == category).to_numpy()
        text = f"supply of {category} (yuan of sales in the year)"
        remedy = "Find more supply, or lower the target by that much."
        yield Rule(text, member.astype(float), "<", yuan, level="supply", key=category, remedy=remedy)


def _suppliers(given: Situation) -> Iterator[Rule]:
    """Units asked of a supplier until the end of each quarter against stock, placed orders and its weekly capacity."""
    table, terms = given.dataset.get("suppliers"), given.dataset.get("supply_terms")
    if table is None or terms is None or "capacity_units_week" not in table:
        return
    share, there = _supplier_shares(given, terms)
    capacity = pd.Series(table["capacity_units_week"].to_numpy(float, na_value=np.nan), text_of(table["supplier"]))
    category, month = given.cells["category"].astype(str), _month_number(given)
    by_category, actual = given.costs.units, given.cells["actual_fen"].to_numpy() / 100.0
    between_units = {
        name: yuan * _mean(by_category, (category == name).to_numpy()) for name, yuan in given.between.items()
    }
    for supplier, units_week in capacity.dropna().sort_index().items():
        if supplier not in share.columns:
            continue
        part = share[supplier]
        own = category.map(part).fillna(0.0).to_numpy(float) * given.costs.units
        sold_before = sum(float(part.get(name, 0.0)) * units for name, units in between_units.items())
        for last in np.unique(month)[2::3]:
            end = np.datetime64(int(last) + 1, "M").astype("datetime64[D]")
            if end <= given.origin:
                continue
            weeks = float((end - given.origin).astype(int)) / 7.0
            done = float((own * (month <= last)) @ actual)
            room = float(there.get(supplier, 0.0)) + float(units_week) * weeks - sold_before + done
            text = f"supply of {supplier} until {end - 1!s} (units)"
            remedy = "Find a second supplier, order earlier, or lower the targets of its categories."
            yield Rule(text, own * (month <= last), "<", room, level="supply", key=str(supplier), remedy=remedy)


def _mean(values: Floats, member: NDArray[np.bool_]) -> float:
    return float(values[member].mean()) if member.any() else 0.0


def _supplier_shares(given: Situation, terms: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """Share of a category's units that each supplier delivers [categories, suppliers], and units of its goods that are
    there or ordered. A SKU counts evenly for its suppliers."""
    pairs = pd.DataFrame({"sku": text_of(terms["sku"]), "supplier": text_of(terms["supplier"])}).drop_duplicates()
    pairs["part"] = 1.0 / pairs.groupby("sku")["supplier"].transform("size")
    sales = net_sales(given.dataset, ("sku",))
    recent = sales.last_year
    sold = pd.Series(sales.units[:, recent].sum(axis=1), index=sales.groups["sku"].astype(str))
    pairs["category"] = pairs["sku"].map(categories_of(given.dataset)).fillna("")
    pairs["units"] = pairs["part"] * pairs["sku"].map(sold).fillna(0.0)
    grid = pairs.pivot_table(index="category", columns="supplier", values="units", aggfunc="sum", fill_value=0.0)
    total = sold.groupby(categories_of(given.dataset).reindex(sold.index).to_numpy()).sum()
    coming = placed_orders(given.dataset, given.origin).groupby("sku")["units"].sum()
    goods = stock_units(given.dataset).add(coming, fill_value=0.0)
    pairs["there"] = pairs["part"] * pairs["sku"].map(goods).fillna(0.0)
    return grid.div(total.reindex(grid.index).where(lambda units: units > 0), axis=0).fillna(0.0), pairs.groupby(
        "supplier"
    )["there"].sum()


def _parcels(given: Situation) -> Iterator[Rule]:
    """Units of a month, and of an event with the days after it, against what all warehouses ship."""
    table = given.dataset.get("warehouses")
    if table is None or "parcels_day" not in table or not (table["parcels_day"].fillna(0) > 0).any():
        return
    daily = float(table["parcels_day"].fillna(0).sum())
    each = given.costs.units / units_a_parcel(given.dataset)
    month, event = _month_number(given), given.cells["event"].astype(str).to_numpy()
    spans: list[tuple[str, NDArray[np.bool_], int | None]] = [
        (str(np.datetime64(int(value), "M")), month == value, None) for value in np.unique(month)
    ]
    spans += [(name, event == name, days) for name, days in sorted(given.event_days.items())]
    # what lies in months that are over asks for no parcels any more
    running = int(given.origin.astype("datetime64[M]").astype(np.int64))
    spans = [span for span in spans if (month[span[1]] >= running).any()]
    for name, member, days in spans:
        length = (
            float(((np.datetime64(name, "M") + 1).astype("datetime64[D]") - np.datetime64(name, "D")).astype(int))
            if days is None
            else float(days + EVENT_SLACK_DAYS)
        )
        remedy = "Book more shipping, or spread the peak."
        yield Rule(f"parcels in {name}", each * member, "<", daily * length, level="parcels", key=name, remedy=remedy)


def units_a_parcel(dataset: Dataset) -> float:
    """Units a parcel in the order lines, 1 where there are none."""
    orders = dataset.get("orders")
    if orders is None or orders.empty:
        return 1.0
    return max(float(orders["units"].sum()) / max(orders["order_id"].nunique(), 1), 1.0)


def _cash(given: Situation, income_share: float) -> Iterator[Rule]:
    """Cost of what is sold until a month ends, less goods that are there and the ``income_share`` of what sales have
    brought by then, against the money until then; as far as the cash table looks."""
    cash = given.dataset.get("cash")
    if cash is None or cash.empty:
        return
    day = cash["date"].to_numpy().astype("datetime64[D]")
    amount = cash["amount_fen"].to_numpy(float) / 100.0
    openings = (text_of(cash["kind"]) == "opening").to_numpy()
    past = openings & (day <= given.origin)
    start = day[past].max() if past.any() else given.origin
    opening = float(amount[openings & (day == start)].sum())
    flows = ~openings & (day >= start)
    if not flows.any():
        return
    cost = unit_costs(given.dataset)
    goods = stock_units(given.dataset)
    value = float((goods * cost.reindex(goods.index).fillna(0.0)).sum())
    month, actual = _month_number(given), given.cells["actual_fen"].to_numpy() / 100.0
    income = Income.of(given.dataset, given.cells, income_share * given.costs.receipts, given.origin)
    before, income_before = (_between_yuan(given, each) for each in (given.costs.goods, income.receipts))
    last = day[flows].max().astype("datetime64[M]").astype(np.int64)
    for number in np.unique(month[month <= last]):
        end = np.datetime64(int(number) + 1, "M").astype("datetime64[D]")
        if end <= given.origin:
            continue
        taken = given.costs.goods * (month <= number) - income.of_cells(end)
        came = income.of_past(end) + income_before * income.of_between(end, given.origin)
        money = opening + float(amount[flows & (day < end)].sum()) + value - before + came
        text = f"cash until {end - 1!s} (yuan of goods at cost" + (", less receipts)" if income_share > 0 else ")")
        remedy = "Bring money forward, buy on longer terms, or lower the targets before that day."
        yield Rule(text, taken, "<", money + float(taken @ actual), level="cash", remedy=remedy)


def _between_yuan(given: Situation, each: Floats) -> float:
    """Sum over what is sold until the year, ``each`` [cells] a yuan of it."""
    category = given.cells["category"].astype(str)
    return float(sum(yuan * _mean(each, (category == name).to_numpy()) for name, yuan in given.between.items()))


def _ads(given: Situation, stated: float | None) -> Iterator[Rule]:
    if stated is None:
        return
    rate = ad_ratio(given.dataset)
    remedy = "Raise ads_yuan, or sell more with less: see `yunchou bridge`."
    text = f"ad money at {rate:.1%} of sales (yuan)"
    yield Rule(text, np.full(len(given.cells), rate), "<", stated, level="ads", remedy=remedy)


def ad_ratio(dataset: Dataset) -> float:
    """Ad spend / revenue of the last year; 0 without media."""
    media, sales = dataset.get("media"), net_sales(dataset, ("channel",))
    if media is None or media.empty or sales.amount_fen is None or not len(sales.dates):
        return 0.0
    spent = float(media.loc[media["date"].to_numpy() > sales.dates[-1] - YEAR, "spend_fen"].sum())
    sold = float(sales.amount_fen[:, sales.last_year].sum())
    return spent / sold if sold > 0 else 0.0
