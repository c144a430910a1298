"""Are stated chances of targets true? Small merchants whose every year grows by a shock nobody can know.

Each merchant: one to three channels, at most 40 SKUs, three years of days, a season of its own, festivals; every
channel grows by its own rate and each year by a shock of sd 10 % on top (the log of its level walks). The last year is
held out. Our own long run forecasts it from the totals (its near forecast is one week of the last four weeks' mean and
its level is not carried on: the weekly model, fitted to a thousand merchants, would say nothing about years), targets
are drawn around its forecast, and the stated chances are held against what happened. The yardstick of the error is a
forecaster who knows the level, the growth, the season and the noise, and lacks the shock alone.

``python -m experiments.target_chance --merchants 1000 --seconds 900``
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.calendar import festival_events
from engine.data.dataset import Dataset
from engine.execution.run import Run
from engine.forecasting.long_run import long_run
from engine.forecasting.settings import LongRunSettings
from engine.plans.forecast import Demand
from engine.targets.chance import chances
from models.spread import poisson_spread

Floats = NDArray[np.float64]
YEARS, YEAR = 3, 2026
SHOCK, DRIFT = 0.10, 0.05
NEAR_DAYS, RECENT_DAYS = 7, 28
PLATFORMS = ("天猫", "抖音", "京东")
GOALS = 4
"""Targets a merchant, for the total and for each channel."""
BINS = np.linspace(0.0, 1.0, 6)


@dataclass(frozen=True)
class Small:
    """A merchant: his tables until the year, what each channel then sold (yuan), and what the one who lacks the shock
    alone would have said."""

    dataset: Dataset
    series: pd.DataFrame
    sold: Floats
    known: Floats
    recent: Floats
    price: Floats


def merchant(seed: int, drift: float = DRIFT) -> Small:
    """An invented merchant, the same for the same seed; ``drift``: mean yearly growth of channels."""
    rng = np.random.default_rng([2026, seed])
    channels = list(rng.choice(PLATFORMS, rng.integers(1, 4), replace=False))
    skus = int(rng.integers(8, 41))
    days = np.arange(f"{YEAR - YEARS}-01-01", f"{YEAR + 1}-01-01", dtype="datetime64[D]")
    year = days.astype("datetime64[Y]").astype(int) - (YEAR - YEARS - 1970)
    events = festival_events(date(YEAR - YEARS, 1, 1), date(YEAR, 12, 31), {name: name for name in channels})
    share = rng.dirichlet(np.full(skus, 0.7))
    price = np.round(np.exp(rng.normal(4.3, 0.5, skus)), 2)
    lift = {kind: rng.uniform(0.2, 1.5) for kind in sorted(set(events["kind"].astype(str)))}
    angle = 2.0 * np.pi * (days - days.astype("datetime64[Y]").astype("datetime64[D]")).astype(int) / 365.25
    season = np.exp(0.25 * np.sin(angle + rng.uniform(0, 6.28)) + 0.1 * np.sin(2 * angle + rng.uniform(0, 6.28)))
    rows, sold, known = [], [], []
    for channel in channels:
        growth, shock = rng.normal(drift, 0.05), rng.normal(0.0, SHOCK, YEARS)
        path = np.cumsum(np.concatenate([[0.0], growth + shock]))
        level = np.exp(rng.normal(9.0, 0.7) + path[year])
        boost = np.ones(len(days))
        for event in events[events["channel"].astype(str).isin([channel, "nan"])].itertuples(index=False):
            inside = (days >= np.datetime64(event.start, "D")) & (days <= np.datetime64(event.end, "D"))
            boost[inside] = np.maximum(boost[inside], 1.0 + lift[str(event.kind)])
        expected = level * season * boost
        noise = np.exp(0.2 * rng.standard_normal(len(days)) - 0.02)
        units = rng.poisson(np.outer(expected * noise, share) / price)
        ahead = year == YEARS
        sold.append(float((units[ahead] * price).sum()))
        known.append(float((expected[ahead]).sum() * np.exp(-shock[-1]) * np.exp(SHOCK**2 / 2)))
        past = np.flatnonzero(~ahead)
        day, sku = np.nonzero(units[past])
        paid = units[past][day, sku]
        rows.append(
            pd.DataFrame(
                {
                    "date": days[past][day].astype("datetime64[s]"),
                    "sku": np.array([f"s{i:02d}" for i in range(skus)], dtype=object)[sku],
                    "channel": channel,
                    "units_paid": paid,
                    "amount_paid_fen": np.rint(100.0 * paid * price[sku]).astype(np.int64),
                }
            )
        )
    names = [f"s{i:02d}" for i in range(skus)]
    sales = pd.concat(rows, ignore_index=True)
    tables = {
        "sales": sales,
        "skus": pd.DataFrame({"sku": names, "category": "all"}),
        "events": events,
        "channels": pd.DataFrame({"channel": channels, "platform": channels}),
    }
    series = pd.DataFrame(
        [(sku, channel, "all") for channel in channels for sku in names], columns=["sku", "channel", "category"]
    )
    last = sales[sales["date"] >= sales["date"].max() - pd.Timedelta(days=RECENT_DAYS - 1)]
    units = last.groupby(["sku", "channel"])["units_paid"].sum() / RECENT_DAYS
    recent = units.reindex(pd.MultiIndex.from_frame(series[["sku", "channel"]])).fillna(0.0).to_numpy(float)
    return Small(Dataset(tables, "0"), series, np.array(sold), np.array(known), recent, np.tile(price, len(channels)))


def stated(small: Small, seed: int, draws: int) -> pd.DataFrame:
    """Frame ``level, forecast, known, sold, goal, probability`` of a merchant's goals."""
    dates = np.arange(f"{YEAR}-01-01", f"{YEAR}-01-{NEAR_DAYS + 1:02d}", dtype="datetime64[D]")
    mean = np.repeat(small.recent[:, None], len(dates), axis=1).astype(np.float32)
    price = np.repeat(small.price[:, None], len(dates), axis=1).astype(np.float32)
    near = Demand(small.series, dates, "D", mean, price, poisson_spread())
    nodes = 1 + len(small.sold)
    settings = LongRunSettings(draws=draws, max_series=nodes, holdout_series=nodes, level_memory_days=0.1)
    told = long_run(small.dataset, near, settings, Run(seed, 1))
    inside = (told.table["month"].dt.year == YEAR).to_numpy()
    cells = told.table[inside].assign(actual_fen=0, event="").rename(columns={"amount_fen": "forecast_fen"})
    cells = cells.reset_index(drop=True)
    sample = told.draws[:, inside].astype(np.float64)
    rng = np.random.default_rng([7, seed])
    channels = list(dict.fromkeys(small.series["channel"]))
    rows = []
    for _ in range(GOALS):
        target = np.rint(cells["forecast_fen"] * np.exp(rng.uniform(-0.25, 0.25))).astype(np.int64).to_numpy()
        table = chances(sample, cells, target, YEAR, ()).set_index(["level", "key"])
        parts = [("total", str(YEAR), small.sold.sum(), small.known.sum())]
        if len(channels) > 1:
            parts += [("channel", name, small.sold[i], small.known[i]) for i, name in enumerate(channels)]
        for level, key, sold, known in parts:
            row = table.loc[(level, key)]
            goal, forecast = row["target_fen"] / 100.0, row["forecast_fen"] / 100.0
            rows.append((level, key, forecast, known, sold, goal, row["probability"]))
    return pd.DataFrame(rows, columns=["level", "key", "forecast", "known", "sold", "goal", "probability"])


