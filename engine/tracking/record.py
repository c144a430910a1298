"""Runs recorded in MLflow on SQLite beside the workspace; the only module that imports mlflow.

MLflow costs seconds to import and to set up its database, so everything is done in order by one background thread
while the stages work; :meth:`Tracker.close` waits for it.
"""

from __future__ import annotations

import json
import logging
import math
import os
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

EXPERIMENT = "yunchou"
CHAMPION = "champion"


@dataclass(frozen=True)
class RunRecord:
    """One recorded run: its id, name (stage or ``run``), status, tags, metrics, start (ISO, UTC) and whether its model
    holds the title of champion."""

    run_id: str
    name: str
    status: str
    started: str
    parent: str | None
    tags: Mapping[str, str]
    metrics: Mapping[str, float]
    champion: bool = False


class Tracker:
    """Writes and reads the runs of one workspace folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="tracking")
        self._store: Future[tuple[Any, str]] = self._worker.submit(self._open)
        self._written: list[Future[Any]] = []

    def start(self, name: str, tags: Mapping[str, str], parent: Future[str] | None = None) -> Future[str]:
        """Begin a run, nested under ``parent`` where given; returns its id when it is there."""

        def work() -> str:
            client, experiment = self._store.result()
            nested = {} if parent is None else {"mlflow.parentRunId": parent.result()}
            run = client.create_run(experiment, run_name=name, tags={**tags, **nested})
            return str(run.info.run_id)

        return self._submit(work)

    def finish(
        self, run: Future[str], status: str, metrics: Mapping[str, float], files: Mapping[str, Path], settings: str = ""
    ) -> None:
        """End a run: metrics, folders or files by artifact name, the settings as YAML."""

        def work() -> None:
            client, _ = self._store.result()
            run_id = run.result()
            for key, value in sorted(metrics.items()):
                if math.isfinite(value):
                    client.log_metric(run_id, key, float(value))
            for name, path in files.items():
                if path.is_dir():
                    client.log_artifacts(run_id, str(path), name)
                elif path.exists():
                    client.log_artifact(run_id, str(path), name)
            if settings:
                client.log_text(run_id, settings, "settings.yaml")
            client.set_tag(run_id, "status", status)
            client.set_terminated(run_id, "FINISHED" if status in ("done", "partial", "skipped") else "FAILED")

        self._submit(work)

    def tag(self, run: Future[str], tags: Mapping[str, str]) -> None:
        """Add tags to a run."""

        def work() -> None:
            client, _ = self._store.result()
            for key, value in sorted(tags.items()):
                client.set_tag(run.result(), key, value)

        self._submit(work)

    def challenge(self, run: Future[str], model: str, errors: Mapping[str, float], data: str) -> None:
        """Register a finished run's model; ``@champion`` moves to it only if it wins at every origin.

        ``errors`` by origin, on the data of that fingerprint. Without a champion the first takes the title; on other
        data nothing can be compared and the title stays.
        """

        def work() -> None:
            client, _ = self._store.result()
            run_id = run.result()
            if not client.search_registered_models(f"name = '{model}'"):
                client.create_registered_model(model)
            source = f"{client.get_run(run_id).info.artifact_uri}/plan"
            tags = {"data": data, "errors": json.dumps(dict(errors), sort_keys=True)}
            version = client.create_model_version(model, source, run_id, tags=tags)
            if _wins(errors, data, self._champion(client, model)):
                client.set_registered_model_alias(model, CHAMPION, version.version)

        self._submit(work)

    def champion(self, model: str) -> str | None:
        """Run of the model that holds the title; None where there is none."""
        client, _ = self._store.result()
        found = self._champion(client, model)
        return None if found is None else str(found.run_id)

    @staticmethod
    def _champion(client: Any, model: str) -> Any:
        from mlflow.exceptions import MlflowException

        try:
            return client.get_model_version_by_alias(model, CHAMPION)
        except MlflowException:
            return None

    def runs(self, limit: int = 50) -> list[RunRecord]:
        """The latest runs, newest first."""
        client, experiment = self._store.result()
        held = {self.champion(model.name) for model in client.search_registered_models()}
        found = client.search_runs([experiment], max_results=limit)
        return [replace(_record(run), champion=run.info.run_id in held) for run in found]

    def find(self, run_id: str) -> RunRecord | None:
        """A run by its id or the beginning of it; None where there is no such run or the beginning is ambiguous."""
        found = [record for record in self.runs(1000) if record.run_id.startswith(run_id)]
        return found[0] if len(found) == 1 else None

    def settings_of(self, run_id: str) -> str:
        """The settings (YAML) with which a run was made."""
        client, _ = self._store.result()
        return Path(client.download_artifacts(run_id, "settings.yaml")).read_text("utf-8")

    def folder_of(self, run_id: str, name: str) -> Path:
        """The folder of files that a run left under that name."""
        client, _ = self._store.result()
        return Path(client.download_artifacts(run_id, name))

    def close(self) -> list[str]:
        """Wait until everything is written; returns what could not be recorded."""
        failed = [str(error) for future in self._written if (error := future.exception()) is not None]
        self._worker.shutdown()
        return failed

    def _submit(self, work: Callable[[], Any]) -> Future[Any]:
        future = self._worker.submit(work)
        self._written.append(future)
        return future

    def _open(self) -> tuple[Any, str]:
        os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
        os.environ.setdefault("MLFLOW_ENABLE_ASYNC_LOGGING", "false")
        os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
        logging.getLogger("alembic").setLevel(logging.WARNING)
        from mlflow import MlflowClient

        logging.getLogger("mlflow").setLevel(logging.WARNING)
        client = MlflowClient(tracking_uri=f"sqlite:///{self._folder / 'mlflow.db'}")
        found = client.get_experiment_by_name(EXPERIMENT)
        if found is not None:
            return client, found.experiment_id
        return client, client.create_experiment(EXPERIMENT, (self._folder / "mlartifacts").as_uri())


def open_tracker(folder: Path) -> Tracker:
    """The tracker of a workspace folder."""
    return Tracker(folder)


def _wins(errors: Mapping[str, float], data: str, champion: Any) -> bool:
    """Whether errors are below the champion's at every origin; the same origins of the same data only."""
    if champion is None:
        return True
    before = json.loads(champion.tags["errors"])
    comparable = champion.tags["data"] == data and set(before) == set(errors) and bool(errors)
    return comparable and all(errors[origin] < before[origin] for origin in before)


def _record(run: Any) -> RunRecord:
    from datetime import UTC, datetime

    tags = dict(run.data.tags)
    return RunRecord(
        run_id=run.info.run_id,
        name=run.info.run_name,
        status=tags.get("status", run.info.status.lower()),
        started=datetime.fromtimestamp(run.info.start_time / 1000, UTC).isoformat(timespec="seconds"),
        parent=tags.get("mlflow.parentRunId"),
        tags={key: value for key, value in tags.items() if not key.startswith("mlflow.")},
        metrics=dict(run.data.metrics),
    )
