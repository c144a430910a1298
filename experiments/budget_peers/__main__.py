"""Our response model and allocation against PyMC-Marketing and Google Meridian on the same files of known truth.

Run: ``python -m experiments.budget_peers --world small-business --seeds 30 [--peers pymc,meridian] [--environment DIR]
[--work DIR] --json``. Each peer runs in an environment of its own (built once by ``uv`` in ``--environment`` from
``requirements-*.txt`` beside this file) on one core with nice 10, estimates and splits the mean weekly spend over the
next 13 weeks by its own optimiser; answers in ``--work`` are used again while the question, the peer's script and its
requirements stay the same. Printed: error of the ROAS, coverage and width
of 90 % intervals (as a share of the true ROAS), CPU seconds of fit and split, peak memory, R-hat, regret of the split
against the best one under the true curves, its gain over today's, and ours less the peer's on the same seeds.
``--seeds`` of the world are the same for all; a peer that was stopped early (``--peer-seeds``) is compared with ours on
its own seeds (``ours, on its seeds``).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from experiments.budget_peers.case import Case, means, paired
from experiments.response.worlds import WORLDS

HERE = Path(__file__).parent
COLUMNS = ("seeds", "error", "covered", "width", "regret", "gain", "cpu_seconds", "split_seconds", "peak_gb", "r_hat")
ONE_CORE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")


def environment(folder: Path, peer: str) -> Path:
    """The Python of a peer; its environment is built where it is missing, half built or of other requirements."""
    home, wanted = folder / peer, HERE / f"requirements-{peer}.txt"
    python, built = home / "bin" / "python", home / wanted.name
    if not built.exists() or built.read_bytes() != wanted.read_bytes():
        uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
        subprocess.run([uv, "venv", "-q", "--clear", "--python", "3.12", home], check=True)
        subprocess.run([uv, "pip", "install", "-q", "--python", python, "-r", wanted], check=True)
        shutil.copyfile(wanted, built)  # last, so that an install that broke is not taken for an environment
    return python


def answer_file(peer: str, folder: Path) -> Path:
    """Where the answer of a peer belongs: its name holds a digest of the question, the peer's script and its
    requirements, so that an answer to anything else is not found."""
    asked = (folder / "data.csv", folder / "asked.json", HERE / f"peer_{peer}.py", HERE / f"requirements-{peer}.txt")
    digests = [hashlib.sha256(file.read_bytes()).digest() for file in asked]
    return folder / f"{peer}-{hashlib.sha256(b''.join(digests)).hexdigest()[:16]}.json"


def run_peer(peer: str, python: Path, folders: list[Path]) -> None:
    """Answers of a peer to the folders that have none yet; the peer is told the files to write."""
    missing = [file for file in (answer_file(peer, folder) for folder in folders) if not file.exists()]
    if missing:
        command = ["nice", "-n", "10", python, HERE / f"peer_{peer}.py", *missing]
        subprocess.run(command, check=True, env=os.environ | ONE_CORE, stdout=sys.stderr)


def main(arguments: list[str] | None = None) -> None:
    """Compare and print one table."""
    parser = argparse.ArgumentParser(prog="python -m experiments.budget_peers", description=__doc__)
    by_week = sorted(name for name in WORLDS if not name.endswith("-days"))  # the question to the peers is in weeks
    parser.add_argument("--world", choices=by_week, default="small-business")
    parser.add_argument("--seeds", type=int, default=30)
    parser.add_argument("--peer-seeds", type=int, help="only the first so many for the peers")
    parser.add_argument("--first", type=int, default=1000)
    parser.add_argument("--peers", default="pymc,meridian", help="by comma; empty: none")
    parser.add_argument("--environment", type=Path, default=Path.home() / ".cache" / "yunchou" / "budget_peers")
    parser.add_argument("--work", type=Path, help="folder of the exchange; default: temporary")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        table = compare(asked, asked.work or Path(temporary))
    if asked.json:
        print(json.dumps({"world": asked.world, "table": table}))
        return
    print(f"{asked.world:26s}" + "".join(f"{name:>14s}" for name in COLUMNS))
    for name, row in table.items():
        print(f"{name:26s}" + "".join(f"{row[column]:14.4g}" if column in row else f"{'-':>14s}" for column in COLUMNS))


def compare(asked: argparse.Namespace, work: Path) -> dict[str, dict[str, float]]:
    """Mean scores by method."""
    peers = [name for name in asked.peers.split(",") if name]
    seeds = range(asked.first, asked.first + asked.seeds)
    cases = [Case(WORLDS[asked.world](seed), seed) for seed in seeds]
    folders = [work / asked.world / str(seed) for seed in seeds]
    for case, folder in zip(cases, folders, strict=True):
        case.write(folder)
    asked_of_peers = len(cases) if asked.peer_seeds is None else min(asked.peer_seeds, len(cases))
    for peer in peers:
        run_peer(peer, environment(asked.environment, peer), folders[:asked_of_peers])
    ours = [case.score(case.ours()) for case in cases]
    table = {"ours": means(ours)}
    for peer in peers:
        answers = [_read(answer_file(peer, folder)) for folder in folders]
        answered = [row for row, answer in enumerate(answers) if answer is not None]
        if not answered:
            continue
        theirs = [cases[row].score(answers[row] or {}) for row in answered]
        table[peer] = means(theirs)
        if len(answered) < len(cases):
            table[f"ours, on {peer}'s seeds"] = means([ours[row] for row in answered])
        table |= paired(peer, [ours[row] for row in answered], theirs)
    return table


def _read(file: Path) -> dict[str, Any] | None:
    return json.loads(file.read_text()) if file.exists() else None


if __name__ == "__main__":
    main()
