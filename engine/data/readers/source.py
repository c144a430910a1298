"""Source: what a reader hands over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Source:
    """Tables of one merchant as a reader found them.

    ``tables`` by contract name, to be checked by :func:`engine.data.validate.validate`. ``settings``: what the
    plan.yaml of such a workspace should say. ``assumptions``: what the reader had to assume, one line each; they
    stay with the snapshot and are shown wherever the data is judged.
    """

    tables: Mapping[str, pd.DataFrame]
    settings: Mapping[str, Any] = field(default_factory=dict)
    assumptions: tuple[str, ...] = ()
