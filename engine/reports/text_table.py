"""A table of texts as HTML: the first column names the row, the others are figures."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape


def text_section(name: str, title: str, parts: Iterable[str], caption: str) -> str:
    """A section of the page: its head, HTML of its ``parts``, its caption."""
    head = f'<h2 id="{name}">{escape(title)}</h2>'
    return f'<section aria-labelledby="{name}">{head}{"".join(parts)}<p class="missing">{escape(caption)}</p></section>'


def text_table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Heads and rows, escaped.

    >>> text_table(["a", "b"], [["x", "1"]]).split("<tbody>")[1]
    '<tr><td>x</td><td class="number">1</td></tr></tbody></table></div>'
    """
    head = "".join(f"<th>{escape(text)}</th>" for text in heads)
    body = "".join(f"<tr>{_cells(row)}</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _cells(row: Iterable[str]) -> str:
    name, *figures = (escape(text) for text in row)
    return f"<td>{name}</td>" + "".join(f'<td class="number">{text}</td>' for text in figures)
