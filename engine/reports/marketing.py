"""marketing.xlsx: the split of the ad budget, and what each channel brings."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from engine.plans.budget import BudgetPlan
from engine.reports.ad_sheets import group_sheet, hour_sheet, offer_sheets, review_sheet, trial_sheet
from engine.reports.material import Material
from engine.reports.notes import notes_for
from engine.reports.sentences import ads, ads_left, hosts
from engine.reports.sheet import Book, Extra, Field, Figure, field
from engine.reports.words import Words

_RETURNS = ("roi", "roi_low", "roi_high", "marginal_roi", "marginal_roi_low", "marginal_roi_high", "marginal_today")


def write_marketing(path: Path, material: Material) -> Path:
    """Writes the workbook; without a budget it says what would enable one."""
    words, budget = material.words, material.budget
    with Book(path, words, material.bundle.last_day) as book:
        extra = None if budget is None else _moves(material)
        said = [ads(material), *hosts(material), *ads_left(material)]
        book.summary(words("book_marketing"), material.subtitle, said, _figures(material), extra)
        if budget is not None:
            _channels(book, material, budget)
            group_sheet(book, budget, words)
            trial_sheet(book, budget, words)
            offer_sheets(book, budget, words)
            review_sheet(book, budget, words)
            if len(budget.frontier):
                _frontier(book, budget, words)
            _weeks(book, budget, words)
            if len(budget.days):
                fields = [field(words, "date", "day"), field(words, "ad_channel")]
                book.table(words("sheet_days"), budget.days, [*fields, field(words, "spend_fen", "money", True)])
            hour_sheet(book, budget, words)
        book.notes(notes_for(material, budget))
    return path


def _figures(material: Material) -> list[Figure]:
    words, budget = material.words, material.budget
    if budget is None:
        return []
    table, gain = material.ad_channels, budget.difference
    low, high = words.money(gain["low"]), words.money(gain["high"])
    added, spent = int(table["incremental_fen"].sum()), int(table["spend_fen"].sum())
    return [
        Figure(words.header("spend_fen", "money"), spent, "money", words("mean_spend")),
        Figure(words("gain_title"), gain["mean"], "money", words("mean_gain", low=low, high=high)),
        Figure(words.header("incremental_fen", "money"), added, "money", words("mean_incremental")),
        Figure("ROI", added / spent if spent else None, "ratio", words("mean_roi")),
    ]


def _moves(material: Material) -> Extra:
    words, table = material.words, material.ad_channels
    table = table.assign(move_fen=table["spend_fen"] - table["today_fen"])
    return Extra(
        words("sheet_moves"),
        table.sort_values("move_fen", ascending=False, kind="stable"),
        [
            field(words, "ad_channel"),
            field(words, "today_fen", "money", True),
            field(words, "spend_fen", "money", True),
            field(words, "move_fen", "money", True),
            field(words, "marginal_roi", "ratio"),
        ],
    )


def _channels(book: Book, material: Material, budget: BudgetPlan) -> None:
    words, table = material.words, material.ad_channels
    table = table.assign(
        data=table["data"].astype(str).map(words.label),
        held_by=table["held_by"].astype(str).map(words.label),
        reach=table["ad_channel"].astype(str).map({name: words.shares(row) for name, row in budget.reach.items()}),
    )
    money = ["spend_fen", "today_fen", "incremental_fen", "incremental_low_fen", "incremental_high_fen"]
    summed = ("spend_fen", "today_fen", "incremental_fen")
    book.table(
        words("sheet_channels"),
        table.sort_values("spend_fen", ascending=False, kind="stable"),
        [
            field(words, "ad_channel"),
            *[field(words, name, "money", name in summed) for name in money],
            *[field(words, name, "ratio") for name in _RETURNS],
            field(words, "held_by"),
            field(words, "held_price", "ratio"),
            field(words, "reach"),
            field(words, "data"),
        ],
    )


def _frontier(book: Book, budget: BudgetPlan, words: Words) -> None:
    """What other budgets would buy."""
    money = ("budget_fen", "cash_fen", "incremental_fen", "incremental_low_fen", "incremental_high_fen")
    fields = [field(words, name, "money") for name in (*money, "contribution_fen")]
    book.table(words("sheet_frontier"), budget.frontier, [*fields, field(words, "marginal", "ratio")])


def _weeks(book: Book, budget: BudgetPlan, words: Words) -> None:
    """Channel by week as marketing books it, then the same as a list with today's split beside it."""
    split = budget.split.assign(
        ad_channel=budget.split["ad_channel"].astype(str), week=pd.to_datetime(budget.split["week"])
    )
    names = [
        str(name) for name in budget.channels.sort_values("spend_fen", ascending=False, kind="stable")["ad_channel"]
    ]
    grid = split.pivot(index="week", columns="ad_channel", values="spend_fen").reindex(columns=names).fillna(0)
    grid = grid.astype("int64")
    grid.columns = pd.Index([f"x{place}" for place in range(len(names))])
    grid["sum"] = grid.sum(axis=1)
    unit = words.header("", "money")
    fields = [field(words, "week", "day"), Field("sum", words("total") + unit, "money", True)]
    fields += [Field(f"x{place}", name + unit, "money", True) for place, name in enumerate(names)]
    book.table(words("sheet_split"), grid.reset_index(), fields)
    split["move_fen"] = split["spend_fen"] - split["today_fen"]
    book.table(
        words("sheet_split_detail"),
        split.sort_values(["week", "ad_channel"], kind="stable"),
        [
            field(words, "week", "day"),
            field(words, "ad_channel"),
            *[field(words, name, "money", True) for name in ("spend_fen", "today_fen", "move_fen")],
        ],
    )
