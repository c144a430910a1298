"""Workspace: a folder with snapshots of the data, plans, reports and settings.

```
plan.yaml                 settings, written by init
overrides.csv             what people know better than the model
data/snapshots/<hash>/    one Parquet file a table and manifest.json; never changed
data/current              name of the snapshot in use, an atomic pointer
data/log.jsonl            what was loaded when
quarantine/               rows that were not loaded, with the reason
plans/<stage>/            Parquet and JSON of the last result of each stage
reports/                  workbooks and pages
mlflow.db, mlartifacts/   the record of every run
```
"""

from __future__ import annotations

import glob
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from engine.data.atomic import recover, replaced_folder, write_text
from engine.data.dataset import Dataset
from engine.data.platform_run import with_platform_orders
from engine.data.tables import TABLES, Table
from engine.plans.errors import BadInput, Problem
from engine.plans.parts import Parts, Plan

PlanType = TypeVar("PlanType", bound=Plan)
SETTINGS_FILE = "plan.yaml"


class Snapshot(Mapping[str, pd.DataFrame]):
    """The tables of one snapshot, each read when first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, pd.DataFrame] = {}
        self._names = tuple(sorted(file.stem for file in folder.glob("*.parquet")))

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._names:
            raise KeyError(name)
        if name not in self._read:
            self._read[name] = _read_parquet(self._folder / f"{name}.parquet")
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __contains__(self, name: object) -> bool:
        return name in self._names


@dataclass
class Draft:
    """A snapshot in the making. ``assumptions`` and ``notes`` (further entries of the manifest) may grow until it is
    stored; then ``snapshot`` is its name."""

    folder: Path
    assumptions: list[str]
    notes: dict[str, Any] = field(default_factory=dict)
    snapshot: str = ""


@dataclass(frozen=True)
class LogEntry:
    """A change of the data in use: when, from which snapshot to which, by what."""

    at: str
    snapshot: str
    parent: str | None
    action: str
    source: str


@dataclass(frozen=True)
class Workspace:
    """The folder that holds everything of one merchant."""

    path: Path

    @classmethod
    def open(cls, path: str | Path) -> Workspace:
        """An existing workspace; :class:`BadInput` where the folder is none."""
        folder = Path(path)
        if not (folder / SETTINGS_FILE).is_file():
            raise BadInput(
                [
                    Problem(
                        str(folder),
                        "is not a workspace",
                        expected=f"a folder with {SETTINGS_FILE}",
                        remedy="Make one with `yunchou init`.",
                    )
                ]
            )
        return cls(folder)

    @property
    def settings_file(self) -> Path:
        return self.path / SETTINGS_FILE

    @property
    def reports(self) -> Path:
        return self.path / "reports"

    def plan_folder(self, stage: str) -> Path:
        """Where the result of a stage stands."""
        return self.path / "plans" / stage

    @cached_property
    def _snapshots(self) -> Path:
        return self.path / "data" / "snapshots"

    def current_or_none(self) -> str | None:
        """Name of the snapshot in use, None where nothing was loaded yet."""
        pointer = self.path / "data" / "current"
        return pointer.read_text("utf-8").strip() if pointer.is_file() else None

    def current(self) -> str:
        """Name (content hash) of the snapshot in use."""
        name = self.current_or_none()
        if name is None:
            remedy = "Load files with `yunchou import WS FOLDER`."
            raise BadInput([Problem(str(self.path), "holds no data yet", remedy=remedy)])
        return name

    def dataset(self, snapshot: str | None = None) -> Dataset:
        """The tables of a snapshot, the current one where none is named."""
        name = snapshot or self.current()
        folder = self._snapshots / name
        if not (folder / "manifest.json").is_file():
            raise BadInput([Problem(str(folder), "there is no such snapshot")])
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        stored = Dataset(
            Snapshot(folder),
            name,
            assumptions=tuple(manifest.get("assumptions", ())),
            unreconciled=tuple(manifest.get("unreconciled", {}).values()),
        )
        return with_platform_orders(stored)

    def save_snapshot(self, tables: Mapping[str, pd.DataFrame], source: str, assumptions: tuple[str, ...] = ()) -> str:
        """Store validated tables under their content hash and make them current; returns the hash."""
        with self.new_snapshot(source, assumptions) as draft:
            for name in sorted(tables):
                write_parquet(tables[name], draft.folder / f"{name}.parquet")
        return draft.snapshot

    @contextmanager
    def new_snapshot(self, source: str, assumptions: tuple[str, ...] = ()) -> Iterator[Draft]:
        """Yield a draft to put one Parquet file a table into; it becomes the current snapshot, whole or not at all.

        The same content has the same hash, so that loading the same again changes nothing.
        """
        self._snapshots.mkdir(parents=True, exist_ok=True)
        parent = self.current_or_none()
        staging = self._snapshots / f".staging-{os.getpid()}"
        with replaced_folder(staging) as folder:
            draft = Draft(folder, list(assumptions))
            yield draft
            hashes = {file.stem: file_hash(file) for file in sorted(folder.glob("*.parquet"))}
            content = json.dumps([hashes, draft.assumptions], sort_keys=True)
            draft.snapshot = hashlib.sha256(content.encode()).hexdigest()[:16]
            rows = {name: pq.read_metadata(folder / f"{name}.parquet").num_rows for name in hashes}
            manifest = {
                "tables": {name: {"rows": rows[name], "sha256": hashes[name]} for name in hashes},
                "source": source,
                "parent": parent,
                "assumptions": draft.assumptions,
                **draft.notes,
            }
            write_text(folder / "manifest.json", json.dumps(manifest, indent=1, ensure_ascii=False))
        target = self._snapshots / draft.snapshot
        if target.exists():
            shutil.rmtree(staging)
        else:
            os.rename(staging, target)
        self.point_to(draft.snapshot, "load", source)

    def point_to(self, snapshot: str, action: str, source: str) -> None:
        """Make a stored snapshot the current one and write that into the log of the data."""
        if snapshot == self.current_or_none():
            return
        entry = LogEntry(datetime.now().isoformat(timespec="seconds"), snapshot, self.current_or_none(), action, source)
        lines = [json.dumps(asdict(line), ensure_ascii=False) for line in (*self.log(), entry)]
        write_text(self.path / "data" / "log.jsonl", "\n".join(lines) + "\n")
        write_text(self.path / "data" / "current", snapshot + "\n")

    def log(self) -> list[LogEntry]:
        """What was loaded when, the oldest first."""
        file = self.path / "data" / "log.jsonl"
        lines = file.read_text("utf-8").splitlines() if file.is_file() else []
        return [LogEntry(**json.loads(line)) for line in lines]

    def snapshot_folder(self, name: str) -> Path:
        """Folder of a snapshot named by its hash, its beginning, or ``current``; else :class:`BadInput`."""
        if name == "current":
            return self._snapshots / self.current()
        found = [folder for folder in sorted(self._snapshots.glob(f"{glob.escape(name)}*")) if folder.is_dir()]
        if len(found) != 1 or not name:
            message = "there is no such snapshot" if not found else "several snapshots begin so"
            raise BadInput([Problem(str(self.path), message, value=name, remedy="`yunchou data log` lists them.")])
        return found[0]

    def manifest(self, snapshot: str) -> dict[str, Any]:
        """What a snapshot holds and where it comes from."""
        return json.loads((self._snapshots / snapshot / "manifest.json").read_text("utf-8"))

    def save_plan(self, stage: str, plan: Plan, inputs: Mapping[str, Any]) -> str:
        """Store a stage's result whole; ``inputs`` (fingerprints) go into its manifest. Returns the plan's hash."""
        return save_plan(self.plan_folder(stage), plan, inputs)

    def load_plan(self, stage: str, kind: type[PlanType]) -> PlanType | None:
        """The last result of a stage, None where it has not run."""
        folder = self.plan_folder(stage)
        recover(folder)
        return load_plan(folder, kind) if (folder / "manifest.json").is_file() else None

    def keep_plan(self, stage: str, name: str) -> None:
        """Copy the last result of a stage, so that it can be read under another name when there is a new one."""
        source = self.plan_folder(stage)
        with replaced_folder(self.plan_folder(name)) as fresh:
            for file in sorted(source.iterdir()):
                shutil.copyfile(file, fresh / file.name)

    def plan_manifest(self, stage: str) -> dict[str, Any] | None:
        """Inputs and file hashes of the last result of a stage, None where it has not run."""
        file = self.plan_folder(stage) / "manifest.json"
        recover(self.plan_folder(stage))
        return json.loads(file.read_text("utf-8")) if file.is_file() else None


def save_plan(folder: Path, plan: Plan, inputs: Mapping[str, Any]) -> str:
    """Write a plan's files into a folder, whole or not at all; returns the hash of its content."""
    parts = plan.to_parts()
    with replaced_folder(folder) as fresh:
        hashes = {}
        for name in sorted(parts.frames):
            file = fresh / f"{name}.parquet"
            write_parquet(_as_read(parts.frames[name]), file)
            hashes[file.name] = file_hash(file)
        text = json.dumps(dict(parts.meta), indent=1, ensure_ascii=False, sort_keys=True, allow_nan=True)
        write_text(fresh / "plan.json", text)
        hashes["plan.json"] = file_hash(fresh / "plan.json")
        digest = hashlib.sha256(json.dumps(hashes, sort_keys=True).encode()).hexdigest()[:16]
        manifest = {"plan": digest, "files": hashes, "inputs": dict(inputs)}
        write_text(fresh / "manifest.json", json.dumps(manifest, indent=1, ensure_ascii=False, sort_keys=True))
    return digest


