"""The years as they stand: what was sold, and what the forecast adds to it, by month x channel x category."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from engine.data.dataset import Dataset
from engine.data.revenue import net_sales
from engine.plans.errors import MissingInput
from engine.plans.forecast import Forecast

KEYS = ["month", "channel", "category"]
LATEST_FIRST_DAY = 3
"""A month in which the history begins later than on this day was not seen whole."""


@dataclass(frozen=True)
class Outlook:
    """``cells``: frame ``month, channel, category, actual_fen, forecast_fen`` (what was sold; what is still expected),
    sorted, with ``row`` = the row of ``forecast.long_run`` (-1: a month of the past). ``first_month``: the first one
    that was seen whole. ``origin``: first forecast day.
    """

    cells: pd.DataFrame
    first_month: pd.Timestamp
    origin: np.datetime64

    def year(self, year: int) -> pd.DataFrame:
        """Cells of one calendar year."""
        found: pd.DataFrame = self.cells[self.cells["month"].dt.year == year].reset_index(drop=True)
        return found


def look_out(dataset: Dataset, forecast: Forecast) -> Outlook:
    """Actual sales and the long run in one table; :class:`MissingInput` where there is no money to set targets in."""
    sales = net_sales(dataset, ("channel", "category"), "M")
    if sales.amount_fen is None:
        raise MissingInput("prices", "add prices (or amounts in sales): targets are set in money")
    size = sales.amount_fen.shape
    actual = pd.DataFrame(
        {
            "month": np.tile(sales.dates.astype("datetime64[s]"), size[0]),
            "channel": np.repeat(sales.groups["channel"].to_numpy(), size[1]),
            "category": np.repeat(sales.groups["category"].to_numpy(), size[1]),
            "actual_fen": sales.amount_fen.ravel(),
        }
    )
    ahead = forecast.long_run[[*KEYS, "amount_fen"]].rename(columns={"amount_fen": "forecast_fen"})
    ahead = ahead.assign(row=np.arange(len(ahead)), month=ahead["month"].astype("datetime64[s]"))
    for name in ("channel", "category"):
        ahead[name] = ahead[name].astype(str)
    cells = actual.merge(ahead, on=KEYS, how="outer")
    cells["row"] = cells["row"].fillna(-1).astype(np.int64)
    for name in ("actual_fen", "forecast_fen"):
        cells[name] = cells[name].fillna(0).astype(np.int64)
    first_day = pd.Timestamp(dataset["sales"]["date"].min()) if len(dataset["sales"]) else pd.Timestamp(forecast.origin)
    month = first_day.to_period("M")
    whole = month if first_day.day <= LATEST_FIRST_DAY else month + 1
    return Outlook(
        cells.sort_values(KEYS, ignore_index=True), whole.to_timestamp(), forecast.origin.astype("datetime64[D]")
    )


def base_of(outlook: Outlook, year: int) -> tuple[dict[tuple[str, str], float], tuple[str, ...]]:
    """Sales of the 12 months before ``year`` by (level, key) in yuan: ``("total", "")``, channels and categories.

    Months before the first sale are filled with the forecast of the same month a year later, scaled by what the
    known months tell, and a warning says so.
    """
    base, target = outlook.year(year - 1), outlook.year(year)
    for frame in (base, target):
        frame["yuan"] = (frame["actual_fen"] + frame["forecast_fen"]) / 100.0
    base = base[base["month"] >= outlook.first_month]
    known = sorted(base.loc[base["yuan"] > 0, "month"].dt.month.unique())
    warnings: tuple[str, ...] = ()
    factor = 1.0
    if len(known) < 12:
        same = target.loc[target["month"].dt.month.isin(known), "yuan"].sum()
        factor = float(target["yuan"].sum() / same) if same > 0 else 12.0 / max(len(known), 1)
        warnings = (
            f"targets: the base year {year - 1} has sales or a forecast in only {len(known)} of 12 months; growth is "
            f"measured against those months raised to a year by the forecast's season (factor {factor:.2f})",
        )
    result = {("total", ""): float(base["yuan"].sum()) * factor}
    for level in ("channel", "category"):
        for key, yuan in base.groupby(level, sort=True)["yuan"].sum().items():
            result[(level, str(key))] = float(yuan) * factor
    for month, yuan in base.groupby(base["month"].dt.month)["yuan"].sum().items():
        result[("month", str(month))] = float(yuan)
    return result, warnings
