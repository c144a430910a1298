"""Purchases whose customer is told."""

import numpy as np
import pandas as pd
import pytest

from engine.budget.lifetime import later_orders
from engine.budget.margin import new_customer_rates
from engine.data.dataset import Dataset
from engine.data.purchases import purchases


def _orders() -> pd.DataFrame:
    rows = [
        ("a", "2026-01-01", "settled", 10_00, False),
        ("a", "2026-01-01", "settled", 5_00, False),  # a second line of the same order
        ("a", "2026-02-01", "returned", 20_00, False),
        ("b", "2026-01-05", "cancelled", 99_00, False),
        ("b", "2026-03-01", "shipped", 30_00, False),
        ("c", "2026-03-02", "settled", 77_00, True),  # brushing
        (None, "2026-03-02", "settled", 77_00, False),
        ("d", "2026-03-03", "ordered", 77_00, False),
    ]
    table = pd.DataFrame(rows, columns=["customer_id", "ordered_at", "state", "amount_paid_fen", "suspicious"])
    return table.assign(ordered_at=pd.to_datetime(table["ordered_at"]), channel="天猫")


def test_what_was_not_paid_or_is_brushing_is_no_purchase_and_makes_no_order_the_first() -> None:
    found = purchases(Dataset({"orders": _orders()}, "x"))
    assert found["yuan"].tolist() == [10.0, 5.0, 20.0, 30.0]
    assert found["first"].tolist() == [True, True, False, True]  # b's cancelled order was none
    assert found["customer"].nunique() == 2
    assert purchases(Dataset({"orders": _orders()}, "x"), np.datetime64("2026-02-01"))["yuan"].sum() == 15.0


@pytest.mark.parametrize("lacking", ["customer_id", "amount_paid_fen"])
def test_orders_that_do_not_tell_hold_no_purchases(lacking: str) -> None:
    assert purchases(Dataset({"orders": _orders().drop(columns=lacking)}, "x")).empty
    assert purchases(Dataset({}, "x")).empty


def test_rates_of_new_customers_leave_brushing_out() -> None:
    rates, note = new_customer_rates(Dataset({"orders": _orders()}, "x"), ("天猫",))
    assert note is None and rates == pytest.approx([1.0 / 30.0])  # b alone, in the last third of the orders
    assert later_orders(Dataset({}, "x"), ("天猫",)).days == 0
