"""Who wants to hear how far the work is."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, str, float], None]
"""Stage, what is being done, share of the stage that is done."""


def quiet(stage: str, message: str, share: float) -> None:
    """Progress to nowhere."""
