"""Later orders of new customers: known purchases, late customers, and the weight in the objective."""

import numpy as np
import pandas as pd
import pytest

from engine.budget.first_time import untold
from engine.budget.goals import economics_of, worth_of
from engine.budget.lifetime import later_orders
from engine.budget.margin import new_customer_rates
from engine.budget.settings import BudgetSettings
from engine.data.dataset import Dataset
from engine.plans.price_protection import USUAL_PROTECTION
from models.response.curves import ResponseCurves

DAYS, SHOPS = 300, ("天猫", "京东")
ALIKE = untold(2, "not asked")


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    """Two customers a day and shop, first orders of 100 yuan. Those of 天猫 pay 10 yuan every tenth day after it."""
    rows = []
    for day in range(DAYS):
        for number in range(2):
            rows += [(f"t{day}-{number}", "天猫", day, 100.0), (f"j{day}-{number}", "京东", day, 100.0)]
            rows += [(f"t{day}-{number}", "天猫", later, 10.0) for later in range(day + 10, DAYS, 10)]
    orders = pd.DataFrame(rows, columns=["customer_id", "channel", "day", "yuan"])
    orders["ordered_at"] = (pd.Timestamp("2026-01-01") + pd.to_timedelta(orders["day"], unit="D")).astype(
        "datetime64[s]"
    )
    orders = orders.assign(state="settled", amount_paid_fen=(100 * orders["yuan"]).astype("int64"), units=1)
    sales = orders.assign(date=orders["ordered_at"], sku="s", units_paid=1)
    tables = {"orders": orders.drop(columns=["day", "yuan"]), "skus": pd.DataFrame({"sku": ["s"], "category": "A"})}
    tables["sales"] = sales[["date", "sku", "channel", "units_paid", "amount_paid_fen"]]
    return Dataset({**tables, "channels": pd.DataFrame({"channel": SHOPS, "kind": "shop"})}, "x")


def test_purchases_are_counted_by_age_though_late_customers_were_watched_for_less(dataset: Dataset) -> None:
    found = later_orders(dataset, SHOPS)
    # the last 30 of those who came after day 99 were watched for 192 days: 19 purchases of 10 yuan
    assert found.days == pytest.approx(192, abs=1)
    # 400 customers a shop, 30 as all are: 京东's own nothing is drawn a little to the mean
    assert found.yuan[0] == pytest.approx(190.0, rel=0.1) and 0.0 <= found.yuan[1] < 20.0


def test_orders_without_amounts_leave_new_customers_out(dataset: Dataset) -> None:
    orders = dataset["orders"].drop(columns="amount_paid_fen")
    rates, note = new_customer_rates(Dataset({**dataset.tables, "orders": orders}, "x"), SHOPS)
    assert not rates.any() and note is not None and "amount_paid_fen" in note
    assert new_customer_rates(dataset, SHOPS)[0].all()


def test_a_new_customer_counts_with_what_he_leaves_later(dataset: Dataset) -> None:
    one, split = np.ones((1, 2)), np.eye(2)
    curves = ResponseCurves(("a", "b"), SHOPS, 0 * one, one, one, one, 0 * one, split)
    plain, more = BudgetSettings(objective="contribution", margin_rate=0.3), BudgetSettings(objective="lifetime")
    more = more.model_copy(update={"margin_rate": 0.3})
    found = economics_of(dataset, curves, more, USUAL_PROTECTION, ALIKE)
    left = worth_of(plain, economics_of(dataset, curves, plain, USUAL_PROTECTION, ALIKE))
    right = worth_of(more, found)
    assert right.cost == left.cost == pytest.approx(1.0 / 1.06)  # the VAT in ads comes back
    skus = dataset["skus"].assign(vat_rate=0.01)  # not to a small-scale taxpayer
    small = economics_of(Dataset({**dataset.tables, "skus": skus}, "small"), curves, plain, USUAL_PROTECTION, ALIKE)
    assert worth_of(plain, small).cost == 1.0
    assert right.margin - left.margin == pytest.approx(found.buyers * later_orders(dataset, SHOPS).yuan * 0.3)
    assert right.margin[0] > 1.05 * left.margin[0] and found.notes[-1].startswith("lifetime: a new customer pays")


def test_orders_without_customers_tell_nothing(dataset: Dataset) -> None:
    few = Dataset({**dataset.tables, "orders": dataset["orders"].head(20)}, "few")
    assert later_orders(few, SHOPS).days == 0
    blind = Dataset({**dataset.tables, "orders": dataset["orders"].drop(columns="customer_id")}, "blind")
    assert later_orders(blind, SHOPS).yuan.tolist() == [0.0, 0.0]
