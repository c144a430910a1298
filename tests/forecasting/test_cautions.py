"""Bad input: a defined way through, a finite forecast, and a word about it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from engine.data.dataset import Dataset
from engine.execution.run import Run
from engine.forecasting.make import make_forecast
from tests.forecasting.test_make import FAST, merchant


def with_sales(data: Dataset, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Dataset:
    sales = change(data["sales"].reset_index(drop=True))
    return Dataset({**data.tables, "sales": sales}, "0")


def short(data: Dataset) -> Dataset:
    """One SKU began ten days ago."""
    first = pd.Timestamp(data.last_day) - pd.Timedelta(days=10)
    prices = data["prices"].assign(date=lambda p: p["date"].where(p["sku"] != "D", first))
    sales = with_sales(data, lambda s: s[(s["sku"] != "D") | (s["date"] >= first)])["sales"]
    return Dataset({**data.tables, "sales": sales, "prices": prices}, "0")


def idle(data: Dataset) -> Dataset:
    def change(sales: pd.DataFrame) -> pd.DataFrame:
        none = (sales["sku"] == "C").to_numpy()
        return sales.assign(units_paid=np.where(none, 0, sales["units_paid"]))

    return with_sales(data, change)


def gap(data: Dataset) -> Dataset:
    """A channel reports nothing for two months."""

    def change(sales: pd.DataFrame) -> pd.DataFrame:
        start = sales["date"].min() + pd.Timedelta(days=60)
        missing = (sales["channel"] == "tm") & sales["date"].between(start, start + pd.Timedelta(days=60))
        return sales[~missing]

    return with_sales(data, change)


def twice(data: Dataset) -> Dataset:
    return with_sales(data, lambda s: pd.concat([s, s.iloc[:3]], ignore_index=True))


def cancelled(data: Dataset) -> Dataset:
    return with_sales(data, lambda s: s.assign(units_cancelled=np.where(s.index < 5, s["units_paid"] + 3, 0)))


def boundless(data: Dataset) -> Dataset:
    prices = data["prices"].assign(paid_price_fen=lambda p: np.where(p["sku"] == "A", np.inf, p["paid_price_fen"]))
    return Dataset({**data.tables, "prices": prices}, "0")


def unpriced(data: Dataset) -> Dataset:
    """A flash sale with a lower price in the past, one without to come."""
    days = [data.last_day - pd.Timedelta(days=40), data.last_day + pd.Timedelta(days=5)]
    rows = [
        {
            "promotion": f"p{n}",
            "kind": "flash",
            "sku": "A",
            "channel": "tm",
            "start": day,
            "end": day + pd.Timedelta(days=4),
        }
        for n, day in enumerate(days)
    ]
    one = {"sku": "A", "channel": "tm", "list_price_fen": 2000}
    cheap = [
        one | {"date": pd.Timestamp(days[0]), "paid_price_fen": 700},
        one | {"date": pd.Timestamp(days[0] + pd.Timedelta(days=5)), "paid_price_fen": 1000},
    ]
    prices = pd.concat([data["prices"], pd.DataFrame(cheap)], ignore_index=True)
    promotions = pd.DataFrame(rows).astype({"start": "datetime64[s]", "end": "datetime64[s]"})
    return Dataset({**data.tables, "prices": prices, "promotions": promotions}, "0")


def viral(data: Dataset, factor: int = 30) -> Dataset:
    """One day of a channel sells many times what it does, and is excluded."""
    day = pd.Timestamp(data.last_day) - pd.Timedelta(days=20)

    def change(sales: pd.DataFrame) -> pd.DataFrame:
        there = (sales["channel"] == "tm") & (sales["date"] == day)
        return sales.assign(units_paid=sales["units_paid"].where(~there, factor * sales["units_paid"]))

    changed = with_sales(data, change)
    row = pd.DataFrame([{"start": day, "end": day, "channel": "tm", "reason": "viral"}])
    return Dataset({**changed.tables, "exclusions": row}, "0")


def test_the_near_forecast_is_the_same_whatever_was_sold_on_an_excluded_day() -> None:
    plain, viral_day = (make_forecast(viral(merchant(), factor), FAST, "D", Run(1, 1)) for factor in (1, 30))
    np.testing.assert_array_equal(plain.mean, viral_day.mean)
    levels = np.array([0.1, 0.9])
    np.testing.assert_array_equal(
        plain.under(plain.announced).quantiles(levels), viral_day.under(viral_day.announced).quantiles(levels)
    )
    learned = make_forecast(Dataset({**viral(merchant()).tables, "exclusions": _none()}, "0"), FAST, "D", Run(1, 1))
    assert not np.array_equal(plain.mean, learned.mean)


def _none() -> pd.DataFrame:
    days = {name: pd.Series([], dtype="datetime64[s]") for name in ("start", "end")}
    return pd.DataFrame({**days, "channel": pd.Series([], dtype=object)})


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (short, "less than 8 weeks"),
        (idle, "never sold"),
        (gap, "gaps of 4 weeks or more, the longest of 9 weeks"),
        (twice, "repeat a day"),
        (cancelled, "more units cancelled than paid"),
        (boundless, "have no price"),
        (unpriced, "without a lower price"),
        (viral, "1 days of 6 sku x channel pairs are excluded on request"),
    ],
)
def test_each_oddity_is_named_and_no_number_is_lost(change: Callable[[Dataset], Dataset], word: str) -> None:
    forecast = make_forecast(change(merchant(skus="ABCDEF")), FAST, "D", Run(1, 1))
    assert np.isfinite(forecast.mean).all() and (forecast.mean >= 0).all()
    assert np.isfinite(forecast.baseline()).all()
    assert np.isfinite(forecast.under(forecast.announced).quantiles(np.array([0.01, 0.5, 0.99]))).all()
    assert np.isfinite(forecast.long_run["units"]).all()
    assert any(word in warning for warning in forecast.warnings), forecast.warnings
    plain = make_forecast(merchant(skus="ABCDEF"), FAST, "D", Run(1, 1))
    assert not any(word in warning for warning in plain.warnings)