def judged(goals: pd.DataFrame) -> dict[str, object]:
    """Reliability in five bins and errors against the one who lacks the shock alone, by level."""
    found: dict[str, object] = {}
    for level, rows in goals.groupby("level"):
        came = (rows["sold"] >= rows["goal"]).to_numpy()
        bins = np.clip(np.digitize(rows["probability"], BINS) - 1, 0, 4)
        table = [
            {
                "stated": round(float(rows["probability"].to_numpy()[bins == b].mean()), 3),
                "came": round(float(came[bins == b].mean()), 3),
                "goals": int((bins == b).sum()),
            }
            for b in range(5)
            if (bins == b).any()
        ]
        once = rows.drop_duplicates(["merchant", "key"])
        error = {name: float(np.abs(np.log(once[name] / once["sold"])).mean()) for name in ("forecast", "known")}
        found[str(level)] = {
            "bins": table,
            "worst_points": round(100 * max(abs(entry["stated"] - entry["came"]) for entry in table), 1),
            "error": round(error["forecast"], 4),
            "error_known": round(error["known"], 4),
            "ratio": round(error["forecast"] / error["known"], 3),
            "bias": round(float(np.log(once["forecast"] / once["sold"]).mean()), 4),
        }
    return found


def main() -> None:
    """Run as many merchants as asked, or as the time allows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--merchants", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0, help="seed of the first merchant")
    parser.add_argument("--seconds", type=float, default=900.0, help="CPU seconds after which no merchant is begun")
    parser.add_argument("--drift", type=float, default=DRIFT, help="mean yearly growth of channels (log)")
    parser.add_argument("--draws", type=int, default=400)
    given = parser.parse_args()
    parts, began = [], time.process_time()
    for seed in range(given.first, given.first + given.merchants):
        if time.process_time() - began > given.seconds:
            break
        parts.append(stated(merchant(seed, given.drift), seed, given.draws).assign(merchant=seed))
    content = {"merchants": len(parts), "cpu_seconds": round(time.process_time() - began, 1)}
    print(json.dumps(content | judged(pd.concat(parts, ignore_index=True)), ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
