"""A shop of three items in two channels over two years: every day the same, but for one event and one odd day."""

from __future__ import annotations

import numpy as np
import pandas as pd

from engine.data.dataset import Dataset

FIRST, LAST = pd.Timestamp("2024-01-01"), pd.Timestamp("2025-12-31")
EVENT = (pd.Timestamp("2025-06-10"), pd.Timestamp("2025-06-14"))
ODD_DAY = pd.Timestamp("2025-09-15")
UNITS = {("a", "T"): 10, ("b", "T"): 4, ("a", "J"): 5, ("c", "J"): 3}
PRICE = {"a": 100_00, "b": 50_00, "c": 200_00}
EVENT_UNITS, LEAD_UNITS, DIP_UNITS = 20, -2, -3
ODD_UNITS = 40
COST = {"a": 40_00, "b": 20_00, "c": 90_00}


def units_on(sku: str, channel: str, days: pd.DatetimeIndex) -> np.ndarray:
    """Units sold a day: item b ends with 2024, item c begins with 2025; the event and the odd day are of a in T."""
    units = np.full(len(days), UNITS[sku, channel])
    year = days.year.to_numpy()
    if sku == "b":
        units[year == 2025] = 0
    if sku == "c":
        units[year == 2024] = 0
    if (sku, channel) == ("a", "T"):
        units = units + EVENT_UNITS * ((days >= EVENT[0]) & (days <= EVENT[1]))
        ahead, after = (EVENT[0] - days).days.to_numpy(), (days - EVENT[1]).days.to_numpy()
        units = units + LEAD_UNITS * ((ahead >= 1) & (ahead <= 7)) + DIP_UNITS * ((after >= 1) & (after <= 14))
        units = units + ODD_UNITS * (days == ODD_DAY)
    return units


def sales() -> pd.DataFrame:
    """Paid, cancelled (a tenth of c), shipped, returned (a fifth of a's units in T)."""
    days = pd.date_range(FIRST, LAST).astype("datetime64[s]")
    parts = []
    for sku, channel in UNITS:
        units = units_on(sku, channel, days)
        frame = pd.DataFrame({"date": days, "sku": sku, "channel": channel, "units_paid": units})
        frame["units_ordered"] = units + 1
        frame["units_cancelled"] = np.where(sku == "c", units // 3, 0)
        frame["units_shipped"] = units - frame["units_cancelled"]
        frame["units_returned"] = np.where((sku == "a") & (channel == "T"), units // 5, 0)
        for state in ("ordered", "paid", "cancelled", "returned"):
            frame[f"amount_{state}_fen"] = frame[f"units_{state}"] * PRICE[sku]
        parts.append(frame[frame["units_paid"] > 0])
    return pd.concat(parts, ignore_index=True).astype({"sku": "category", "channel": "category"})


def traffic() -> pd.DataFrame:
    """Shops and days: T with 1,000 visitors and 50 buyers in 2024, 2,000 and 80 in 2025; J 500 and 10 in both."""
    days = pd.date_range(FIRST, LAST).astype("datetime64[s]")
    late = days.year == 2025
    rows = [("T", np.where(late, 2000, 1000), np.where(late, 80, 50)), ("J", 500, 10)]
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "date": days,
                    "channel": channel,
                    "basis": "shop_day",
                    "exposure": 50_000,
                    "clicks": 1_000,
                    "visitors": visitors,
                    "carts": 100,
                    "buyers": buyers,
                }
            )
            for channel, visitors, buyers in rows
        ],
        ignore_index=True,
    )


def tables() -> dict[str, pd.DataFrame]:
    """Everything that the review can use."""
    counted = pd.date_range("2025-01-31", LAST, freq="ME").astype("datetime64[s]")
    return {
        "sales": sales(),
        "traffic": traffic(),
        "skus": pd.DataFrame(
            {
                "sku": ["a", "b", "c"],
                "category": ["x", "x", "y"],
                "role": ["traffic", "profit", "image"],
                "unit_cost_fen": [COST[sku] for sku in "abc"],
                "vat_rate": 0.0,
            }
        ),
        "channels": pd.DataFrame(
            {"channel": ["T", "J"], "kind": "shop", "commission_rate": [0.1, 0.0], "settlement_days": [10, 0]}
        ),
        "events": pd.DataFrame(
            {
                "event": ["E-2025"],
                "kind": ["E"],
                "channel": ["T"],
                "phase": ["main"],
                "start": [EVENT[0]],
                "end": [EVENT[1]],
            }
        ),
        "media": pd.DataFrame(
            {
                "date": pd.date_range(FIRST, LAST).astype("datetime64[s]"),
                "ad_channel": "P",
                "spend_fen": 100_00,
                "lifts": "T",
            }
        ),
        "inventory": pd.concat(
            [
                pd.DataFrame({"date": counted, "sku": sku, "warehouse": "w", "on_hand": units})
                for sku, units in (("a", 300), ("b", 50), ("c", 120))
            ],
            ignore_index=True,
        ),
        "orders": orders(),
    }


def orders() -> pd.DataFrame:
    """Six customers: k1 and k2 bought in 2024, k1 again in 2025; k3 twice in 2025, on two days; k6 is suspicious."""
    rows = [
        ("o1", "k1", "2024-01-02", 100_00, "settled"),
        ("o2", "k2", "2024-05-01", 100_00, "settled"),
        ("o3", "k1", "2025-01-03", 100_00, "settled"),
        ("o4", "k3", "2025-03-01", 300_00, "settled"),
        ("o5", "k3", "2025-12-01", 300_00, "paid"),
        ("o6", "k4", "2025-12-30", 50_00, "paid"),
        ("o7", "k5", "2025-12-30", 50_00, "cancelled"),
        ("o8", "k6", "2025-12-30", 5000_00, "paid"),
    ]
    table = pd.DataFrame(rows, columns=["order_id", "customer_id", "ordered_at", "amount_paid_fen", "state"])
    table["ordered_at"] = pd.to_datetime(table["ordered_at"]).astype("datetime64[s]")
    return table.assign(line="1", channel="T", sku="a", units=1, suspicious=table["customer_id"] == "k6")


def dataset(without: tuple[str, ...] = (), **replaced: pd.DataFrame) -> Dataset:
    """The shop without some tables, or with other ones."""
    kept = {name: table for name, table in (tables() | replaced).items() if name not in without}
    return Dataset(kept, "0")
