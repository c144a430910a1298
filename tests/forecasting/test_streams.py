"""Live streams of the tables: out of the baseline, into the weeks for which they are booked."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from engine.data.dataset import Dataset
from engine.data.drivers import build_drivers
from engine.data.panels import build_panel
from engine.execution.run import Run
from engine.forecasting.make import make_forecast
from engine.forecasting.streams import bookings, read_streams, without_streams
from engine.plans.forecast import Forecast
from tests.forecasting.test_make import FAST, merchant


def with_streams() -> Dataset:
    """Every third week a stream sells 200 of SKU A; one without a report; one to come, of A and B."""
    data = merchant()
    last, sales = pd.Timestamp(data.last_day), data["sales"]
    held = last - pd.to_timedelta(np.arange(4, 120, 21), unit="D")
    days = [*held, last - pd.Timedelta(days=2), last + pd.Timedelta(days=9), last + pd.Timedelta(days=9)]
    table = pd.DataFrame({"stream": [f"L{n}" for n in (*range(len(days) - 1), len(days) - 2)], "date": days})
    table = table.assign(channel="tm", host="h", sku=["A"] * (len(days) - 1) + ["B"])
    table = table.assign(units_paid=[*[200.0] * len(held), None, None, None]).astype({"units_paid": float})
    table["known_at"] = table["date"] - pd.Timedelta(days=20)
    sold = pd.DataFrame({"date": held, "sku": "A", "channel": "tm", "units_paid": 200})
    whole = pd.concat([sales, sold], ignore_index=True)
    for name in ("sku", "channel"):
        whole[name], table[name] = whole[name].astype("category"), table[name].astype("category")
    hosts = pd.DataFrame({"host": ["h"], "tier": ["head"]})
    return Dataset({**data.tables, "sales": whole, "live_streams": table, "hosts": hosts}, "0")


def test_what_streams_sold_leaves_the_baseline() -> None:
    data, plain = with_streams(), build_panel(merchant(), "D")
    panel = build_panel(data, "D")
    drivers = build_drivers(data, panel, 28)
    assert "promotion.live" not in drivers.blocks
    streams = read_streams(data, panel, drivers)
    base = without_streams(panel, streams)
    np.testing.assert_array_equal(base.units, plain.units)
    a = ((panel.series["sku"] == "A") & (panel.series["channel"] == "tm")).to_numpy()
    assert (panel.known & ~base.known).sum() == 1 and not base.known[a][0, -3]
    ahead = np.full((len(panel.series), 28), 10.0, dtype=np.float32)
    live, offered = bookings(streams, base, ahead)
    assert live is not None and offered is None
    expected = live.mean(ahead.shape)
    assert (np.flatnonzero(expected.any(axis=0)) == [8]).all() and expected[:, 8].astype(bool).sum() == 2
    assert read_streams(merchant(), panel, drivers) is None and without_streams(panel, None) is panel
    assert bookings(None, base, ahead) == (None, None)


def test_booked_streams_are_in_the_mean_and_in_the_tail() -> None:
    forecast = make_forecast(with_streams(), FAST, "D", Run(1))
    usual = make_forecast(merchant(), FAST, "D", Run(1))
    a = int(np.flatnonzero((forecast.series["sku"] == "A") & (forecast.series["channel"] == "tm"))[0])
    assert forecast.live is not None and usual.live is None
    said = [[text for text in plan.warnings if "live streams" in text] for plan in (forecast, usual)]
    assert len(said[0]) == 1 and not said[1]
    assert forecast.mean[a, 8] > usual.mean[a, 8] + 20
    assert forecast.mean[a, 20] == pytest.approx(usual.mean[a, 20], rel=0.3)
    demand = forecast.under()
    paths = demand.paths(3).block(np.array([a]), 0, 2000)[0]
    assert paths.mean(axis=0)[1] == pytest.approx(demand.weekly_mean[a, 1], rel=0.1)
    high = demand.quantiles(np.array([0.5, 0.99]))[:, a, 1]
    assert high[1] > 1.5 * high[0]
    np.testing.assert_array_equal(forecast.under(forecast.announced).mean, forecast.mean)
    again = Forecast.from_parts(forecast.to_parts()).under().paths(3).block(np.array([a]), 0, 50)[0]
    np.testing.assert_array_equal(again, paths[:50])


def test_streams_on_offer_are_in_no_figure_and_those_declined_are_gone() -> None:
    data = with_streams()
    table = data["live_streams"].assign(signed=[*[True] * (len(data["live_streams"]) - 3), False, False, False])
    data = Dataset({**data.tables, "live_streams": table}, "0")
    panel = build_panel(data, "D")
    streams = read_streams(data, panel, build_drivers(data, panel, 28))
    base = without_streams(panel, streams)
    np.testing.assert_array_equal(base.known, panel.known)  # the one without a report was never held
    live, offered = bookings(streams, base, np.full((len(panel.series), 28), 10.0, dtype=np.float32))
    assert live is None and offered is not None
    assert offered.name.tolist() == [table["stream"].iloc[-1]] and len(offered.row) == 2
