"""Ad spend of both years by day and by the sales channels that it lifts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from engine.data.dataset import Dataset
from engine.data.network import text_of


def ad_spend(dataset: Dataset, money: pd.Series) -> pd.DataFrame | None:
    """Frame ``date, channel, spend_fen`` (float), None without media.

    Spend that lifts several channels is split by ``money`` (sales by channel); of channels without sales, or without a
    name, by all of it.
    """
    media = dataset.get("media")
    if media is None or media.empty:
        return None
    lifts = text_of(media["lifts"]) if "lifts" in media else pd.Series("", index=media.index)
    rows = pd.DataFrame(
        {"date": media["date"], "lifts": lifts, "spend_fen": media["spend_fen"].fillna(0).astype(float)}
    )
    daily = rows.groupby(["date", "lifts"], as_index=False)["spend_fen"].sum()
    shares = [_shares(text, money) for text in sorted(set(daily["lifts"]))]
    found = daily.merge(pd.concat(shares, ignore_index=True), on="lifts")
    found["spend_fen"] *= found.pop("share")
    return pd.DataFrame(found.groupby(["date", "channel"], as_index=False)[["spend_fen"]].sum())


def _shares(text: str, money: pd.Series) -> pd.DataFrame:
    """Frame ``lifts, channel, share`` of one entry of the column."""
    names = [part.strip() for part in text.split("|")]
    weight = money.clip(lower=0).astype(float)
    reached = weight[weight.index.isin(names)]
    if reached.sum() <= 0:
        reached = weight
    share = reached / reached.sum() if reached.sum() > 0 else pd.Series(1.0 / max(len(reached), 1), index=reached.index)
    return pd.DataFrame({"lifts": text, "channel": share.index.astype(str), "share": np.asarray(share)})


def spent(ads: pd.DataFrame | None, first: pd.Timestamp, last: pd.Timestamp) -> pd.Series:
    """Fen by channel between two days; empty without media."""
    if ads is None:
        return pd.Series(dtype=float)
    rows = ads[(ads["date"] >= first) & (ads["date"] <= last)]
    return rows.groupby("channel")["spend_fen"].sum()
