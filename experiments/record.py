"""What studies share: their record in MLflow, the peak of memory, the printed answer."""

from __future__ import annotations

import json
import re
import resource
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from engine.tracking.record import open_tracker


def peak_gb() -> float:
    """Peak resident memory of this process so far, GiB."""
    status = Path("/proc/self/status")
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text()) if status.exists() else None
    if found:
        return int(found.group(1)) / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def record(study: str, folder: Path | None, tags: Mapping[str, str], means: pd.DataFrame) -> None:
    """A run of the study in MLflow on SQLite in ``folder``, a metric a model and column; nothing where it is None."""
    if folder is None:
        return
    metrics = {f"{model}.{name}": float(value) for name, column in means.items() for model, value in column.items()}
    folder.mkdir(parents=True, exist_ok=True)
    tracker = open_tracker(folder)
    tracker.finish(tracker.start(study, dict(tags)), "done", metrics, {})
    for problem in tracker.close():
        raise RuntimeError(problem)


def show(table: pd.DataFrame, means: pd.DataFrame, as_json: bool, **facts: Any) -> None:
    """Print every row and the means over the origins, as text or as one JSON object."""
    if as_json:
        rows = json.loads(table.to_json(orient="records"))
        print(json.dumps({"rows": rows, "means": json.loads(means.to_json(orient="index")), **facts}))
        return
    print(table.to_string(index=False, float_format="{:.4f}".format))
    print("\nmean of the origins\n" + means.to_string(float_format="{:.4f}".format))
    for name, fact in facts.items():
        print(f"{name}: {fact}")
