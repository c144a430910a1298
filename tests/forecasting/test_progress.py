"""Event days of the tables, forecast again from their first hours, deposits and carts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from engine.data.dataset import Dataset
from engine.execution.run import Run
from engine.forecasting.progress import Reforecast, reforecast
from engine.forecasting.settings import EventSettings
from engine.plans.errors import BadInput, MissingInput
from engine.plans.forecast import Forecast
from tests.data.test_panels import shop
from tests.plans.builders import small_forecast

FIRST = np.datetime64("2026-11-01")


def event_shop() -> tuple[Forecast, Dataset, np.ndarray]:
    """Forecast from 1 November; ten past event days with a quarter sold by three, and 2 deposits for each 5 units.
    4 November sells 2.5 times its forecast."""
    rng = np.random.default_rng(3)
    forecast = small_forecast()
    pairs = forecast.series[["sku", "channel"]].astype(str)
    days = pd.date_range(pd.Timestamp(FIRST) - pd.Timedelta(days=60), periods=60)
    keys = pairs.merge(pd.DataFrame({"date": days}), how="cross")
    sales = keys.assign(units_paid=rng.poisson(300.0, len(keys)))
    event_days = days[5::6]
    parts = [_hours(sales[sales["date"] == day]) for day in event_days]
    coming = pairs.assign(date=pd.Timestamp("2026-11-04"), units_paid=rng.poisson(750.0, len(pairs)))
    truth = coming["units_paid"].to_numpy()
    progress = pd.concat([*parts, _hours(coming)], ignore_index=True)
    mean = np.full_like(forecast.mean, 300.0)
    return replace(forecast, mean=mean), shop(sales, event_progress=progress), truth


def _hours(rows: pd.DataFrame) -> pd.DataFrame:
    units = rows["units_paid"].to_numpy()
    told = [(-5, None, 0.3), (0, None, 0.4), (3, 0.25, 0.4), (12, 0.6, 0.4)]
    return pd.concat(
        rows[["date", "sku", "channel"]].assign(
            hour=hour, units_paid=np.nan if share is None else np.round(units * share), deposits=np.round(units * rate)
        )
        for hour, share, rate in told
    )


def ask(at: str) -> tuple[Reforecast, np.ndarray]:
    forecast, dataset, truth = event_shop()
    return reforecast(forecast, dataset, datetime.fromisoformat(at), EventSettings(), Run(1)), truth


@pytest.mark.parametrize(("at", "hour"), [("2026-11-03 20:00", -5), ("2026-11-04 03:30", 3), ("2026-11-04 20:00", 12)])
def test_a_day_is_updated_by_what_is_known_at_the_moment(at: str, hour: int) -> None:
    found, truth = ask(at)
    assert set(found.items["hour"]) == {hour} and len(found.items) == 4
    error = np.abs(found.items["updated"] - truth).sum()
    assert error < 0.35 * np.abs(found.items["forecast"] - truth).sum()
    assert (found.items["so_far"] > 0).all() == (hour > 0)
    total = found.totals[found.totals["channel"] == ""].iloc[0]
    assert total["p10"] < truth.sum() * 1.1 and total["p90"] > truth.sum() * 0.9
    by_channel = found.totals[found.totals["channel"] != ""]
    assert by_channel["updated"].sum() == pytest.approx(found.items["updated"].sum())


def test_later_hours_and_later_days_are_not_seen() -> None:
    forecast, dataset, _ = event_shop()
    at = datetime(2026, 11, 4, 3)
    table = dataset["event_progress"]
    late = (table["date"] == "2026-11-04") & (table["hour"] > 3)
    changed = table.assign(units_paid=table["units_paid"].where(~late, 9e5))
    other = Dataset({**dataset.tables, "event_progress": changed}, "1")
    left, right = (reforecast(forecast, data, at, EventSettings(), Run(1)) for data in (dataset, other))
    pd.testing.assert_frame_equal(left.items, right.items)


def test_hours_that_no_past_day_knows_fall_back_to_those_it_does() -> None:
    forecast, dataset, _ = event_shop()
    table = dataset["event_progress"]
    odd = table.assign(hour=table["hour"].where((table["date"] != "2026-11-04") | (table["hour"] != 12), 13))
    found = reforecast(
        forecast,
        Dataset({**dataset.tables, "event_progress": odd}, "1"),
        datetime(2026, 11, 4, 23),
        EventSettings(),
        Run(1),
    )
    assert set(found.items["hour"]) == {3}
    alone = Dataset({**dataset.tables, "event_progress": table[table["date"] == "2026-11-04"]}, "1")
    none = reforecast(forecast, alone, datetime(2026, 11, 4, 3), EventSettings(), Run(1))
    assert none.items.empty and "no past event day" in none.notes[0]


def test_mistakes_are_named() -> None:
    forecast, dataset, _ = event_shop()
    with pytest.raises(BadInput, match="no day that is forecast"):
        reforecast(forecast, dataset, datetime(2026, 11, 2), EventSettings(), Run(1))
    with pytest.raises(BadInput, match="weekly"):
        reforecast(replace(forecast, frequency="W"), dataset, datetime(2026, 11, 4), EventSettings(), Run(1))
    without = Dataset({name: table for name, table in dataset.tables.items() if name != "event_progress"}, "1")
    with pytest.raises(MissingInput):
        reforecast(forecast, without, datetime(2026, 11, 4), EventSettings(), Run(1))
