"""The review of the year in the planner's workbook: a sheet a question, charts beside the tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from engine.plans.review import Review
from engine.reports import theme
from engine.reports.sheet import Book, Field, Kind
from engine.reports.sheet_charts import SheetChart, in_wan, waterfall
from engine.reports.words import Words

MONTHS, CHANNELS = "month", "channel"
_EVENT_MONEY = ("net_fen", "before_net_fen", "everyday_fen", "gain_fen", "lead_fen", "dip_fen", "uplift_fen")
_EVENT_REST = ("uplift_low_fen", "uplift_high_fen", "subsidy_fen", "refunds_fen", "fees_fen", "vat_fen", "goods_fen")
_EVENT_ENDS = ("protection_fen", "ads_fen", "earned_fen")
_KINDS: dict[str, Kind] = {
    "growth": "share",
    "share": "share",
    "returned": "share",
    "margin": "share",
    "ad_ratio": "share",
    "effect_share": "share",
    "conversion": "fine_share",
    "rate_now": "fine_share",
    "rate_before": "fine_share",
    "threshold": "fine_share",
    "relative": "share",
    "slow_share": "share",
    "units": "units",
    "skus": "count",
    "visitors": "count",
    "count": "count",
    "days": "count",
    "customers": "count",
    "orders": "count",
    "slow_skus": "count",
    "before_slow_share": "share",
    "before_turnover_days": "number",
    "multiple": "ratio",
    "turnover_days": "number",
    "recency_days": "number",
    "month": "month",
    "start": "day",
    "end": "day",
    "seen": "day",
}


def review_sheets(book: Book, review: Review, words: Words) -> None:
    """Every table of the review that holds something."""
    _figures(book, review, words)
    book.charts(words("sheet_review_charts"))
    _bridge(book, review, words)
    _growth(book, review, words)
    _months(book, review, words)
    _slices(book, review, words)
    _events(book, review, words)
    _details(book, review, words)


def _figures(book: Book, review: Review, words: Words) -> None:
    """Each in its own unit: yuan, per cent, counts."""
    factor = review.figures["unit"].map({"fen": 0.01, "share": 100.0}).fillna(1.0)
    unit = review.figures["unit"].map({"fen": words("yuan"), "share": "%", "days": words("days")}).fillna("")
    table = pd.DataFrame(
        {
            "measure": review.figures["measure"].map(words.label),
            "basis": review.figures["basis"].map(words.label),
            "unit": unit,
            "now": review.figures["now"] * factor,
            "before": review.figures["before"] * factor,
            "growth": review.figures["change"],
        }
    )
    kinds: dict[str, Kind] = {"now": "number", "before": "number"}
    book.table(words("sheet_review"), table, _fields(words, list(table.columns), kinds=kinds))


def _bridge(book: Book, review: Review, words: Words) -> None:
    if review.bridge.empty:
        return
    bridge = review.bridge
    level = bridge["kind"] == "level"
    chart = waterfall(
        "step",
        bridge["now"].astype(float).where(level),
        bridge["now"].astype(float).where(~level),
        (words("review_level"), words("review_loss")),
        words("wan"),
    )
    table = bridge.assign(step=[words.label(step) for step in bridge["step"]])
    money: dict[str, Kind] = {"now": "money", "before": "money"}
    book.table(words("sheet_bridge"), table, _fields(words, ["step", "now", "before"], kinds=money), chart=chart)


def _growth(book: Book, review: Review, words: Words) -> None:
    if review.growth.empty:
        return
    table = review.growth.assign(
        basis=[words.label(f"by_{code}") for code in review.growth["basis"]],
        part=[words.label(code) for code in review.growth["part"]],
    ).rename(columns={"fen": "effect_fen", "share": "effect_share"})
    name = words.header("review_effect_fen")
    chart = SheetChart("part", {name: in_wan(table["effect_fen"])}, {name: theme.FORECAST}, words("wan"))
    fields = _fields(words, ["basis", "part", "effect_fen", "effect_share"])
    book.table(words("sheet_growth"), table, fields, chart=chart)


def _months(book: Book, review: Review, words: Words) -> None:
    names = ["month", "net_fen", "before_fen", "growth", "units", "returned", "contribution_fen", "margin"]
    names += ["ads_fen", "ad_ratio", "visitors", "conversion"]
    table = _without_before(review.months, review)
    totals = tuple(name for name in ("net_fen", "before_fen", "units", "ads_fen") if table[name].notna().any())
    fields = _fields(words, names, totals=totals)
    book.table(words("sheet_review_months"), table, fields, chart=_two_years(table, len(table), "month", words))


def _slices(book: Book, review: Review, words: Words) -> None:
    """All dimensions below one another; the chart shows the channels."""
    rows = _without_before(review.slices, review)
    table = rows.assign(
        dimension=[words.label(code) for code in rows["dimension"]],
        key=[slice_name(row, words) for row in rows.to_dict("records")],
    )
    names = ["dimension", "key", "net_fen", "before_fen", "growth", "share", "units", "price_fen", "returned"]
    names += ["contribution_fen", "margin", "ads_fen", "ad_ratio", "skus"]
    channels = int((rows["dimension"] == CHANNELS).sum())
    chart = replace(_two_years(table, channels, "key", words), title=words("sheet_by_channel"))
    book.table(words("sheet_review_slices"), table, _fields(words, names), chart=chart)


def slice_name(row: Mapping[object, object], words: Words) -> str:
    """Names of the merchant as they are, codes in words."""
    key = str(row["key"])
    return words.label(key) if row["dimension"] in ("role", "class", "life") else key


def _two_years(table: pd.DataFrame, rows: int, labels: str, words: Words) -> SheetChart:
    """Columns of the year before and this year, of the first rows."""
    names = {"before_fen": words("last_year"), "net_fen": words("this_year")}
    colours = {words("last_year"): theme.PALE_TODAY, words("this_year"): theme.FORECAST}
    series = {title: in_wan(table[name].head(rows)) for name, title in names.items()}
    return SheetChart(labels, series, colours, words("wan"))


def _events(book: Book, review: Review, words: Words) -> None:
    """Events of all channels first, then by channel; the chart shows the former."""
    if review.events.empty:
        return
    rows = review.events.sort_values("channel", key=lambda names: names != "", kind="stable", ignore_index=True)
    count = int((rows["channel"] == "").sum())
    table = rows.assign(channel=[name or words.label("total") for name in rows["channel"]])
    shown = {"gain_fen": theme.FORECAST, "uplift_fen": theme.MUTED, "earned_fen": theme.PLAN}
    titles = {name: words(f"event_{name.removesuffix('_fen')}") for name in shown}
    series = {titles[name]: in_wan(table[name].head(count)) for name in shown}
    chart = SheetChart("event", series, {titles[name]: colour for name, colour in shown.items()}, words("wan"))
    names = ["event", "channel", "start", "end", "days", "multiple", *_EVENT_MONEY, *_EVENT_REST, *_EVENT_ENDS]
    book.table(words("sheet_review_events"), table, _fields(words, names), chart=chart)
    names = ["event", "category", "net_fen", "share", "everyday_fen", "multiple", "gain_fen", "uplift_fen"]
    names += ["uplift_low_fen", "uplift_high_fen"]
    _coded(book, "sheet_review_event_goods", review.event_goods, words, names)


def _details(book: Book, review: Review, words: Words) -> None:
    """Funnel, customers, stock, odd days, months that changed."""
    funnel = review.funnel.rename(columns={"now": "rate_now", "before": "rate_before"})
    funnel = funnel.assign(channel=[name or words.label("total") for name in funnel["channel"]])
    _coded(book, "sheet_review_funnel", funnel, words, ["channel", "step", "of", "count", "rate_now", "rate_before"])
    columns = ["group", "customers", "share", "orders", "money_fen", "recency_days"]
    _coded(book, "sheet_review_customers", review.customers, words, columns)
    stock = review.stock.rename(columns={"goods_fen": "sold_cost_fen"})
    stock = stock.assign(category=[name or words.label("total") for name in stock["category"]])
    columns = ["category", "stock_fen", "mean_stock_fen", "sold_cost_fen", "turnover_days", "slow_fen", "slow_share"]
    columns += ["slow_skus", "before_stock_fen", "before_turnover_days", "before_slow_share"]
    _coded(book, "sheet_review_stock", stock, words, columns)
    odd = review.anomalies.rename(columns={"fen": "deviation_fen", "reason": "cause"})
    columns = ["start", "end", "channel", "deviation_fen", "relative", "sku", "sku_fen", "cause"]
    _coded(book, "sheet_review_odd", odd, words, columns)
    _coded(book, "sheet_closed", review.closed, words, ["month", "channel", "fen", "was_fen", "seen"])


def _coded(book: Book, title: str, table: pd.DataFrame, words: Words, names: list[str]) -> None:
    """A table with its codes in words; none where it is empty."""
    if table.empty:
        return
    codes = [name for name in ("step", "of", "alarm", "group", "cause") if name in table]
    table = table.assign(**{name: [words.label(code) if code else "" for code in table[name]] for name in codes})
    names = [*names, *(name for name in ("threshold", "alarm") if name in table)]
    book.table(words(title), table, _fields(words, names))


def _without_before(table: pd.DataFrame, review: Review) -> pd.DataFrame:
    """The year before blank where it is not known as a whole."""
    known = np.isfinite(review.figure("net_fen", before=True))
    return table if known else table.assign(before_fen=np.nan)


def _fields(
    words: Words, names: list[str], totals: tuple[str, ...] = (), kinds: Mapping[str, Kind] | None = None
) -> list[Field]:
    """Fields with the heads of the review, else those that every sheet has."""
    fields = []
    for name in names:
        kind = (kinds or {}).get(name) or _KINDS.get(name) or ("money" if name.endswith("fen") else "text")
        head = words.header(f"review_{name}", kind)
        if head.startswith(f"review_{name}"):
            head = words.header(name, kind)
        fields.append(Field(name, head, kind, name in totals))
    return fields
