"""Time and memory of the main job on the demo merchant: ``python -m benchmarks.main_job --skus 300``.

Every step is a process of its own, as a user starts it; memory is the peak of that process.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COMMAND = [sys.executable, "-c", "from engine.interfaces.cli import main; main()"]
KIB = 1024


def measured(*words: str) -> tuple[str, float, float, float]:
    """Output, wall seconds, CPU seconds and peak GiB of one call of the command."""
    began = time.perf_counter()
    with subprocess.Popen([*COMMAND, *words], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        output = process.stdout.read()
        _, code, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(code)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(words)} ended with {process.returncode}")
    seconds = time.perf_counter() - began
    return output, seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * KIB / 2**30


def main() -> None:
    """Print a table of steps."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--skus", type=int, default=300)
    options = parser.parse_args()
    print(f"{'step':24s}{'wall s':>10s}{'CPU s':>10s}{'peak GiB':>10s}")
    with tempfile.TemporaryDirectory() as folder:
        ws = str(Path(folder) / "ws")
        _, *help_cost = measured("--help")
        _row("--help", help_cost)
        _, *init_cost = measured("init", ws, "--from", "demo", "--skus", str(options.skus), "--json")
        _row(f"init, {options.skus} SKUs", init_cost)
        output, *run_cost = measured("run", ws, "--json")
        for name, stage in json.loads(output)["stages"].items():
            print(f"  {name:22s}{stage['seconds']:10.1f}")
        _row("run", run_cost)
        _row("init and run", [init_cost[0] + run_cost[0], init_cost[1] + run_cost[1], max(init_cost[2], run_cost[2])])


def _row(name: str, cost: list[float]) -> None:
    print(f"{name:24s}{cost[0]:10.1f}{cost[1]:10.1f}{cost[2]:10.2f}")


if __name__ == "__main__":
    main()
