"""Order lines of platforms (抖店, 拼多多, 有赞 ...): rows for ``orders`` and, added up by the merge, for ``sales``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.data.importing.model import Block, Feed, Rows
from engine.data.importing.order_columns import Cells, Ints, Mask, OrderColumns, arrow_texts, digits, only
from engine.data.importing.order_states import Evidence, States, contract_states, meanings, state_texts
from engine.data.tables import TABLES

LINE_COLUMNS = (
    *("paid_at", "after_sale", "after_sale_type", "refund_yuan", "refund_fen", "refunded_at", "units_refunded"),
    *("amount_ordered_yuan", "amount_ordered_fen", "line_kind", "gift", "cancel_reason"),
)
"""Columns of a feed of order lines beyond those of the table ``orders``."""

_SHIPPED = ("shipped", "settled", "returned", "refund_only")
_GOODS = ("sku", "platform_id")


def line_rows(feed: Feed, block: Block) -> list[Rows]:
    """Rows for ``orders`` and ``sales`` from order lines, one a row of the file.

    The state follows from the texts of order and after-sales (see ``order_states``). ``sales``: units and amounts by
    state, booked on the day of the order, ``grain`` order and line, so that the lines of a day add up and repetitions
    are found. Gifts (marked, not by their price) use stock and stand in ``sales`` alone. A line that cannot be
    understood stands in ``orders`` alone, with its own words as its state: the contract refuses it, naming them.
    """
    lines = OrderColumns(feed, block)
    goods = [name for name in _GOODS if lines.has(name)]
    told = _read(lines)
    orders = Rows("orders", _orders(lines, goods, told), block.rows[told.listed])
    booked = told.good
    sales = Rows("sales", _sales(lines, goods, told), block.rows[booked], _grain(lines, goods)[booked])
    return [
        Rows(rows.table, rows.frame.reset_index(drop=True), rows.rows, rows.grain)
        for rows in (orders, sales)
        if len(rows.rows)
    ]


def line_notes(feed: Feed) -> tuple[str, ...]:
    """What has to be assumed about a feed of order lines, for the report of the import."""
    notes = []
    if "after_sale_type" not in feed.columns:
        assumed = {"returned": "returned goods", "refund_only": "refunds without return"}[state_texts().unsaid]
        notes.append(f"no 售后类型: refunds after shipment that do not say more count as {assumed}")
    if not {"gift", "line_kind"} & set(feed.columns):
        notes.append("no mark for gifts: every line counts as sold")
    return tuple(notes)


@dataclass(frozen=True)
class _Told:
    """What the lines say, an entry a line. ``good``: understood; ``listed``: stands in ``orders``. Amounts that the
    export does not hold are None.
    """

    state: NDArray[np.str_]
    good: Mask
    listed: Mask
    gift: Mask
    units: Ints
    back: Ints
    ordered: Ints | None
    paid: Ints | None
    refund: Ints | None
    partial: Mask


def _read(lines: OrderColumns) -> _Told:
    units, blank, wrong = lines.number("units", "integer")
    bad = blank | wrong | ~lines.filled("ordered_at", "day")
    paid, ordered, refund = (lines.money(stem) for stem in ("amount_paid", "amount_ordered", "refund"))
    for cells in (paid, ordered, refund):
        bad |= cells.wrong if cells is not None else False
    evidence = _evidence(lines, paid, refund)
    stage = lines.series("state")
    assert stage is not None, "recognised as order lines without a state"
    states = contract_states(stage, lines.series("after_sale"), lines.series("after_sale_type"), evidence)
    good = ~bad & (states.state != "")
    gift = np.zeros(lines.count, dtype=bool)
    for name in ("gift", "line_kind"):
        marks = lines.series(name)
        gift |= meanings(marks, {"gift": state_texts().gifts}) == "gift" if marks is not None else False
    amount = None if paid is None else np.where(states.state == "ordered", 0, paid.values)
    back = _refunds(states, refund, amount)
    return _Told(
        state=states.state,
        good=good,
        listed=~(gift & good),
        gift=gift,
        units=units,
        back=_units_back(lines, states, units, back, amount),
        ordered=_ordered(ordered, amount),
        paid=amount,
        refund=back,
        partial=states.partial,
    )


def _ordered(ordered: Cells | None, paid: Ints | None) -> Ints | None:
    """Fen that were to be paid; where that is blank, what was paid."""
    if ordered is None or paid is None:
        return None if ordered is None else ordered.values
    return np.where(ordered.blank, paid, ordered.values)


def _evidence(lines: OrderColumns, paid: Cells | None, refund: Cells | None) -> Evidence:
    no = np.zeros(lines.count, dtype=bool)
    returned = refund.values if refund is not None else np.zeros(lines.count, dtype=np.int64)
    if lines.has("paid_at"):
        settled = lines.filled("paid_at", "day")
    else:
        settled = paid.values > 0 if paid is not None else returned > 0
    return Evidence(
        paid=settled,
        shipped=lines.filled("shipped_at", "day") if lines.has("shipped_at") else no,
        back=lines.filled("returned_at", "day") if lines.has("returned_at") else no,
        refund=returned > 0,
        less=returned < paid.values if paid is not None else no,
    )


def _refunds(states: States, refund: Cells | None, paid: Ints | None) -> Ints | None:
    """Fen that went back: as stated, all that was paid where nothing is stated, nothing while a complaint is open."""
    if paid is None and refund is None:
        return None
    full = np.isin(states.state, ("cancelled", "returned", "refund_only"))
    stated, blank = (
        (refund.values, refund.blank) if refund is not None else (np.zeros_like(paid), np.ones(len(full), bool))
    )
    assumed = paid if paid is not None else np.zeros_like(stated)
    amount = np.where(blank & ~states.partial, assumed, stated)
    return np.asarray(np.where(full | states.partial, amount, 0), dtype=np.int64)


def _units_back(lines: OrderColumns, states: States, units: Ints, refund: Ints | None, paid: Ints | None) -> Ints:
    """Units that a refund is about: as stated, all of a full one, of a partial one by its share of the money."""
    found = units
    if refund is not None and paid is not None:
        share = np.rint(units * refund / np.maximum(paid, 1)).astype(np.int64)
        found = np.where(states.partial, np.clip(share, np.minimum(units, 1), units), units)
    if lines.has("units_refunded"):
        stated, blank, wrong = lines.number("units_refunded", "integer")
        found = np.where(blank | wrong | (stated == 0), found, np.minimum(stated, units))
    return np.asarray(found, dtype=np.int64)


def _orders(lines: OrderColumns, goods: list[str], told: _Told) -> pd.DataFrame:
    columns: dict[str, Any] = {"order_id": lines.texts("order_id", "text"), "line": _line_ids(lines, goods)}
    for column in TABLES["orders"].columns:
        for name in (column.name, column.name.replace("_fen", "_yuan")):
            if lines.has(name) and name not in columns:
                columns[name] = lines.texts(name, column.kind)
    if lines.has("platform_id"):
        columns["platform_id"] = lines.texts("platform_id", "text")
    columns["state"] = _state_texts(lines, told)
    arrived = "refunded_at" if lines.has("refunded_at") and not lines.has("returned_at") else "returned_at"
    if lines.has(arrived):
        columns["returned_at"] = only(lines.texts(arrived, "day"), told.state == "returned")
    return pd.DataFrame(columns)[told.listed]


def _state_texts(lines: OrderColumns, told: _Told) -> pd.Categorical:
    """States of the contract; where a line is not understood, its own words."""
    words = [lines.texts(name, "text") for name in ("state", "after_sale", "after_sale_type") if lines.has(name)]
    parts = np.array(
        [" / ".join(filter(None, cells)) for cells in zip(*(column[~told.good] for column in words), strict=True)],
        dtype=object,
    )
    states = told.state.astype(object)
    states[~told.good] = np.where(told.state[~told.good] == "", parts + " ?", parts + " (amounts or units ?)")
    return pd.Categorical(states)


def _sales(lines: OrderColumns, goods: list[str], told: _Told) -> pd.DataFrame:
    keep, state = told.good, told.state
    sold = keep & ~told.gift
    whole = {
        "units_ordered": (sold, told.units),
        "units_paid": (sold & (state != "ordered"), told.units),
        "units_cancelled": (sold & (state == "cancelled"), told.back),
        "units_shipped": (sold & np.isin(state, _SHIPPED), told.units),
        "units_returned": (sold & (state == "returned"), told.back),
        "units_refund_only": (sold & (state == "refund_only"), told.back),
        "units_gift": (told.gift & np.isin(state, ("paid", *_SHIPPED)), told.units),
        "amount_ordered_fen": (sold, told.ordered),
        "amount_paid_fen": (sold & (state != "ordered"), told.paid),
        "amount_cancelled_fen": (sold & (state == "cancelled"), told.refund),
        "amount_returned_fen": (sold & (state == "returned"), told.refund),
        "amount_refund_only_fen": (
            sold & ((state == "refund_only") | (told.partial & np.isin(state, ("paid", "shipped", "settled")))),
            told.refund,
        ),
    }
    columns: dict[str, Any] = {"date": lines.texts("ordered_at", "day")[keep]}
    columns |= {name: lines.texts(name, "text")[keep] for name in (*goods, "channel") if lines.has(name)}
    for name, (rows, values) in whole.items():
        if values is not None:
            columns[name] = digits(np.where(rows, values, 0)[keep])
    return pd.DataFrame(columns)


def _grain(lines: OrderColumns, goods: list[str]) -> pd.Series:
    pair = [arrow_texts(lines.texts("order_id", "text")), arrow_texts(_line_ids(lines, goods))]
    return pd.Series(pc.binary_join_element_wise(*pair, "|").to_pandas(), dtype="str")


def _line_ids(lines: OrderColumns, goods: list[str]) -> pd.Categorical:
    """The line's own id; where the platform has none, the id of the goods, numbered where it comes again."""
    if lines.has("line"):
        return lines.texts("line", "text")
    if "order_id|line" not in lines.kept:
        ids = pd.DataFrame({"order": lines.texts("order_id", "text"), "goods": lines.texts(goods[-1], "text")})
        again = ids.groupby(["order", "goods"], observed=True, sort=False).cumcount().to_numpy()
        named = ids["goods"].astype(object).where(again == 0, ids["goods"].astype(str) + "#" + (again + 1).astype(str))
        lines.kept["order_id|line"] = pd.Categorical(named)
    return lines.kept["order_id|line"]
