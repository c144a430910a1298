"""What the ads of the last year brought and left, by ad channel and campaign type."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.budget.goals import Economics
from engine.budget.margin import STEPS
from engine.budget.score import INTERVAL, STEP
from engine.data.dataset import Dataset
from models.response.curves import ResponseCurves
from models.response.data import ResponseData

Floats = NDArray[np.float64]
WEEKS = 52
KEYS = ("ad_channel", "campaign_type")
TOLD = ("spend_fen", "clicks", "attributed_fen")
MEASURED, BY_VISITS, BY_SPEND = "response", "by visits", "by spend"


def review_ads(
    dataset: Dataset, data: ResponseData, curves: ResponseCurves, economics: Economics, origin: np.datetime64
) -> pd.DataFrame:
    """A row an ad channel and campaign type over the last 52 weeks, the dearest first; see ``BudgetPlan.review``.

    The response is known by ad channel: ``basis`` says how its campaign types share it, by visits (each is taken to be
    worth the same) where all tell them, else by spend. Blank where nothing tells.
    """
    weeks = min(WEEKS, data.weeks)
    told = _told(dataset, origin, weeks)
    lift, more = _lift(data, curves, weeks)
    rows = []
    for place, name in enumerate(data.ad_channels):
        kinds = told[told["ad_channel"] == name]
        share, basis = _shares(kinds)
        whole = float(kinds["spend_fen"].sum())
        for row, part in zip(kinds.to_dict("records"), share, strict=True):
            brought = 100.0 * part * lift[:, place]
            found = {**{str(key): value for key, value in row.items()}, "basis": basis}
            found |= _earned(brought, float(row["spend_fen"]), economics, name)
            if row["spend_fen"] > 0:
                found |= _spread("marginal_roi", part * more[:, place] * whole / float(row["spend_fen"]))
            rows.append(found)
    table = pd.DataFrame(rows).reindex(columns=list(COLUMNS))
    for column in COLUMNS[2:-1]:
        whole_number = column.endswith("_fen") or column in ("visitors", "buyers")
        values = table[column].astype("Float64")
        table[column] = values.round().astype("Int64") if whole_number else values
    order = ["spend_fen", "ad_channel", "campaign_type"]
    return table.sort_values(order, ascending=[False, True, True], ignore_index=True)


def _earned(brought: Floats, spend: float, economics: Economics, name: str) -> dict[str, float]:
    """What revenue of some draws [draws], fen, is made of and leaves after ``spend``, fen."""
    mean, shares = float(brought.mean()), dict(economics.shares.loc[name])
    found = _spread("incremental_fen", brought) | (_spread("roi", brought / spend) if spend > 0 else {})
    found |= {f"{step}_fen": float(shares[step]) * mean for step in STEPS[:-1]}
    found["vat_fen"] -= economics.ads_vat * spend  # output VAT of the goods less input VAT of the ads
    found |= _spread("contribution_fen", float(shares["contribution"]) * brought - economics.ads_cost * spend)
    row = list(economics.shares.index).index(name)
    new, told = mean / 100.0 * float(economics.buyers[row]), economics.first.of(row)
    found |= {column: value for column in _spreads("new_share") if (value := told[column]) is not None}
    return found | ({"buyers": new, "buyer_fen": spend / new} if new > 0 else {})


def _spreads(name: str) -> tuple[str, str, str]:
    """Of a mean and its 90 % interval; the unit stays last."""
    stem, unit = (name[:-4], "_fen") if name.endswith("_fen") else (name, "")
    return name, f"{stem}_low{unit}", f"{stem}_high{unit}"


COLUMNS = (
    "ad_channel",
    "campaign_type",
    "spend_fen",
    "visitors",
    "visit_fen",
    "attributed_fen",
    "attributed_roi",
    *_spreads("incremental_fen"),
    *_spreads("roi"),
    *_spreads("marginal_roi"),
    "buyers",
    "buyer_fen",
    *_spreads("new_share"),
    *(f"{step}_fen" for step in STEPS[:-1]),
    *_spreads("contribution_fen"),
    "basis",
)


def _spread(name: str, draws: Floats) -> dict[str, float]:
    return dict(zip(_spreads(name), (float(draws.mean()), *np.quantile(draws, INTERVAL)), strict=True))


def _told(dataset: Dataset, origin: np.datetime64, weeks: int) -> pd.DataFrame:
    """Spend, visits and what platforms claim by ad channel and campaign type; NaN where nothing is told."""
    media = dataset["media"]
    first = pd.Timestamp(origin) - pd.Timedelta(weeks=weeks)
    part = media[(media["date"] >= first) & (media["date"] < pd.Timestamp(origin))]
    keys = pd.DataFrame({name: part[name].astype(str) if name in part else "all" for name in KEYS})
    amounts = {name: part[name].astype(float) if name in part else np.nan for name in TOLD}
    sums = keys.assign(**amounts).groupby(list(KEYS), sort=True)[list(TOLD)].sum(min_count=1).reset_index()
    sums = sums.rename(columns={"clicks": "visitors"})
    spend, visitors = sums["spend_fen"], sums["visitors"]
    return sums.assign(
        visit_fen=spend / visitors.where(visitors > 0), attributed_roi=sums["attributed_fen"] / spend.where(spend > 0)
    )


def _shares(kinds: pd.DataFrame) -> tuple[Floats, str]:
    """Share of each campaign type in what its ad channel brings, and why."""
    visits, spend = kinds["visitors"].to_numpy(float), kinds["spend_fen"].to_numpy(float)
    if len(kinds) < 2:
        return np.ones(len(kinds)), MEASURED
    if np.isfinite(visits).all() and visits.sum() > 0:
        return visits / visits.sum(), BY_VISITS
    return (spend / spend.sum() if spend.sum() > 0 else np.full(len(kinds), 1.0 / len(kinds))), BY_SPEND


def _lift(data: ResponseData, curves: ResponseCurves, weeks: int) -> tuple[Floats, Floats]:
    """Yuan that ads brought in the last weeks, and a yuan more in each of them, spread like the spend, would have:
    float64 [draws, ad_channels] each."""
    begun = curves.started(data.spend[:, :4].mean(axis=1))
    last = np.zeros(data.weeks)
    last[-weeks:] = STEP
    lift = begun.lift(data.spend)[:, :, -weeks:].sum(axis=2)
    more = begun.lift(data.spend * (1.0 + last))[:, :, -weeks:].sum(axis=2) - lift
    paid = STEP * data.spend[:, -weeks:].sum(axis=1)
    return lift, np.divide(more, paid, out=np.zeros_like(more), where=paid > 0)
