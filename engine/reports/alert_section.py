"""The page's table of what needs a look first."""

from __future__ import annotations

from dataclasses import replace
from html import escape

from engine.reports.material import Material
from engine.reports.watch_sheets import alert_rows

SHOWN = 12
MONEY = ("stake_fen", "value_fen")
TEXT = ("name", "action", "reason")
COLUMNS = ("kind", "sku", "name", "warehouse", "date", "stake_fen", "action", "value_fen", "reason")


def alert_section(material: Material) -> str:
    """The alerts with most at stake as a section of HTML; "" where there is none."""
    alerts, words = material.bundle.alerts, material.words
    if alerts is None or alerts.table.empty:
        return ""
    rows = alert_rows(replace(alerts, table=alerts.table.head(SHOWN)), material)
    rows["date"] = rows["date"].dt.strftime("%Y-%m-%d")
    done = zip(rows["action"], rows["how"], strict=True)
    rows["action"] = [words.with_unit(action, how) if how else action for action, how in done]
    for name in MONEY:
        rows[name] = [f"{fen / 100.0:,.0f}" for fen in rows[name]]
    heads = [words.header(name, "money" if name in MONEY else "text") for name in COLUMNS]
    head = "".join(f"<th>{escape(text)}</th>" for text in heads)
    body = "".join(f"<tr>{_cells(row)}</tr>" for row in rows[list(COLUMNS)].itertuples(index=False, name=None))
    table = f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    title = f'<h2 id="alerts">{escape(words("alerts_head", count=len(rows)))}</h2>'
    caption = f'<p class="missing">{escape(words("alerts_caption"))}</p>'
    return f'<section aria-labelledby="alerts">{title}{table}{caption}</section>'


def _cells(row: tuple[object, ...]) -> str:
    kinds = (' class="number"' if name in MONEY else ' class="text"' if name in TEXT else "" for name in COLUMNS)
    return "".join(f"<td{kind}>{escape(str(value))}</td>" for kind, value in zip(kinds, row, strict=True))
