"""Time and memory of an import of ten million sales rows, and of a question about fifty thousand SKUs.

``python -m benchmarks.importing [--rows 10000000] [--skus 50000]`` makes the files by seed in a temporary folder.
"""

from __future__ import annotations

import argparse
import itertools
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv

CHANNELS = ("天猫", "京东", "抖音", "拼多多", "小程序")
START = np.datetime64("2023-11-01")
DAYS = 1096
BLOCK = 1_000_000


def write_files(folder: Path, rows: int, skus: int, seed: int) -> None:
    """``sales.csv`` (distinct keys in the order of the days), ``skus.csv`` and ``channels.csv``."""
    rng = np.random.default_rng(seed)
    names = np.array([f"SKU{number:06d}" for number in range(skus)])
    days = np.datetime_as_string(START + np.arange(DAYS), unit="D")
    cells = DAYS * skus * len(CHANNELS)
    edges = np.linspace(0, cells, max(rows // BLOCK, 1) + 1).astype(np.int64)
    left = rows
    with (folder / "sales.csv").open("wb") as handle:
        for number, (first, last) in enumerate(itertools.pairwise(edges)):
            count = left // (len(edges) - 1 - number)
            left -= count
            key = np.unique(rng.integers(first, last, count))
            day, rest = np.divmod(key, skus * len(CHANNELS))
            sku, channel = np.divmod(rest, len(CHANNELS))
            units = rng.geometric(0.4, len(key))
            price = 1000 + (sku * 7919) % 20000
            table = pa.table(
                {
                    "date": pa.DictionaryArray.from_arrays(day, days).cast(pa.string()),
                    "sku": pa.DictionaryArray.from_arrays(sku, names).cast(pa.string()),
                    "channel": pa.DictionaryArray.from_arrays(channel, list(CHANNELS)).cast(pa.string()),
                    "units_ordered": units + 1,
                    "units_paid": units,
                    "units_returned": units // 4,
                    "amount_paid_fen": units * price,
                    "amount_returned_fen": units // 4 * price,
                }
            )
            pacsv.write_csv(table, handle, pacsv.WriteOptions(include_header=number == 0, quoting_style="none"))
    category = np.arange(skus) % 40
    pd.DataFrame({"sku": names, "category": [f"品类{c:02d}" for c in category]}).to_csv(
        folder / "skus.csv", index=False
    )
    pd.DataFrame({"channel": CHANNELS, "kind": "shop"}).to_csv(folder / "channels.csv", index=False)


def timed(*words: str) -> tuple[float, float, float, str]:
    """Wall seconds, CPU seconds, peak GiB and output of a yunchou command in a process of its own."""
    code = "import sys; from engine.interfaces.cli import main; main()"
    start = time.perf_counter()
    call = ["/usr/bin/time", "-f", "%U %S %M", sys.executable, "-c", code, *words]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    wall = time.perf_counter() - start
    user, system, memory = done.stderr.strip().splitlines()[-1].split()
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    return wall, float(user) + float(system), float(memory) / 2**20, done.stdout


def main() -> None:
    """Print one JSON line a measurement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--skus", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder, ws = Path(place) / "files", str(Path(place) / "ws")
        folder.mkdir()
        write_files(folder, given.rows, given.skus, given.seed)
        timed("init", ws)
        wall, cpu, memory, text = timed("import", ws, str(folder), "--json")
        answer = json.loads(text)
        size = (folder / "sales.csv").stat().st_size / 2**30
        figures = {"wall_s": round(wall, 1), "cpu_s": round(cpu, 1), "peak_gib": round(memory, 2)}
        counts = {name: answer[name] for name in ("rows_read", "accepted", "quarantined", "dropped", "unmapped")}
        print(json.dumps({"job": "import", "csv_gib": round(size, 2), **figures, **counts}, ensure_ascii=False))
        weekly = (
            "SELECT category, date_trunc('week', date) AS week, sum(units_paid) AS units "
            "FROM sales JOIN skus USING (sku) GROUP BY ALL ORDER BY ALL"
        )
        wall, cpu, memory, text = timed("sql", ws, weekly, "--as-of", "2026-06-30", "--json")
        figures = {"wall_s": round(wall, 1), "cpu_s": round(cpu, 1), "peak_gib": round(memory, 2)}
        print(
            json.dumps(
                {"job": "weekly units by category as of a day", **figures, "rows": len(json.loads(text)["rows"])}
            )
        )


if __name__ == "__main__":
    main()
