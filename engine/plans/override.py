"""Override: a person's word against the model's, with who, why, where, when and until when."""

from __future__ import annotations

from datetime import date
from typing import Literal

from engine.plans.settings import Settings

OverrideKind = Literal["set", "scale", "cap", "add"]
KINDS: tuple[OverrideKind, ...] = ("set", "scale", "cap", "add")
FILTERS = ("channel", "category", "brand", "spu", "sku")
MONTHLY_FILTERS = ("channel", "category")
"""Filters that the months beyond the weekly horizon know too."""


class Override(Settings):
    """A change of the forecast of everything that the filters name (blank: all), from ``start`` to ``end`` included.

    ``set``, ``cap`` and ``add`` speak of the units of the whole period and level together; ``scale`` is a factor.
    """

    id: int
    created: date
    """Day that the data had reached when it was written."""
    author: str
    reason: str
    kind: OverrideKind
    value: float
    start: date
    end: date
    channel: str = ""
    category: str = ""
    brand: str = ""
    spu: str = ""
    sku: str = ""
    expires: date
    """Last day of data on which plans still use it."""
    removed: date | None = None
    """Day that the data had reached when it was taken back."""

    @property
    def level(self) -> str:
        """The level it speaks about.

        >>> day = date(2026, 3, 1)
        >>> Override(
        ...     id=1, created=day, author="a", reason="r", kind="set", value=1, start=day, end=day, expires=day, sku="X"
        ... ).level
        'sku'
        """
        return " x ".join(name for name in FILTERS if getattr(self, name)) or "total"

    @property
    def days(self) -> int:
        """Days of its period."""
        return (self.end - self.start).days + 1

    def holds_on(self, day: date, known: bool = False) -> bool:
        """Whether a plan made at the end of ``day`` uses it; ``known``: only if it was written by then."""
        if known and self.created > day:
            return False
        withdrawn = self.removed is not None and (not known or self.removed <= day)
        return not withdrawn and self.expires >= day
