"""The VN2 challenge: ``python -m experiments.vn2 order | replay | forecast --data ../shared/data/vn2``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import pandas as pd

from engine.data.readers.vn2 import read_challenge
from engine.execution.run import Run, silent
from engine.forecasting.settings import ForecastSettings
from engine.plans.errors import BadInput
from experiments.cases import load
from experiments.record import peak_gb, record, show
from experiments.vn2.forecast import forecast
from experiments.vn2.order import order
from experiments.vn2.replay import replay, summary


def main(arguments: list[str] | None = None) -> None:
    """Run a part of the study and print it."""
    asked = _parser().parse_args(arguments)
    try:
        asked.work(asked)
    except BadInput as problem:
        _parser().error(str(problem))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m experiments.vn2", description=__doc__)
    parts = parser.add_subparsers(dest="part", required=True)
    ordering = parts.add_parser("order", help="this week's orders by the product's own forecast and plan")
    ordering.add_argument("--out", type=Path, required=True, help="file to write: Store, Product, quantity")
    ordering.set_defaults(work=_order)
    past = parts.add_parser("replay", help="past windows against a seasonal moving average with the best cover")
    past.add_argument("--windows", type=int, default=14, help="the last so many windows of eight weeks")
    past.add_argument("--judged", type=int, default=8, help="windows of the summary; earlier ones served for choices")
    past.set_defaults(work=_replay)
    ahead = parts.add_parser("forecast", help="three-week demand at rolling origins")
    ahead.add_argument("--origins", type=int, default=8)
    ahead.add_argument("--warm", type=int, default=6, help="earlier origins that only teach the spread")
    ahead.set_defaults(work=_forecast)
    for part in (ordering, past, ahead):
        part.add_argument("--data", type=Path, required=True, help="folder of the challenge's files")
        part.add_argument("--seed", type=int, default=1)
        part.add_argument("--threads", type=int, default=1)
        part.add_argument("--tracking", type=Path, help="folder of the MLflow record")
        part.add_argument("--json", action="store_true")
    return parser


def _order(asked: argparse.Namespace) -> None:
    table = order(asked.data, asked.out, Run(asked.seed, asked.threads), ForecastSettings())
    ordered = table["quantity"]
    facts = {"rows": len(table), "ordered": int((ordered > 0).sum()), "units": int(ordered.sum())}
    print(pd.Series(facts).to_json() if asked.json else f"{asked.out}: {facts}")


def _replay(asked: argparse.Namespace) -> None:
    told = silent if asked.json else lambda text, share: print(f"{text}: {share:.0%}", file=sys.stderr)
    run = Run(asked.seed, asked.threads, told)
    rows = replay(read_challenge(asked.data), asked.windows, run, ForecastSettings())
    parts = {"judged": rows.tail(asked.judged), "all": rows}
    means = pd.DataFrame({name: summary(part) for name, part in parts.items()}).T
    record("vn2 replay", asked.tracking, {"data": str(asked.data), "windows": str(len(rows))}, means)
    show(rows, means, asked.json, peak_gb=round(peak_gb(), 2))


def _forecast(asked: argparse.Namespace) -> None:
    case = load(f"vn2={asked.data}", 0, asked.seed)
    table = forecast(case, asked.origins, asked.warm, Run(asked.seed, asked.threads))
    means = table.groupby("model", sort=False).mean(numeric_only=True)
    record("vn2 forecast", asked.tracking, {"data": str(asked.data), "origins": str(asked.origins)}, means)
    show(table, means, asked.json, peak_gb=round(peak_gb(), 2))


if __name__ == "__main__":
    main()
