"""Overrides, explanations and what-ifs as tables for the terminal and as dictionaries for ``--json``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from datetime import date

    from engine.forecasting.explain import Explanation
    from engine.forecasting.value_added import ValueAdded
    from engine.forecasting.whatif import WhatIf
    from engine.plans.override import Override
    from engine.reports.settings import Language

SHOWN_WARNINGS = 8
TEXTS = {
    "baseline": ("基线水平", "baseline level"),
    "trend": ("近期趋势", "recent trend"),
    "season": ("季节与星期", "season and weekday"),
    "calendar": ("节日与大促日历", "festivals and events"),
    "promotion": ("价格与促销", "price and promotion"),
    "ads": ("广告投放", "ads"),
    "other": ("其他模型与校正", "other models, corrections"),
    "override": ("人工调整", "override"),
    "units": ("预测销量（件）", "forecast (units)"),
    "trust": ("可信度", "trust"),
    "recent": ("近 8 周销量", "sold in the last 8 weeks"),
    "last_year": ("去年同期销量", "sold in the same days last year"),
    "stock_out": ("近 13 周缺货占比", "out of stock in the last 13 weeks"),
    "price": ("公布价 / 平日价（元）", "announced / regular price (yuan)"),
    "running": ("在跑的活动", "running"),
    "unknown": ("无", "unknown"),
    "by": ("", ""),
    "announced": ("原日历", "announced"),
    "new": ("新日历", "new"),
    "difference": ("差异", "difference"),
    "revenue": ("销售额（元）", "revenue (yuan)"),
    "sold": ("销量（件）", "units"),
    "total": ("合计", "total"),
    "week": ("周", "week"),
    "channel": ("渠道", "channel"),
    "category": ("类目", "category"),
}


def override_dict(entry: Override, day: date | None = None) -> dict[str, Any]:
    """An override; with ``day`` whether it is in force then."""
    content: dict[str, Any] = {**entry.model_dump(mode="json"), "level": entry.level}
    if day is not None:
        in_force = "in force" if entry.holds_on(day) else "expired"
        content["state"] = "removed" if entry.removed is not None else in_force
    return content


def show_override(console: Console, entry: Override, what: str) -> None:
    """One override in a line."""
    filters = [f"{name} {getattr(entry, name)}" for name in entry.level.split(" x ") if name != "total"]
    where = ", ".join(filters) or "everything"
    text = f"override {entry.id}: {entry.kind} {entry.value:,.6g} for {where}, {entry.start} to {entry.end}"
    console.print(f"{text}, by {entry.author} ({entry.reason}); {what}", markup=False, soft_wrap=True)


def show_overrides(console: Console, rows: list[dict[str, Any]]) -> None:
    """All overrides, the oldest first."""
    if not rows:
        console.print("no overrides; `yunchou override add` makes one")
        return
    table = Table("id", "", "what", "for", "days", "used until", "by", "why", box=None, pad_edge=False)
    for column in table.columns:
        column.no_wrap, column.overflow = column.header in ("id", "", "what", "days"), "fold"
    for row in rows:
        names = row["level"].split(" x ")
        where = ", ".join(str(row[name]) for name in names if name != "total") or "everything"
        colour = "green" if row["state"] == "in force" else "cyan"
        table.add_row(
            str(row["id"]),
            f"[{colour}]{row['state']}[/]",
            f"{row['kind']} {row['value']:,.6g}",
            _plain(where),
            f"{row['start']} - {row['end']}",
            str(row["expires"]),
            _plain(row["author"]),
            _plain(row["reason"]),
        )
    console.print(table)


def show_value_added(console: Console, found: ValueAdded) -> None:
    """By author and level, then each override."""
    if found.overrides.empty:
        console.print("no override whose period has sold yet")
    else:
        heads = ("units sold", "model", "changed", "WAPE model", "WAPE changed", "value added")
        table = Table("by", "level", "overrides", *heads, box=None, pad_edge=False)
        for row in found.groups.to_dict("records"):
            name = _plain(row["author"]) or "all"
            table.add_row(name, row["level"], str(row["count"]), *_errors(row))
        console.print(table)
        each = Table("id", "by", "level", "from", "to", *heads, box=None, pad_edge=False)
        for row in found.overrides.to_dict("records"):
            each.add_row(str(row["id"]), _plain(row["author"]), row["level"], row["start"], row["end"], *_errors(row))
        console.print(each)
    if found.waiting:
        numbers = ", ".join(str(number) for number in found.waiting)
        console.print(f"not judged yet (period not over, or in no recorded forecast): {numbers}", soft_wrap=True)


def _errors(row: dict[Any, Any]) -> list[str]:
    colour = "green" if row["value_added"] >= 0 else "red"
    return [
        *[f"{row[name]:,.0f}" for name in ("actual", "before", "after")],
        f"{row['wape_before']:.1%}",
        f"{row['wape_after']:.1%}",
        f"[{colour}]{row['value_added']:+.1%}[/]",
    ]


def show_explanation(console: Console, found: Explanation, language: Language) -> None:
    """The parts in order, their sum, and the context."""
    names = _names(language)
    span = str(found.first) if found.first == found.last else f"{found.first} - {found.last}"
    console.print(f"{found.sku}  {', '.join(found.channels)}  {span}", markup=False, soft_wrap=True)
    table = Table("", "", box=None, pad_edge=False, show_header=False)
    table.columns[1].justify = "right"
    for name, value in found.parts.items():
        if name != "other" or abs(value) >= 0.005:
            table.add_row(names[name], f"{value:,.2f}" if name == "baseline" else f"{value:+,.2f}")
    table.add_row(f"[bold]{names['units']}[/]", f"[bold]{found.units:,.2f}[/]")
    console.print(table)
    trust = ", ".join(f"{channel} {grade}" for channel, grade in found.trust.items())
    recent = " ".join(f"{value:,.0f}" for value in found.recent)
    last_year = names["unknown"] if found.last_year is None else f"{found.last_year:,.0f}"
    price, regular = (
        names["unknown"] if value is None else f"{value:,.2f}" for value in (found.price, found.regular_price)
    )
    lines = {
        "trust": trust,
        "recent": recent,
        "last_year": last_year,
        "stock_out": f"{found.stock_out_share:.0%}",
        "price": f"{price} / {regular}",
        "running": ", ".join(found.running) or names["unknown"],
    }
    for name, text in lines.items():
        console.print(f"{names[name]}: {text}", markup=False, soft_wrap=True)
    _show_notes(console, found.warnings)


def what_if_dict(found: WhatIf) -> dict[str, Any]:
    """A what-if for ``--json``: the total, and rows by week, channel and category."""
    rows = found.table.to_dict("records")
    by = {name: [row for row in rows if row["by"] == name] for name in ("week", "channel", "category")}
    return {"status": "done", "total": rows[0], **by, "warnings": list(found.notes)}


def show_what_if(console: Console, found: WhatIf, language: Language) -> None:
    """Units and revenue of both calendars; behind the difference its 10 and 90 % quantiles."""
    names = _names(language)
    table = Table("", "", box=None, pad_edge=False)
    for measure in ("sold", "revenue"):
        for name in ("announced", "new", "difference"):
            table.add_column(f"{names[measure]} {names[name]}" if name == "announced" else names[name], justify="right")
        table.add_column("10 - 90 %", justify="right")
    for row in found.table.to_dict("records"):
        cells = [names[row["by"]], _plain(row["key"])]
        for measure in ("units", "revenue"):
            cells += [f"{row[f'{measure}_{name}']:,.0f}" for name in ("announced", "new")]
            cells.append(f"{row[f'{measure}_difference']:+,.0f}")
            cells.append(f"{row[f'{measure}_difference_p10']:+,.0f} {row[f'{measure}_difference_p90']:+,.0f}")
        table.add_row(*cells)
    console.print(table)
    _show_notes(console, found.notes)


def _show_notes(console: Console, notes: tuple[str, ...]) -> None:
    for note in notes[:SHOWN_WARNINGS]:
        console.print(f"- {note}", markup=False, soft_wrap=True)


def _names(language: Language) -> dict[str, str]:
    return {name: texts[0 if language == "zh" else 1] for name, texts in TEXTS.items()}


def _plain(text: object) -> str:
    """Brackets in names are no markup."""
    return str(text).replace("[", r"\[")
