"""Which rule holds an ad channel, and at what price."""

from __future__ import annotations

import pandas as pd

from engine.plans.solve import Binding


def channel_reasons(binding: tuple[Binding, ...], ad_channels: tuple[str, ...]) -> pd.DataFrame:
    """``ad_channel, held_by, held_price``: the rule of its own with the largest price, blank where there is none."""
    rows = []
    for name in ad_channels:
        own = [entry for entry in binding if _is_about(entry.rule, name)]
        dearest = max(own, key=lambda entry: abs(entry.price), default=None)
        rows.append((name, "" if dearest is None else dearest.rule, 0.0 if dearest is None else dearest.price))
    return pd.DataFrame(rows, columns=["ad_channel", "held_by", "held_price"])


def _is_about(rule: str, name: str) -> bool:
    return rule.split(", ")[0] in (name, f"ad channel {name}", f"terms of {name}")
