"""The waterfall against figures worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.economics import UnitTerms, critical_ratio, waterfall


def test_full_example_by_hand() -> None:
    # list 200, customer pays 160 of which the platform adds 20: receipts 180, own discount 20
    # refunds 20 % + 5 % of 180 = 45, kept 135; commission 5 % = 6.75; payment 0.6 % of 160 = 0.96
    # VAT 135 * 0.13 / 1.13 = 15.530973; goods 60 * (1 - 0.2 * (0.7 + 0.2 * 0.5)) = 50.4
    steps = waterfall(
        UnitTerms(
            paid_price=160.0,
            unit_cost=60.0,
            list_price=200.0,
            platform_subsidy=20.0,
            commission_rate=0.05,
            payment_rate=0.006,
            freight=4.0,
            insurance=1.5,
            return_rate=0.2,
            refund_only_rate=0.05,
            grade_a_share=0.7,
            grade_b_share=0.2,
        )
    )
    assert float(steps.receipts) == 180.0
    assert float(steps.merchant_discount) == 20.0
    assert float(steps.refunds) == pytest.approx(45.0)
    assert float(steps.commission) == pytest.approx(6.75)
    assert float(steps.payment_fee) == pytest.approx(0.96)
    assert float(steps.vat) == pytest.approx(15.5309735)
    assert float(steps.net_revenue) == pytest.approx(180 - 45 - 6.75 - 0.96 - 4.0 - 1.5 - 15.5309735)
    assert float(steps.goods_cost) == pytest.approx(50.4)
    assert float(steps.contribution) == pytest.approx(106.2590265 - 50.4)


def test_broadcasts_series_by_weeks() -> None:
    steps = waterfall(
        UnitTerms(paid_price=np.array([[10.0, 20.0], [30.0, np.nan]]), unit_cost=np.array([[4.0], [5.0]]))
    )
    assert steps.contribution.shape == (2, 2)
    assert steps.contribution[0, 1] == pytest.approx(20 / 1.13 - 4)
    assert np.isnan(steps.contribution[1, 1])


@given(
    price=st.floats(1, 1000),
    cost=st.floats(0, 500),
    returns=st.floats(0, 1),
    refund_only=st.floats(0, 1),
    commission=st.floats(0, 0.3),
    subsidy=st.floats(0, 100),
)
def test_steps_add_up(
    price: float, cost: float, returns: float, refund_only: float, commission: float, subsidy: float
) -> None:
    steps = waterfall(
        UnitTerms(
            paid_price=price,
            unit_cost=cost,
            list_price=price * 1.5 + subsidy,
            platform_subsidy=subsidy,
            commission_rate=commission,
            return_rate=returns,
            refund_only_rate=refund_only,
        )
    )
    assert steps.list_price - steps.merchant_discount - steps.platform_subsidy == pytest.approx(steps.paid_price)
    costs = steps.refunds + steps.commission + steps.payment_fee + steps.freight + steps.insurance + steps.vat
    assert steps.net_revenue == pytest.approx(steps.receipts - costs, abs=1e-9)
    assert steps.contribution == pytest.approx(steps.net_revenue - steps.goods_cost, abs=1e-9)
    assert steps.refunds <= steps.receipts + 1e-9
    assert 0 <= steps.goods_cost <= cost + 1e-9


def test_critical_ratio_of_nothing_is_zero() -> None:
    assert critical_ratio(np.array([0.0, 3.0]), np.array([0.0, 1.0])).tolist() == [0.0, 0.75]