def _as_read(frame: pd.DataFrame) -> pd.DataFrame:
    """Days as Parquet gives them back, so that a plan that was read is stored as the same bytes again."""
    return frame.astype({name: "datetime64[ms]" for name in frame.columns if frame[name].dtype == "datetime64[s]"})


def load_plan(folder: Path, kind: type[PlanType]) -> PlanType:
    """The plan whose files stand in a folder."""
    frames = {file.stem: _read_parquet(file) for file in sorted(folder.glob("*.parquet"))}
    return kind.from_parts(Parts(frames, json.loads((folder / "plan.json").read_text("utf-8"))))


def write_parquet(frame: pd.DataFrame, file: Path) -> None:
    """One Parquet file, the same bytes for the same content."""
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    pq.write_table(table, file, compression="zstd", compression_level=3, use_dictionary=True)


def file_hash(file: Path) -> str:
    """SHA-256 of a file's bytes."""
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _read_parquet(file: Path) -> pd.DataFrame:
    """A table of a snapshot as the contract holds it; files of plans as they are stored."""
    contract = TABLES.get(file.stem) if file.parent.parent.name == "snapshots" else None
    if contract is not None:
        return read_table(file, contract)
    frame: pd.DataFrame = pq.read_table(file).to_pandas()
    return frame


def read_table(file: Path, contract: Table) -> pd.DataFrame:
    """A Parquet file in the dtypes of the contract (Parquet knows no seconds, and categories in no order)."""
    texts = [column.name for column in contract.columns if column.kind == "text"]
    frame: pd.DataFrame = pq.read_table(file, read_dictionary=texts).unify_dictionaries().to_pandas()
    for column in contract.columns:
        if column.name in frame and column.kind == "text":
            frame[column.name] = _sorted_categories(frame[column.name])
        elif column.name in frame and column.kind == "day":
            frame[column.name] = frame[column.name].astype("datetime64[s]")
    return frame


def _sorted_categories(values: pd.Series) -> pd.Series:
    categories = values.cat.categories
    if categories.is_monotonic_increasing and categories.dtype == "str":
        return values
    return values.cat.set_categories(pd.Index(sorted(map(str, categories)), dtype="str"))
