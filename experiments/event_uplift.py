"""Is the true uplift of events found? The demo world with its festivals against the same world without them.

Both worlds share every random draw; in the second one festivals neither cut prices nor attract, before, during or
after. What the first sells more on an event's days, the days before it and those after it, relative to the second, is
the truth; the review knows the sales alone (with stock-outs, live streams and noise that the truth does not hold).

``python -m experiments.event_uplift WS --skus 150`` (WS: a workspace by ``yunchou init WS --from demo --skus 150``)
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from engine.data.store import Workspace
from engine.demo import DemoSettings, festivals
from engine.demo.assortment import make_assortment
from engine.demo.demand import make_demand
from engine.demo.goods_tables import skus_table
from engine.demo.prices import make_prices
from engine.demo.world import Timeline, events_table, load_world
from engine.targets.review.calendar import DIP, LEAD, QUIET, WINDOW
from engine.targets.review.days import Days, sales_by_day
from engine.targets.review.events import SURE
from engine.targets.review.settings import ReviewSettings
from engine.targets.review.sums import open_sales
from engine.targets.review.year import year_of

Floats = NDArray[np.float64]
NOTHING = 1e-9
PHASES = ("presale", "balance", "opening", "main", "return_wave")


def true_sales(settings: DemoSettings, with_festivals: bool) -> tuple[tuple[str, ...], pd.DatetimeIndex, Floats]:
    """Channels, days and expected yuan [channels, days] of the history, without ads and live streams."""
    world, time = load_world(), Timeline.of(settings)
    events = events_table(world, time)
    if not with_festivals:
        for rule in world.book["festivals"].values():
            if rule["discount"] > 0:
                rule["discount"] = NOTHING
                rule.update({phase: [1.0] * len(rule[phase]) for phase in PHASES if phase in rule})
    with patch.object(festivals, "_WAITING", festivals._WAITING if with_festivals else 1.0):
        goods = make_assortment(settings, world, time)
        prices = make_prices(settings, world, time, goods, events)
        demand = make_demand(settings, world, time, goods, prices, events)
    sold = np.einsum("scd,scd->cd", demand.mean, prices.paid)[:, : time.history]
    return tuple(world.channels), pd.DatetimeIndex(time.dates(np.arange(time.history))), sold


def is_of(dataset: Dataset, settings: DemoSettings) -> bool:
    """Whether the settings make the SKUs that the dataset holds; any other demo world has other truths."""
    world, time = load_world(), Timeline.of(settings)
    made = skus_table(settings, world, time, make_assortment(settings, world, time))["sku"].astype(str)
    return sorted(made) == sorted(dataset["skus"]["sku"].astype(str))


def found_days(dataset: Dataset) -> Days:
    """What the review sees."""
    settings = ReviewSettings()
    year = year_of(dataset, None)
    with open_sales(dataset, year, settings.delivery_days, 1) as sales:
        return sales_by_day(dataset, sales, settings)


def compare(dataset: Dataset, settings: DemoSettings) -> pd.DataFrame:
    """Frame ``event, channel, true, found, error, gain``: shares of everyday sales; ``gain``: on the event's days
    alone, relative to them."""
    channels, dates, with_them = true_sales(settings, True)
    without = true_sales(settings, False)[2]
    days = found_days(dataset)
    calendar, rows = days.calendar, []
    at = dates.get_indexer(calendar.days)
    last = calendar.days[-1]
    for number, event in enumerate(calendar.events.to_dict("records")):
        place, usual = (
            calendar.channels.index(event["channel"]),
            days.everyday[calendar.channels.index(event["channel"])],
        )
        if usual is None or event["end"] > last or event["start"] < calendar.days[0]:
            continue
        more, base = (sold[channels.index(event["channel"])][at] for sold in (with_them, without))
        quiet = calendar.part[place] == QUIET
        base = base * more[quiet].sum() / base[quiet].sum()
        every, window = calendar.days_of(number, WINDOW, LEAD, DIP), calendar.days_of(number, WINDOW)
        level, gap = usual.level, days.gap(place)
        rows.append(
            {
                "event": event["event"],
                "channel": event["channel"],
                "true": more[every].sum() / base[every].sum() - 1.0,
                "found": gap[every].sum() / level[every].sum(),
                "error": usual.error(every) / level[every].sum(),
                "gain": gap[window].sum() / level[window].sum(),
            }
        )
    return pd.DataFrame(rows)


def summary(table: pd.DataFrame) -> dict[str, float]:
    """How far off, and how often the 90 % range holds the truth."""
    off = table["found"] - table["true"]
    return {
        "events": float(len(table)),
        "bias": float(off.mean()),
        "mean_absolute_error": float(off.abs().mean()),
        "gain_alone": float((table["gain"] - table["true"]).abs().mean()),
        "held": float((off.abs() <= SURE * table["error"]).mean()),
    }


def main() -> None:
    """Prints the table and its summary."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--skus", type=int, required=True, help="as the workspace was made")
    given = parser.parse_args()
    dataset, settings = Workspace.open(given.workspace).dataset(), DemoSettings(skus=given.skus)
    if not is_of(dataset, settings):
        parser.error(f"the workspace was not made with --skus {given.skus}: its SKUs are others")
    table = compare(dataset, settings)
    print(table.round(3).to_string())
    print(json.dumps({name: round(value, 4) for name, value in summary(table).items()}))


if __name__ == "__main__":
    main()
