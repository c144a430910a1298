"""Run: seed, threads, progress and parallel map of one stage."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

Item = TypeVar("Item")
Result = TypeVar("Result")


def silent(message: str, share: float) -> None:
    """Progress to nowhere."""


@dataclass(frozen=True)
class Run:
    """What a room needs to know about the run it is part of.

    ``progress(message, share)`` is told what is being done and how much of the stage is behind (0..1).
    """

    seed: int = 0
    threads: int = 2
    progress: Callable[[str, float], None] = silent

    def rng(self, *purpose: str) -> np.random.Generator:
        """A generator of its own for each purpose, the same for the same seed.

        >>> bool(Run(7).rng("a").random() == Run(7).rng("a").random())
        True
        """
        return np.random.default_rng([self.seed, *(zlib.crc32(word.encode()) for word in purpose)])

    def seed_for(self, *purpose: str) -> int:
        """An integer seed for each purpose, for kernels and libraries that take no generator."""
        return int(self.rng(*purpose).integers(2**31 - 1))

    def map(self, work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
        """Results in order. Threads: for work that releases the lock (numba, LightGBM, Prophet's own process)."""
        entries = list(items)
        if self.threads == 1 or len(entries) < 2:
            return [work(entry) for entry in entries]
        with ThreadPoolExecutor(self.threads) as pool:
            return list(pool.map(work, entries))
