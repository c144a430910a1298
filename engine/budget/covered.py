"""Up to which week the ads are known: a media export that ends before the sales does not say that no ads ran since.

Where rows came week after week and then end, the weeks after them are unknown and left out of what is learned; an
export that ended more than a quarter ago is taken for ads that were stopped, as is one of ads now and then for a pause.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.budget.today import RECENT_WEEKS
from engine.data.dataset import Dataset
from models.response.period import WEEK

Days = NDArray[np.datetime64]
RAN_WEEKS = 8
"""Weeks before its end in each of which a table has rows that would have gone on."""


def ads_known_until(dataset: Dataset, origin: np.datetime64) -> np.datetime64:
    """The day before which ads are known by whole weeks: ``origin``, or so many weeks before it as ``media`` lacks."""
    missing = _missing(_days(dataset["media"], origin), origin)
    return origin - np.timedelta64(WEEK * -(-missing // WEEK), "D") if missing else origin


def coverage_notes(dataset: Dataset, origin: np.datetime64) -> tuple[str, ...]:
    """What the user should know of ads that are not told up to the day before ``origin``, of all or of one channel."""
    media = dataset["media"]
    days = _days(media, origin)
    if not len(days):
        return ()
    notes, end, missing = [], _end(days), _missing(days, origin)
    if missing:
        known = ads_known_until(dataset, origin)
        notes.append(
            f"media ends on {_before(end)}, {missing} days before the sales: ads are learned up to {_before(known)}, "
            "today's spend is that of the weeks before, and what was spent since is counted nowhere, nor in what the "
            "quarter has cost; load the missing days, or rows of 0 where no ads ran"
        )
    for name, rows in media.groupby(media["ad_channel"].astype(str), sort=True):
        own, ran = _days(rows, origin), _days(rows[rows["spend_fen"] > 0], origin)
        if len(ran) and ran[-1] == own[-1] and _missing(ran, end) >= WEEK:
            notes.append(
                f"ad channel {name} has no rows after {_before(_end(ran))} while others have: taken as no spend; load "
                "the rest if it ran on"
            )
    return tuple(notes)


def _days(media: pd.DataFrame, origin: np.datetime64) -> Days:
    """The days before ``origin`` that have rows, in order."""
    days = np.unique(media["date"].to_numpy().astype("datetime64[D]"))
    return days[days < origin]


def _end(days: Days) -> np.datetime64:
    """The day after the last one told: a row of a weekly table stands for the week that it begins."""
    weekly = len(days) > 1 and np.median(np.diff(days).astype(np.int64)) == WEEK
    return np.datetime64(days[-1] + (WEEK if weekly else 1))


def _missing(days: Days, until: np.datetime64) -> int:
    """Days from the end of ``days`` to ``until``; 0 where they ended more than a quarter ago or came now and then."""
    if not len(days):
        return 0
    end = _end(days)
    gap = int((until.astype("datetime64[D]") - end).astype(np.int64))
    ago = (end - days).astype(np.int64) - 1
    weeks = np.unique(ago // WEEK)
    often = np.count_nonzero(weeks < RAN_WEEKS) == min(RAN_WEEKS, weeks[-1] + 1)
    return gap if 0 < gap <= WEEK * RECENT_WEEKS and often else 0


def _before(day: np.datetime64) -> str:
    return str(day.astype("datetime64[D]") - 1)
