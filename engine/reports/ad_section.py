"""The page's table of what the ads of the last year left."""

from __future__ import annotations

from html import escape
from typing import Any

from engine.plans.parts import records
from engine.reports.material import Material

NAMES = ("ad_channel", "campaign_type")
NEW_SHARE = "ad_new_share"
HEADS = (*NAMES, "ad_spent_fen", "buyer_fen", NEW_SHARE, "attributed_roi", "roi", "marginal_roi")
KINDS = {NEW_SHARE: "share"}
MONEY = ("incremental", "contribution")


def ad_section(material: Material) -> str:
    """A row an ad channel and campaign type as a section of HTML; "" without a budget.

    The share of new customers stands there where the orders tell it.
    """
    budget, words = material.budget, material.words
    if budget is None or budget.review.empty:
        return ""
    told = bool(budget.review["new_share"].notna().any())
    shown = [name for name in HEADS if told or name != NEW_SHARE]
    heads = [words.header(name, KINDS.get(name, "money" if name.endswith("_fen") else "text")) for name in shown]
    heads += [words.header(name, "money") for name in ("incremental_fen", "ad_left_fen")]
    body = "".join(_row(row, told) for row in records(budget.review))
    head = "".join(f"<th>{escape(text)}</th>" for text in heads)
    table = f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    title = f'<h2 id="ad-review">{escape(words("ad_review_head"))}</h2>'
    caption = f'<p class="missing">{escape(words("ad_review_caption"))}</p>'
    return f'<section aria-labelledby="ad-review">{title}{table}{caption}</section>'


def _row(row: dict[str, Any], told: bool) -> str:
    cells = [_number(row["spend_fen"], 0.01, 0), _number(row["buyer_fen"], 0.01, 0)]
    cells += [_spread(row, "new_share", "", 100.0, 0)] if told else []
    cells.append(_number(row["attributed_roi"], 1.0, 2))
    cells += [_spread(row, name, "", 1.0, 2) for name in ("roi", "marginal_roi")]
    cells += [_spread(row, name, "_fen", 0.01, 0) for name in MONEY]
    names = "".join(f"<td>{escape(str(row[name]))}</td>" for name in NAMES)
    figures = "".join(f'<td class="number">{text}</td>' for text in cells)
    return f"<tr>{names}{figures}</tr>"


def _spread(row: dict[str, Any], name: str, unit: str, scale: float, digits: int) -> str:
    """A mean with its interval in brackets."""
    mean, low, high = (_number(row[f"{name}{end}{unit}"], scale, digits) for end in ("", "_low", "_high"))
    return mean if mean == "-" else f"{mean}<br><small>({low} … {high})</small>"


def _number(value: float | None, scale: float, digits: int) -> str:
    return "-" if value is None else f"{scale * value:,.{digits}f}"
