"""Weekly grocery sales with and without what is announced of promotions.

Run: ``python -m experiments.completejourney --json``. 2,000 products chosen on weeks before the first origin, the last
8 weeks in 4 origins of 2 weeks. Displays and mailers of a week and the regular price are known ahead; discounts really
given are not. The same forecast with and without displays and mailers, beside the yardsticks.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

from engine.execution.run import Run
from engine.plans.forecast import METHOD
from experiments.cases import Case, load
from experiments.record import peak_gb, record, show
from experiments.rolling import roll
from models.demand.yardsticks import yardsticks

WITH, WITHOUT = "with promotions", "without promotions"


def compare(case: Case, number: int, run: Run) -> pd.DataFrame:
    """One row an origin and model, with and without the table of promotions."""
    rows: list[dict[str, object]] = []
    for drivers, given in ((WITH, case), (WITHOUT, case.without("promotions"))):
        for origin in roll(given, number, run):
            means = {METHOD: origin.mean, **origin.fold.means}
            if drivers == WITHOUT:
                means |= yardsticks(origin.fold.panel, case.horizon)
            for name, mean in means.items():
                cost = {"cpu_seconds": origin.cpu_seconds} if name == METHOD else {}
                keys = {"origin": str(origin.fold.origin), "model": name, "drivers": drivers}
                rows.append({**keys, **origin.yardstick.scores(mean), **cost})
    return pd.DataFrame(rows)


def main(arguments: list[str] | None = None) -> None:
    """Run the study and print it."""
    parser = argparse.ArgumentParser(prog="python -m experiments.completejourney", description=__doc__)
    parser.add_argument("--products", type=int, default=2000)
    parser.add_argument("--origins", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--tracking", type=Path, help="folder of the MLflow record")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)
    table = compare(load("completejourney", asked.products, asked.seed), asked.origins, Run(asked.seed, asked.threads))
    means = table.groupby(["model", "drivers"], sort=False)[["series", "wape", "bias", "wrmsse"]].mean()
    means.index = pd.Index([" ".join(entry) for entry in means.index], name="model")
    record("completejourney", asked.tracking, {"origins": str(asked.origins)}, means)
    show(table, means, asked.json, peak_gb=round(peak_gb(), 2))


if __name__ == "__main__":
    main()
