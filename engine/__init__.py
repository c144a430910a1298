"""Yunchou: what to do. Data, forecasts, targets, budgets, orders, replay and reports for an e-commerce merchant.

>>> import engine
>>> engine.open("no-such-folder")
Traceback (most recent call last):
...
engine.plans.errors.BadInput: 1 problem:
- no-such-folder: is not a workspace; expected a folder with plan.yaml. Make one with `yunchou init`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.workflow.facade import Merchant

__all__ = ["open"]

# Threads that wait must not burn the core on which the others work: on a busy machine LightGBM is ten times slower.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def open(path: str | Path, config: str | Path | None = None) -> Merchant:
    """Open a workspace; ``config`` names another settings file than its own plan.yaml."""
    from engine.workflow.facade import Merchant

    return Merchant(path, config)
