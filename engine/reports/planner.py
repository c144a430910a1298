"""planner.xlsx: the year's targets, how likely they are, and how good the forecast is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from engine.plans.forecast import Forecast
from engine.plans.targets import TargetPlan
from engine.reports.facts import target_year, total_row
from engine.reports.material import Material
from engine.reports.notes import notes_for
from engine.reports.review_sentences import review_sentences
from engine.reports.review_sheets import review_sheets
from engine.reports.sentences import good, sells, target
from engine.reports.sheet import Book, Extra, Field, Figure, Kind, field
from engine.reports.target_sheets import owner_page, target_sheets
from engine.reports.target_words import in_words
from engine.reports.words import Words

_METRIC_KINDS: dict[str, Kind] = {"wape": "share", "bias": "share"}


def write_planner(path: Path, material: Material) -> Path:
    """Writes the workbook; without targets it holds the monthly forecast, without a forecast what is needed."""
    words, targets, forecast = material.words, material.targets, material.bundle.forecast
    with Book(path, words, material.bundle.last_day) as book:
        book.summary(
            words("book_planner"),
            material.subtitle,
            [target(material), sells(material), good(material), *_past(material)],
            _figures(material),
            None if targets is None else _by_channel(material, targets),
        )
        owner_page(book, material.bundle, words)
        if targets is not None:
            _targets(book, targets, words)
        elif forecast is not None and len(forecast.long_run):
            book.table(
                words("sheet_long_run"),
                forecast.long_run,
                [
                    field(words, "month", "month"),
                    field(words, "channel"),
                    field(words, "category"),
                    field(words, "units", "units", True),
                    field(words, "amount_fen", "money", True),
                ],
            )
        if targets is not None and len(targets.skus):
            _skus(book, targets, material)
        target_sheets(book, material.bundle, words)
        if forecast is not None:
            _quality(book, forecast, words)
        review = material.bundle.review
        if review is not None:
            review_sheets(book, review, words)
        book.notes([*notes_for(material, forecast, targets), *_unsaid(material)])
    return path


def _past(material: Material) -> list[str]:
    """The five sentences of the review."""
    review = material.bundle.review
    return [] if review is None else review_sentences(review, material.words)


def _unsaid(material: Material) -> list[str]:
    """What the review cannot say."""
    review = material.bundle.review
    return [] if review is None else [material.words.label(note) for note in review.notes]


def _figures(material: Material) -> list[Figure]:
    words, targets = material.words, material.targets
    if targets is None:
        return []
    row = total_row(targets)
    forecast, wanted = (int(target_year(targets)[name].sum()) for name in ("forecast_fen", "target_fen"))
    figures = [
        Figure(words.header("target_fen", "money"), wanted, "money", words("mean_target")),
        Figure(words.header("forecast_fen", "money"), forecast, "money", words("mean_forecast")),
    ]
    if row is not None:
        figures += [
            Figure(words.header("probability", "share"), row["probability"], "share", words("mean_probability")),
            Figure(
                words.header("expected_shortfall_fen", "money"),
                row["expected_shortfall_fen"],
                "money",
                words("mean_shortfall"),
            ),
        ]
    return figures


def _by_channel(material: Material, targets: TargetPlan) -> Extra:
    words = material.words
    year = target_year(targets)
    table = _summed(year, ["channel"])
    past = material.last_year[material.last_year["month"].isin(set(year["month"]))]
    before = past.groupby("channel")["revenue_fen"].sum()
    table["last_fen"] = table["channel"].map(before)
    table["uplift"] = _ratio(table["target_fen"], table["forecast_fen"])
    table["growth"] = _ratio(table["target_fen"], table["last_fen"])
    fields = [field(words, "channel"), field(words, "last_fen", "money", True)]
    if not len(before):
        table, fields = table.drop(columns=["last_fen", "growth"]), fields[:1]
    fields += [
        field(words, "forecast_fen", "money", True),
        field(words, "target_fen", "money", True),
        field(words, "uplift", "share"),
        *([field(words, "growth", "share")] if len(before) else []),
    ]
    return Extra(words("sheet_by_channel"), table.sort_values("target_fen", ascending=False, kind="stable"), fields)


def _targets(book: Book, targets: TargetPlan, words: Words) -> None:
    for key, title in (("channel", "sheet_month_channel"), ("category", "sheet_month_category")):
        table, fields = _crossed(targets.months, ["month"], key, "target_fen", "money", words)
        book.table(words(title), table, fields)
    detail = _summed(targets.months, ["month", "channel", "category"])
    detail["uplift"] = _ratio(detail["target_fen"], detail["forecast_fen"])
    book.table(
        words("sheet_detail"),
        detail,
        [
            field(words, "month", "month"),
            field(words, "channel"),
            field(words, "category"),
            field(words, "forecast_fen", "money", True),
            field(words, "target_fen", "money", True),
            field(words, "uplift", "share"),
        ],
    )
    names = [in_words(words.label(str(level)), words.language) for level in targets.probability["level"]]
    chance = targets.probability.assign(level=names)
    book.table(
        words("sheet_probability"),
        chance,
        [
            field(words, "level"),
            field(words, "key"),
            field(words, "forecast_fen", "money"),
            field(words, "target_fen", "money"),
            field(words, "probability", "share"),
            field(words, "expected_shortfall_fen", "money"),
        ],
    )


def _skus(book: Book, targets: TargetPlan, material: Material) -> None:
    """One row a SKU and channel, one column a month: first money, then units."""
    words = material.words
    keys = ["sku", "channel", "category"]
    sheets: tuple[tuple[str, Kind, str], ...] = (
        ("target_fen", "money", "sheet_sku_money"),
        ("target_units", "units", "sheet_sku_units"),
    )
    for column, kind, title in sheets:
        table, fields = _crossed(targets.skus, keys, "month", column, kind, words)
        table.insert(1, "name", [material.name(sku) for sku in table["sku"]])
        book.table(words(title), table, [fields[0], field(words, "name"), *fields[1:]])


def _quality(book: Book, forecast: Forecast, words: Words) -> None:
    table = forecast.backtest
    if table.empty:
        return
    fields = [field(words, "model"), field(words, "origin", "day")]
    numbers = [name for name in table.columns if name not in ("model", "origin")]
    numeric = [name for name in numbers if pd.api.types.is_numeric_dtype(table[name])]
    fields += [field(words, str(name), _METRIC_KINDS.get(str(name), "ratio")) for name in numeric]
    table = table.assign(model=table["model"].astype(str).map(words.label))
    if not pd.api.types.is_datetime64_any_dtype(table["origin"]):
        table = table.assign(origin=table["origin"].astype(str))
        fields[1] = field(words, "origin")
    book.table(words("sheet_quality"), table, fields)


def _summed(frame: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    table = frame.assign(**{key: frame[key].astype(str) for key in keys if key != "month"})
    return table.groupby(keys, as_index=False)[["forecast_fen", "target_fen"]].sum()


def _crossed(
    frame: pd.DataFrame, rows: list[str], across: str, value: str, kind: Kind, words: Words
) -> tuple[pd.DataFrame, list[Field]]:
    """A cross table with a total column; months across are written as 2027-01."""
    texts = {key: frame[key].astype(str) for key in {*rows, across} if key != "month"}
    flat = frame.assign(**texts)
    if across == "month":
        flat["month"] = [f"{month:%Y-%m}" for month in flat["month"]]
    grid = flat.groupby([*rows, across])[value].sum().unstack(across, fill_value=0)
    heads = [str(name) for name in grid.columns]
    grid.columns = pd.Index([f"x{place}" for place in range(len(heads))])
    grid["sum"] = grid.sum(axis=1)
    unit = words.header("", kind)
    fields = [field(words, name, "month" if name == "month" else "text") for name in rows]
    fields.append(Field("sum", words("total") + unit, kind, True))
    fields += [Field(f"x{place}", head + unit, kind, True) for place, head in enumerate(heads)]
    return grid.reset_index(), fields


def _ratio(over: pd.Series, under: pd.Series) -> pd.Series:
    base = under.astype(float).where(under.astype(float) > 0, np.nan)
    return over.astype(float) / base - 1
