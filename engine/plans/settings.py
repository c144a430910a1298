"""The base of every room's settings: frozen, unknown keys refused."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """Frozen settings; an unknown key is an error that names the key."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
