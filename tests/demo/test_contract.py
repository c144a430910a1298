"""Every table of the demo keeps the data contract."""

from __future__ import annotations

import pandas as pd
import pytest

from engine.data.tables import TABLES
from engine.demo import Merchant

WITHOUT = {"overrides", "control_totals", "exclusions"}


@pytest.fixture(params=["merchant", "short"])
def any_merchant(request: pytest.FixtureRequest) -> Merchant:
    found: Merchant = request.getfixturevalue(request.param)
    return found


def test_every_table_is_there(any_merchant: Merchant) -> None:
    assert set(any_merchant.tables) == set(TABLES) - WITHOUT


@pytest.mark.parametrize("name", sorted(set(TABLES) - WITHOUT))
def test_columns_keys_and_ranges(any_merchant: Merchant, name: str) -> None:
    table, frame = TABLES[name], any_merchant.tables[name]
    assert set(frame.columns) <= set(table.names)
    assert not frame.empty
    key = [column for column in table.key if column in frame]
    assert not frame.duplicated(key).any()
    for column in table.columns:
        if column.name not in frame:
            assert not column.required, column.name
            continue
        values = frame[column.name]
        assert not (column.required and values.isna().any()), column.name
        if column.kind == "text":
            assert isinstance(values.dtype, pd.CategoricalDtype), column.name
            assert not column.choices or set(values.dropna().astype(str)) <= set(column.choices), column.name
        elif column.kind == "day":
            assert values.dtype.kind == "M", column.name
        elif column.kind == "money":
            assert values.dtype == "int64" or values.isna().any(), column.name
        if column.kind in ("integer", "number", "money"):
            assert column.minimum is None or not (values < column.minimum).any(), column.name
            assert column.maximum is None or not (values > column.maximum).any(), column.name


@pytest.mark.parametrize("name", sorted(set(TABLES) - WITHOUT))
def test_references(any_merchant: Merchant, name: str) -> None:
    frame = any_merchant.tables[name]
    for reference in TABLES[name].references:
        if reference.column in frame:
            known = set(any_merchant.tables[reference.table][reference.target].astype(str))
            assert set(frame[reference.column].dropna().astype(str)) <= known, reference


def test_nothing_is_known_before_it_can_be(any_merchant: Merchant) -> None:
    last = any_merchant.tables["sales"]["date"].max()
    for name, frame in any_merchant.tables.items():
        if "known_at" in frame:
            assert not (frame["known_at"] > last).any(), name
        if TABLES[name].known == "date" and "known_at" not in frame:
            assert not (frame[TABLES[name].date] > last).any(), name


def test_truth_stays_outside_of_the_tables(any_merchant: Merchant) -> None:
    assert not set(any_merchant.truth) & set(any_merchant.tables)
    hidden = {"incremental_yuan", "outcome", "slope", "base_days", "carry_scale"}
    for frame in any_merchant.tables.values():
        assert not hidden & set(frame.columns)


def test_payment_shares_and_region_shares_add_up(any_merchant: Merchant) -> None:
    payments = any_merchant.tables["payment_terms"].groupby("supplier", observed=True)["share"].sum()
    assert payments.between(1 - 1e-9, 1 + 1e-9).all()
    shares = any_merchant.tables["region_shares"].groupby(["category", "channel"], observed=True)["share"].sum()
    assert shares.between(1 - 1e-9, 1 + 1e-9).all()
