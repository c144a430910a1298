"""How kernels are compiled, and run on several threads.

Compiling is what a first run waits for, so kernels keep to what compiles fast: no entry from Python where only other
kernels call (:data:`INNER`), threads outside of the kernel (:func:`in_blocks`) instead of numba's ``parallel=True``,
which compiles three times as long, and loops instead of assignments of whole arrays.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numba
import numpy as np
from numba import njit

INNER: dict[str, Any] = {"cache": True, "error_model": "numpy", "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
"""No entry from Python: that alone takes half of the time to compile."""
SMALL = 32
"""Rows below which threads cost more than they save."""


@njit(**INNER)
def put(values, out):  # type: ignore[no-untyped-def]
    """Write ``values`` into ``out``, both 1-d: what numba compiles of an assignment checks shapes in 3 s more."""
    for entry in range(len(values)):
        out[entry] = values[entry]


def in_blocks(rows: int, work: Callable[[int, int], object]) -> None:
    """Call ``work(first, last)`` for blocks that make up ``range(rows)``, on the threads that numba may use.

    ``work`` calls a kernel with ``nogil=True`` that writes to its own rows only.

    >>> seen: list[int] = []
    >>> in_blocks(100, lambda first, last: seen.extend(range(first, last)))
    >>> sorted(seen) == list(range(100))
    True
    """
    threads = numba.get_num_threads() if rows > SMALL else 1
    if threads == 1:
        work(0, rows)
        return
    edges = np.linspace(0, rows, 4 * threads + 1).astype(int).tolist()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda span: work(*span), pairwise(edges)))
