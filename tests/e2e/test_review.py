"""The review of the year on the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from engine.plans.review import LEVELS
from tests.e2e.conftest import Outcome


def test_review_of_the_demo(demo_run: tuple[Path, Outcome], call: Callable[..., Outcome]) -> None:
    ws, _ = demo_run
    done = call("review", ws, "--json")
    assert done.code == 0, done.stderr
    found = done.json
    assert found["status"] == "done" and len(found["sentences"]) == 5
    figures = {row["measure"]: row for row in found["figures"]}
    change = round(figures["net_fen"]["now"] - figures["net_fen"]["before"])
    for basis in ("traffic", "items"):
        assert sum(row["fen"] for row in found["growth"] if row["basis"] == basis) == change
    year = f"date >= '{found['start']}' AND date <= '{found['end']}'"
    own = "channel NOT IN (SELECT channel FROM channels WHERE kind = 'platform_run')"
    shops, platform = (
        call("sql", ws, f"SELECT sum({money}) AS fen FROM {table} WHERE {year}{and_}", "--json").json["rows"][0]["fen"]
        for money, table, and_ in (
            ("amount_paid_fen - amount_cancelled_fen", "sales", f" AND {own}"),
            ("units * unit_price_fen", "platform_orders", ""),
        )
    )
    assert platform > 0 and shops + platform == figures["net_fen"]["now"]
    assert [row["step"] for row in found["bridge"] if row["kind"] == "level"] == list(LEVELS)
    shown = call("review", ws)
    assert shown.code == 0 and "1. 成交净额" in shown.stdout and "Traceback" not in shown.stderr
