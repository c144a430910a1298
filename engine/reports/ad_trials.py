"""Which ad channel to test next, as a table of texts for the page and the terminal."""

from __future__ import annotations

from html import escape

import pandas as pd

from engine.plans.parts import records
from engine.reports.material import Material
from engine.reports.text_table import text_section, text_table
from engine.reports.words import Words

HEADS = ("ad_channel", "know_fen", "trial_days", "trial_change", "moved_fen", "error_fen")
NET = ("learn_fen", "trial_cost_fen", "net_fen")


def texts_of_trials(trials: pd.DataFrame, words: Words) -> tuple[list[str], list[list[str]]]:
    """Heads and cells, a row an ad channel."""
    heads = [words.header(name) for name in (*HEADS, *NET)]
    rows = []
    for row in records(trials):
        days = f"{str(row['start'])[:10]} … {str(row['end'])[5:10]}"
        money = [words.money(row[f"{name}_fen"]) for name in ("know", "moved", "error", "learn", "cost", "net")]
        rows.append([row["ad_channel"], money[0], days, f"{row['change']:+.0%}", *money[1:]])
    return heads, rows


def advice(trials: pd.DataFrame, words: Words) -> str:
    """One sentence: the test that pays best, or that none does."""
    first = trials.iloc[0]
    if first["net_fen"] <= 0:
        return words("trials_none")
    span = f"{pd.Timestamp(first['start']):%Y-%m-%d} … {pd.Timestamp(first['end']):%m-%d}"
    return words(
        "trials_first",
        name=first["ad_channel"],
        days=span,
        change=f"{first['change']:+.0%}",
        learn=words.money(first["learn_fen"]),
        cost=words.money(first["cost_fen"]),
    )


def trial_section(material: Material) -> str:
    """The page's section; "" without anything to test."""
    budget, words = material.budget, material.words
    if budget is None or budget.trials.empty:
        return ""
    heads, rows = texts_of_trials(budget.trials, words)
    parts = [f"<p>{escape(advice(budget.trials, words))}</p>", text_table(heads, rows)]
    return text_section("ad-trials", words("ad_trials_head"), parts, words("ad_trials_caption"))
