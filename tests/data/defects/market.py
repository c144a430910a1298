"""Defects of the calendar, channels, ads, traffic, streams and money."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tests.data.defects.tools import Rng, Tables, busy_channel, defect, draw_span, some_rows, with_values


@defect("events")
def no_event_ahead(tables: Tables, rng: Rng) -> None:
    """The calendar ends with the history."""
    events = tables["events"]
    tables["events"] = events[events["end"] <= tables["sales"]["date"].max()].reset_index(drop=True)


@defect("events")
def event_dates_slip(tables: Tables, rng: Rng) -> None:
    """A festival in the wrong month."""
    events = tables["events"]
    names = events.loc[events["kind"].isin(["双11", "618"]), "event"].astype(str).unique()
    rows = np.flatnonzero((events["event"] == rng.choice(names)).to_numpy())
    moved = events
    for name in ("start", "end"):
        moved = with_values(moved, rows, name, events[name].to_numpy()[rows] - np.timedelta64(100, "D"))
    tables["events"] = moved


@defect("events")
def event_windows_overlap(tables: Tables, rng: Rng) -> None:
    """Phases that run into one another."""
    events = tables["events"]
    main = (events["kind"].isin(["双11", "618"]) & (events["phase"] == "main")).to_numpy()
    rows = some_rows(events, rng, 0.0, 2, main)
    tables["events"] = with_values(events, rows, "end", events["end"].to_numpy()[rows] + np.timedelta64(5, "D"))


@defect("media")
def spend_spike(tables: Tables, rng: Rng) -> None:
    """A day's spend a hundred times too high."""
    media = tables["media"]
    usual = media.groupby("ad_channel", observed=True)["spend_fen"].transform("median")
    rows = some_rows(media, rng, 0.0, 2, (media["spend_fen"] > 0.5 * usual).to_numpy())
    tables["media"] = with_values(media, rows, "spend_fen", media["spend_fen"].to_numpy()[rows] * 100)


@defect("media")
def spend_negative(tables: Tables, rng: Rng) -> None:
    """Refunds booked as negative spend."""
    tables["media"] = with_values(tables["media"], some_rows(tables["media"], rng, 0.002, 2), "spend_fen", -50_000)


@defect("media")
def spend_without_clicks(tables: Tables, rng: Rng) -> None:
    """Clicks of a fortnight were not exported."""
    media = tables["media"]
    first, last = draw_span(tables, rng, 14)
    rows = np.flatnonzero(((media["date"] >= first) & (media["date"] <= last)).to_numpy())
    tables["media"] = with_values(media, rows, "clicks", 0)


@defect("media", "sales")
def claims_above_sales(tables: Tables, rng: Rng) -> None:
    """Attributed sales with a window of years."""
    media = tables["media"]
    name = str(rng.choice(media["ad_channel"].unique()))
    rows = np.flatnonzero((media["ad_channel"] == name).to_numpy())
    total = tables["sales"]["amount_paid_fen"].sum() / max(len(rows), 1)
    tables["media"] = with_values(media, rows, "attributed_fen", np.full(len(rows), 1.5 * total))


@defect("media")
def old_spend(tables: Tables, rng: Rng) -> None:
    """Spend that ends months ago."""
    media = tables["media"]
    tables["media"] = media[media["date"] < media["date"].max() - pd.Timedelta(days=45)].reset_index(drop=True)


@defect("media")
def steady_spend(tables: Tables, rng: Rng) -> None:
    """An ad channel that spends the same every day."""
    media = tables["media"]
    rows = np.flatnonzero((media["ad_channel"] == rng.choice(media["ad_channel"].unique())).to_numpy())
    tables["media"] = with_values(media, rows, "spend_fen", int(media["spend_fen"].to_numpy()[rows].mean()))


@defect("traffic")
def buyers_above_visitors(tables: Tables, rng: Rng) -> None:
    """Visitors and buyers swapped."""
    traffic = tables["traffic"]
    rows = some_rows(traffic, rng, 0.01, 4, (traffic["visitors"] > 2 * traffic["buyers"] + 5).to_numpy())
    visitors, buyers = traffic["visitors"].to_numpy()[rows], traffic["buyers"].to_numpy()[rows]
    tables["traffic"] = with_values(with_values(traffic, rows, "visitors", buyers), rows, "buyers", visitors)


@defect("traffic")
def no_carts(tables: Tables, rng: Rng) -> None:
    """Carts of a week are 0."""
    traffic, channel = tables["traffic"], busy_channel(tables, rng)
    first, last = draw_span(tables, rng, 7)
    inside = (traffic["date"] >= first) & (traffic["date"] <= last) & (traffic["channel"] == channel)
    tables["traffic"] = with_values(traffic, np.flatnonzero(inside.to_numpy()), "carts", 0)


@defect("cash")
def no_opening_balance(tables: Tables, rng: Rng) -> None:
    """Flows without an opening balance."""
    cash = tables["cash"]
    tables["cash"] = cash[cash["kind"] != "opening"].reset_index(drop=True)


@defect("cash")
def opening_balance_negative(tables: Tables, rng: Rng) -> None:
    """An overdraft as opening balance."""
    cash = tables["cash"]
    rows = np.flatnonzero((cash["kind"] == "opening").to_numpy())
    tables["cash"] = with_values(cash, rows, "amount_fen", -cash["amount_fen"].to_numpy()[rows])


@defect("market_size", "sales")
def market_below_own_sales(tables: Tables, rng: Rng) -> None:
    """Market size in 万."""
    market = tables["market_size"]
    tables["market_size"] = with_values(
        market, np.arange(len(market)), "amount_fen", market["amount_fen"].to_numpy() // 10_000
    )


@defect("channels")
def commission_in_per_cent(tables: Tables, rng: Rng) -> None:
    """A commission of 50 %."""
    channels = tables["channels"]
    tables["channels"] = with_values(channels, some_rows(channels, rng, 0.0, 1), "commission_rate", 0.5)


@defect("live_streams", "sales")
def stream_units_slip(tables: Tables, rng: Rng) -> None:
    """Units of a stream with two digits too many."""
    streams = tables["live_streams"]
    assert (streams["units_paid"] >= 5).any(), "no streams in this history"
    rows = some_rows(streams, rng, 0.01, 3, (streams["units_paid"] >= 5).to_numpy())
    tables["live_streams"] = with_values(streams, rows, "units_paid", streams["units_paid"].to_numpy()[rows] * 100)
