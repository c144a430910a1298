"""How kernels are compiled that only other kernels call."""

from __future__ import annotations

from typing import Any

INNER: dict[str, Any] = {"cache": True, "error_model": "numpy", "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
"""No entry from Python: that alone takes half of the time to compile."""
