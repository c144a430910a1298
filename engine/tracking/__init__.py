"""The record of every run: settings, seed, code version, data, metrics and plan files, in MLflow."""

from engine.tracking.record import RunRecord, Tracker, open_tracker

__all__ = ["RunRecord", "Tracker", "open_tracker"]
