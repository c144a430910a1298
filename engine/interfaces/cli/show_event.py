"""An event day that is forecast again, for the terminal and for ``--json``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from engine.forecasting.progress import Reforecast
    from engine.reports.settings import Language

SHOWN_ITEMS = 10
TEXTS = {
    "date": ("日期", "day"),
    "hour": ("时点", "hour"),
    "channel": ("渠道", "channel"),
    "sku": ("商家编码", "SKU"),
    "forecast": ("原预测（件）", "forecast (units)"),
    "so_far": ("已售", "so far"),
    "updated": ("更新后全天", "day, updated"),
    "range": ("10 - 90 %", "10 - 90 %"),
    "total": ("合计", "total"),
    "items": ("变动最大的商品", "items that change most"),
    "use": (
        "计划仍用原预测；要采用更新值，请用 `yunchou override add`。",
        "Plans keep the forecast; `yunchou override add` makes them use the update.",
    ),
}


def reforecast_dict(found: Reforecast) -> dict[str, Any]:
    """Totals by day and channel, and items."""
    rows = {name: frame.to_dict("records") for name, frame in (("totals", found.totals), ("items", found.items))}
    return {"status": "done", "at": found.at, **rows, "warnings": list(found.notes)}


def show_reforecast(console: Console, found: Reforecast, language: Language) -> None:
    """Channels of each day, then the items that change most."""
    names = {name: texts[0 if language == "zh" else 1] for name, texts in TEXTS.items()}
    console.print(_table(found.totals, ("date", "hour", "channel"), names))
    if len(found.items):
        change = (found.items["updated"] - found.items["forecast"]).abs()
        most = found.items.loc[change.sort_values(ascending=False, kind="stable").index[:SHOWN_ITEMS]]
        console.print(names["items"])
        console.print(_table(most, ("date", "sku", "channel"), names))
        console.print(names["use"], markup=False, soft_wrap=True)
    for note in found.notes:
        console.print(f"- {note}", markup=False, soft_wrap=True)


def _table(frame: Any, keys: tuple[str, ...], names: dict[str, str]) -> Table:
    table = Table(*(names[key] for key in keys), box=None, pad_edge=False)
    for name in ("forecast", "so_far", "updated", "range"):
        table.add_column(names[name], justify="right")
    for row in frame.to_dict("records"):
        cells = [escape(str(row[key])[:10] if key == "date" else str(row[key]) or names["total"]) for key in keys]
        cells += [f"{row[name]:,.0f}" for name in ("forecast", "so_far", "updated")]
        table.add_row(*cells, f"{row['p10']:,.0f} - {row['p90']:,.0f}")
    return table
