"""A crash at any moment leaves the last good state readable."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.data.atomic import former, recover, replaced_folder, write_text
from engine.data.store import Workspace
from engine.plans.replay import Replay

WRITER = """
import sys
import pandas as pd
from pathlib import Path
from engine.data.store import Workspace
from engine.plans.replay import Replay

workspace = Workspace(Path(sys.argv[1]))
for number in range(10_000):
    frame = pd.DataFrame({"policy": ["plan"] * 500, "mean": [float(number)] * 500})
    workspace.save_plan("simulate", Replay(frame, frame, frame), {"number": number})
    print(number, flush=True)
"""


def test_failure_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    target = tmp_path / "plans"
    with replaced_folder(target) as folder:
        write_text(folder / "a", "one")
    with pytest.raises(RuntimeError), replaced_folder(target) as folder:
        write_text(folder / "a", "two")
        raise RuntimeError
    assert (target / "a").read_text() == "one"
    assert [entry.name for entry in tmp_path.iterdir()] == ["plans"]


@pytest.mark.parametrize("moment", ["between the renames", "before the clean-up"])
def test_a_swap_that_was_cut_short_is_recovered(tmp_path: Path, moment: str) -> None:
    target = tmp_path / "plans"
    with replaced_folder(target) as folder:
        write_text(folder / "a", "one")
    if moment == "between the renames":
        os.rename(target, former(target))
    else:
        former(target).mkdir()
    recover(target)
    assert (target / "a").read_text() == "one"
    assert not former(target).exists()


def test_kill_at_any_moment_leaves_a_whole_plan(tmp_path: Path) -> None:
    moments = random.Random(5)
    for _ in range(4):
        with subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(moments.uniform(0.0, 0.05))
            writer.send_signal(signal.SIGKILL)
            writer.wait()
        workspace = Workspace(tmp_path)
        plan = workspace.load_plan("simulate", Replay)
        manifest = workspace.plan_manifest("simulate")
        assert plan is not None and manifest is not None
        assert set(plan.measures["mean"]) == set(plan.weeks["mean"]) == {float(manifest["inputs"]["number"])}
