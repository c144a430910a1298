"""The title moves on a win at every origin of the same data, on nothing less."""

from __future__ import annotations

from pathlib import Path

from engine.tracking.record import open_tracker

FIRST = {"2026-07-01": 0.8, "2026-08-01": 0.6}


def test_the_champion(tmp_path: Path) -> None:
    tracker = open_tracker(tmp_path)
    assert tracker.champion("forecast") is None

    def enter(errors: dict[str, float], data: str = "a") -> str:
        run = tracker.start("forecast", {})
        tracker.finish(run, "done", {}, {})
        tracker.challenge(run, "forecast", errors, data)
        return run.result()

    try:
        first = enter(FIRST)
        mixed = enter({"2026-07-01": 0.7, "2026-08-01": 0.61})
        fewer = enter({"2026-07-01": 0.1})
        other = enter({"2026-07-01": 0.1, "2026-08-01": 0.1}, data="b")
        equal = enter(FIRST)
        better = enter({"2026-07-01": 0.79, "2026-08-01": 0.59})
        worse = enter(FIRST)
    finally:
        assert tracker.close() == []
    again = open_tracker(tmp_path)
    try:
        assert again.champion("forecast") == better
        assert len({first, mixed, fewer, other, equal, better, worse}) == 7
    finally:
        again.close()


def test_the_title_stays_without_a_clear_win(tmp_path: Path) -> None:
    tracker = open_tracker(tmp_path)
    runs = []
    for errors, data in ((FIRST, "a"), ({"2026-07-01": 0.7, "2026-08-01": 0.61}, "a"), ({"2026-07-01": 0.1}, "a")):
        runs.append(tracker.start("forecast", {}))
        tracker.finish(runs[-1], "done", {}, {})
        tracker.challenge(runs[-1], "forecast", errors, data)
    assert tracker.close() == []
    again = open_tracker(tmp_path)
    assert again.champion("forecast") == runs[0].result()
    assert [record.run_id for record in again.runs() if record.champion] == [runs[0].result()]
    again.close()
