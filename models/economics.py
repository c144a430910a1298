"""The one profit waterfall: from the list price of a paid unit down to what it contributes.

Every objective, critical ratio and measure of profit goes through :func:`waterfall`. Basis: one *paid* unit (bought
and not cancelled before shipment). Prices and refunds hold VAT; VAT is taken out of the money that is kept, and
everything from ``net_revenue`` downwards is without VAT. Commission is owed on the money that is kept (platforms give
it back on refunds), the payment fee on all money that came in, freight and insurance on every parcel, also those that
come back. Fees are counted in full (the small input VAT on them is left out); that on ads is not small, see
:func:`input_vat_of_ads`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Quantity = Values | float

USUAL_VAT = 0.13
"""VAT on most goods in China, as a share of the price without it."""

ADS_VAT, SMALL_SCALE_VAT = 0.06, 0.03
"""VAT on ads (modern services), and the most that small-scale taxpayers owe on goods, who get no input VAT back."""


@dataclass(frozen=True)
class UnitTerms:
    """What decides the money of one unit; numbers or arrays that broadcast against each other (NaN: unknown).

    ``list_price``, ``paid_price`` (what the customer pays), ``platform_subsidy`` (comes back to the merchant): yuan,
    VAT included. ``commission_rate``, ``payment_rate``: shares of money, VAT included. ``freight``, ``insurance``: yuan
    a parcel. ``return_rate``: share of paid units that come back; ``refund_only_rate``: share refunded without goods.
    ``grade_a_share``, ``grade_b_share`` of what comes back: sold again at full value, at ``grade_b_value`` of its cost;
    the rest is scrap. ``unit_cost``: yuan, without VAT.
    """

    paid_price: Quantity
    unit_cost: Quantity
    list_price: Quantity | None = None
    platform_subsidy: Quantity = 0.0
    vat_rate: Quantity = USUAL_VAT
    commission_rate: Quantity = 0.0
    payment_rate: Quantity = 0.0
    freight: Quantity = 0.0
    insurance: Quantity = 0.0
    return_rate: Quantity = 0.0
    refund_only_rate: Quantity = 0.0
    grade_a_share: Quantity = 0.8
    grade_b_share: Quantity = 0.1
    grade_b_value: Quantity = 0.5


@dataclass(frozen=True)
class Waterfall:
    """Yuan for each paid unit, step by step; costs are positive numbers.

    list_price - merchant_discount - platform_subsidy = paid_price; receipts = paid_price + platform_subsidy;
    net_revenue = receipts - refunds - commission - payment_fee - freight - insurance - vat;
    contribution = net_revenue - goods_cost.
    """

    list_price: Values
    merchant_discount: Values
    platform_subsidy: Values
    paid_price: Values
    receipts: Values
    refunds: Values
    commission: Values
    payment_fee: Values
    freight: Values
    insurance: Values
    vat: Values
    net_revenue: Values
    goods_cost: Values
    contribution: Values


def waterfall(terms: UnitTerms) -> Waterfall:
    """The waterfall of one paid unit, yuan; all arrays have the broadcast shape of the terms.

    >>> steps = waterfall(UnitTerms(paid_price=113.0, unit_cost=40.0, commission_rate=0.05, return_rate=0.1))
    >>> round(float(steps.refunds), 2), round(float(steps.vat), 2), round(float(steps.net_revenue), 3)
    (11.3, 11.7, 84.915)
    >>> round(float(steps.goods_cost), 2), round(float(steps.contribution), 3)
    (36.6, 48.315)
    """
    listed = terms.paid_price if terms.list_price is None else terms.list_price
    (
        listed,
        paid,
        subsidy,
        vat_rate,
        commission_rate,
        payment_rate,
        freight,
        insurance,
        returned,
        refund_only,
        cost,
        kept_value,
    ) = (
        np.asarray(value, dtype=np.float64)
        for value in np.broadcast_arrays(
            listed,
            terms.paid_price,
            terms.platform_subsidy,
            terms.vat_rate,
            terms.commission_rate,
            terms.payment_rate,
            terms.freight,
            terms.insurance,
            terms.return_rate,
            terms.refund_only_rate,
            terms.unit_cost,
            returned_value(terms),
        )
    )
    receipts = paid + subsidy
    refunds = receipts * np.minimum(returned + refund_only, 1.0)
    kept = receipts - refunds
    commission = kept * commission_rate
    payment_fee = paid * payment_rate
    vat = kept * vat_rate / (1.0 + vat_rate)
    net_revenue = kept - commission - payment_fee - freight - insurance - vat
    goods_cost = cost * (1.0 - returned * kept_value)
    return Waterfall(
        list_price=listed,
        merchant_discount=listed - receipts,
        platform_subsidy=subsidy,
        paid_price=paid,
        receipts=receipts,
        refunds=refunds,
        commission=commission,
        payment_fee=payment_fee,
        freight=freight,
        insurance=insurance,
        vat=vat,
        net_revenue=net_revenue,
        goods_cost=goods_cost,
        contribution=net_revenue - goods_cost,
    )


def returned_value(terms: UnitTerms) -> Values:
    """Share of its cost that a returned unit is still worth: grade A whole, grade B in part, scrap nothing.

    >>> round(float(returned_value(UnitTerms(1.0, 1.0, grade_a_share=0.7, grade_b_share=0.2))), 3)
    0.8
    """
    grade_a = np.asarray(terms.grade_a_share, dtype=np.float64)
    grade_b = np.minimum(np.asarray(terms.grade_b_share, dtype=np.float64), 1.0 - grade_a)
    return np.asarray(grade_a + grade_b * terms.grade_b_value, dtype=np.float64)


def input_vat_of_ads(goods_vat: float) -> float:
    """Share of ad spend, VAT included, that comes back as input VAT where goods are taxed at up to ``goods_vat``.

    >>> round(input_vat_of_ads(0.13), 4), input_vat_of_ads(0.03)
    (0.0566, 0.0)
    """
    return ADS_VAT / (1.0 + ADS_VAT) if goods_vat > SMALL_SCALE_VAT else 0.0


def critical_ratio(shortage_cost: Quantity, holding_cost: Quantity) -> Values:
    """p / (p + h), the newsvendor's best probability of not running out; 0 where both are zero.

    Source: Arrow, Harris, Marschak (1951). Under lost sales and weekly review it is too high (see lot_sizing).

    >>> float(critical_ratio(1.0, 0.25))
    0.8
    """
    shortage, holding = np.asarray(shortage_cost, dtype=np.float64), np.asarray(holding_cost, dtype=np.float64)
    total = shortage + holding
    return np.divide(shortage, total, out=np.zeros_like(total), where=total > 0)
