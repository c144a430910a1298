"""Where ``init --from`` takes its tables."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.plans.errors import BadInput, Problem

if TYPE_CHECKING:
    import pandas as pd

    from engine.data.readers.source import Source

NEEDS_FOLDER = ("csv", "m5", "vn2")
SOURCES = ("demo", *NEEDS_FOLDER, "completejourney")


@dataclass(frozen=True)
class SourceOptions:
    """What the command line may say about a source."""

    folder: Path | None = None
    skus: int | None = None
    days: int | None = None
    seed: int | None = None
    stores: str | None = None
    items: int | None = None
    truth: Path | None = None
    exports: Path | None = None
    workspace: Path | None = None


def load_source(name: str, options: SourceOptions) -> Source:
    """The tables of a source; :class:`BadInput` names an unknown source or a folder that is missing."""
    from engine.data import readers

    if name not in SOURCES:
        raise BadInput([Problem("--from", "unknown source", value=name, expected=" | ".join(SOURCES))])
    if name == "demo":
        return _demo(options)
    if name == "completejourney":
        return readers.completejourney()
    if options.folder is None or not options.folder.is_dir():
        found = None if options.folder is None else str(options.folder)
        raise BadInput(
            [Problem(f"--from {name}", "needs a folder", value=found, expected="an existing folder after it")]
        )
    if name == "m5":
        stores = options.stores.split(",") if options.stores else None
        return readers.m5(options.folder, stores, options.items)
    return readers.vn2(options.folder) if name == "vn2" else readers.read_csv_folder(options.folder)


def remove_demo(path: Path) -> None:
    """Make room for a fresh demo: removes a former demo workspace and nothing else."""
    if not path.exists() or (path.is_dir() and not any(path.iterdir())):
        return
    sources = {
        json.loads(file.read_text("utf-8")).get("source") for file in path.glob("data/snapshots/*/manifest.json")
    }
    if sources != {"demo"}:
        raise BadInput([Problem(str(path), "is in use and is no demo workspace", expected="a new folder")])
    shutil.rmtree(path)


def _demo(options: SourceOptions) -> Source:
    from engine.data.readers.source import Source
    from engine.demo import DemoSettings, make_merchant
    from engine.demo.exports import write_exports

    given = {"skus": options.skus, "days": options.days, "seed": options.seed}
    if any(value is not None and value < 0 for value in given.values()) or options.skus == 0:
        raise BadInput([Problem("--skus, --days, --seed", "must be positive")])
    settings = DemoSettings(**{key: value for key, value in given.items() if value is not None})
    merchant = make_merchant(settings)
    if options.truth is not None:
        _write_truth(merchant.truth, options.truth, options.workspace)
    if options.exports is not None:
        write_exports(merchant.tables, options.exports, settings.seed)
    return Source(merchant.tables, {"merchant": "演示商家"}, ("demo merchant: invented data",))


def _write_truth(truth: Mapping[str, pd.DataFrame], folder: Path, workspace: Path | None) -> None:
    """The truth lies outside of the workspace, so that no plan can see it."""
    if workspace is not None and folder.resolve().is_relative_to(workspace.resolve()):
        raise BadInput(
            [Problem("--truth", "lies inside the workspace", value=str(folder), expected="a folder outside")]
        )
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in truth.items():
        table.to_parquet(folder / f"{name}.parquet")
