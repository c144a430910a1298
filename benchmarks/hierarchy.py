"""Reconciliation of the M5 hierarchy's shape: 30,490 leaves, 12 levels, 28 periods, non-negative; seconds and memory.

Run: ``python -m benchmarks.hierarchy [--items 3049] [--periods 28]``. Base forecasts are those of a made-up market:
leaves with many near zero, every node wrong by its own noise, so that plain least squares would turn leaves negative.
"""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np
import pandas as pd

from models.hierarchy import SumTree, reconcile

STATES = {"CA": 4, "TX": 3, "WI": 3}
DEPARTMENTS = {"HOBBIES": 2, "HOUSEHOLD": 2, "FOODS": 3}
LEVELS: list[tuple[str, ...]] = [
    (),
    ("state",),
    ("store",),
    ("category",),
    ("department",),
    ("state", "category"),
    ("state", "department"),
    ("store", "category"),
    ("store", "department"),
    ("item",),
    ("item", "state"),
]


def market(items: int) -> SumTree:
    """Eleven levels over the leaves item x store."""
    departments = [f"{name}_{k + 1}" for name, count in DEPARTMENTS.items() for k in range(count)]
    stores = [f"{name}_{k + 1}" for name, count in STATES.items() for k in range(count)]
    item, store = (codes.ravel() for codes in np.meshgrid(np.arange(items), np.arange(len(stores)), indexing="ij"))
    frame = pd.DataFrame({"item": item, "store": np.array(stores)[store]}).astype({"item": str})
    frame["department"] = np.array(departments)[item % len(departments)]
    frame["category"] = frame["department"].str.rsplit("_", n=1).str[0]
    frame["state"] = frame["store"].str[:2]
    return SumTree.of(frame, LEVELS)


def main() -> None:
    """Reconcile once and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=3049)
    parser.add_argument("--periods", type=int, default=28)
    asked = parser.parse_args()
    rng = np.random.default_rng(1)
    start = time.process_time()
    tree = market(asked.items)
    built = time.process_time() - start
    leaves = rng.gamma(0.5, 2.0, (len(tree.leaves), 1)) * rng.gamma(2.0, 0.5, (len(tree.leaves), asked.periods))
    level = tree.sum_up(leaves)
    variance = 0.02 * level.mean(axis=1) ** 2 + 0.5 * level.mean(axis=1) + 1e-4
    base = level + rng.normal(size=level.shape) * np.sqrt(variance)[:, None]
    start = time.process_time()
    found = reconcile(tree, base, variance)
    seconds = time.process_time() - start
    sums = tree.sum_up(found)
    totals = pd.DataFrame(sums[: len(tree.labels)]).groupby(tree.labels["level"]).sum().to_numpy()
    gap = np.abs(totals / found.sum(axis=0) - 1).max()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"{len(tree.leaves)} leaves, {tree.nodes} nodes, {asked.periods} periods: tree {built:.2f} CPU s")
    print(f"reconciled in {seconds:.2f} CPU s, peak memory of the process {peak:.2f} GB")
    print(
        f"smallest leaf {found.min():.3g}, at zero {np.mean(found == 0):.3f}, base below zero {(base < 0).mean():.3f}"
    )
    print(f"levels add up to {gap:.1e}")


if __name__ == "__main__":
    main()
