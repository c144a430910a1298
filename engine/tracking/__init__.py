"""The record of every run: settings, seed, code version, data, metrics and plan files, in MLflow."""
