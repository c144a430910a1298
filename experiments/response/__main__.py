"""ROI of every ad channel with 90 % intervals, from any CSV of KPI, spend and controls by day or week.

Run: ``python -m experiments.response --data F.csv --date C --kpi C --spend a,b,c [--controls d,e] [--geo C]
[--revenue-per-kpi C] [--lift-tests F.csv] [--forms a=delayed,b=weibull+logistic] [--beliefs F.yaml]
[--by week|day] --json``. The product's own response model; regions share curves and ROI. Beliefs: by channel ``roi``,
``half_week_yuan``, ``carryover`` (from week to week), each [low, high] with 90 %. Holds out the last tenth of the weeks
in three origins and compares with the controls alone; tries a placebo channel.
Exit code 2 where a file cannot be used.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from engine.plans.errors import BadInput
from experiments.record import peak_gb
from experiments.response.answer import answer
from experiments.response.read import DAYS, Question
from models.response.forms import CARRIES, SATURATIONS, Form

CHOICES = (*CARRIES, "auto")


def main(arguments: list[str] | None = None) -> int:
    """Answer on standard output; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m experiments.response", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--date", required=True, help="column of the day or of the week's first day")
    parser.add_argument("--kpi", required=True, help="column of revenue, or of anything that ads bring")
    parser.add_argument("--spend", type=_names, required=True, help="columns of spend in yuan, by comma")
    parser.add_argument("--controls", type=_names, default=(), help="columns of other causes, numbers or labels")
    parser.add_argument("--geo", help="column of regions")
    parser.add_argument("--revenue-per-kpi", help="column of yuan a unit of the KPI")
    parser.add_argument("--lift-tests", type=Path, help="CSV: channel, start, end, spend, incremental, standard_error")
    parser.add_argument("--forms", type=_forms, default={}, help="a=delayed,b=weibull+logistic; else geometric+hill")
    parser.add_argument("--beliefs", type=Path, help="YAML: a: {roi: [1.5, 4], half_week_yuan: [2e4, 8e4]}")
    parser.add_argument("--by", choices=sorted(DAYS), default="week", help="day: days are not added up to weeks")
    parser.add_argument("--no-holdout", action="store_true", help="leave the fits of holdout and placebo out")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)
    question = Question(
        asked.data,
        asked.date,
        asked.kpi,
        asked.spend,
        asked.controls,
        asked.geo,
        asked.revenue_per_kpi,
        asked.lift_tests,
        asked.forms,
        asked.beliefs,
        asked.by,
    )
    if not set(asked.forms) <= set(asked.spend):
        parser.error("--forms names a channel that --spend does not")
    try:
        found = answer(question, asked.seed, not asked.no_holdout)
    except BadInput as bad:
        if asked.json:
            print(json.dumps({"status": "bad input", "problems": [problem.as_dict() for problem in bad.problems]}))
        print(bad, file=sys.stderr)
        return 2
    if asked.json:
        print(json.dumps({"status": "ok", **found, "peak_gb": round(peak_gb(), 2)}, ensure_ascii=False))
    else:
        _show(found)
    return 0


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _forms(text: str) -> dict[str, Form]:
    """Form by channel; a word is a carry-over or a saturation."""
    found = {}
    for name, _, words in (entry.partition("=") for entry in _names(text)):
        carries, curves = ([word for word in words.split("+") if word in kinds] for kinds in (CHOICES, SATURATIONS))
        if len(carries) > 1 or len(curves) > 1 or len(carries) + len(curves) != len(words.split("+")):
            raise argparse.ArgumentTypeError(f"{name}={words}: one of {CHOICES}, one of {SATURATIONS}, or both by +")
        found[name] = Form(*(carries or CARRIES[:1]), *(curves or SATURATIONS[:1]))
    return found


def _show(found: dict[str, Any]) -> None:
    """One line a channel, then diagnostics and notes."""
    print(f"{'channel':24s} {'ROI':>9s} {'5 %':>9s} {'95 %':>9s}  what the data say   ({found['unit']})")
    for name, channel in found["channels"].items():
        numbers = [channel[key] for key in ("roi", "roi_low", "roi_high")]
        text = " ".join("        -" if number is None else f"{number:9.3f}" for number in numbers)
        form = ", ".join(channel[key] for key in ("carry", "saturation") if channel[key])
        print(f"{name:24s} {text}  {channel['data']}" + (f"; {form}" if form else ""))
    for name in ("together", "diagnostics", "notes"):
        print(f"{name}: {json.dumps(found[name], ensure_ascii=False)}")


if __name__ == "__main__":
    sys.exit(main())
