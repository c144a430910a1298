"""The response to ads on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from engine.plans.parts import records
from engine.reports.settings import Language
from engine.reports.words import Words

if TYPE_CHECKING:
    from engine.budget.response import ResponseReport

TEXTS = {
    "en": {
        "columns": (
            "ad channel",
            "spend",
            "ROI (90 %)",
            "believed before",
            "one more yuan",
            "new buyers (90 %)",
            "platform",
            "data",
        ),
        "curve": (
            "ad channel",
            "half of the most at, yuan a week (90 %)",
            "believed before",
            "carry-over",
            "believed",
            "what it brings falls on",
        ),
        "review": ("last 52 weeks", "type", "spend", "a new buyer", "revenue (90 %)", "left after all costs (90 %)"),
        "together": "{names} together: ROI {roi:.2f} ({low:.2f}-{high:.2f})",
        "indirect": ("ad channel", "through", "ROI through it (90 %)", "direct ROI (90 %)", "data"),
        "settled": "R-hat {r_hat:.3f}, effective size {ess:,.0f}; {weeks:.0f} weeks, ads bring {ads_share:.0%} of it",
        "residuals": "the fit explains {r2:.0%} of weekly ups and downs; memory of the rest {autocorrelation:.2f}",
        "holdout": "last {weeks} weeks held out: error {mape:.1%}, with controls alone {mape_controls_only:.1%}",
        "placebo": "a made-up channel like {like} gets {share_low:.1%}-{share_high:.1%} of revenue",
    },
    "zh": {
        "columns": ("广告渠道", "花费", "ROI（90%）", "事先认为", "再投 1 元", "新客占比（90%）", "平台口径", "数据"),
        "curve": ("广告渠道", "半饱和周花费，元（90%）", "事先认为", "效果延续", "事先认为", "带来的成交落在"),
        "review": ("近 52 周", "推广类型", "花费", "新客成本", "带来成交（90%）", "扣完所有成本后（90%）"),
        "together": "{names} 合在一起：ROI {roi:.2f}（{low:.2f}-{high:.2f}）",
        "indirect": ("广告渠道", "经由", "经由它的 ROI（90%）", "直接 ROI（90%）", "数据"),
        "settled": "R-hat {r_hat:.3f}，有效样本 {ess:,.0f}，历史 {weeks:.0f} 周，广告带来成交的 {ads_share:.0%}",
        "residuals": "模型解释了每周波动的 {r2:.0%}；剩余部分的周间相关 {autocorrelation:.2f}",
        "holdout": "留出最后 {weeks} 周检验：误差 {mape:.1%}，不看广告时 {mape_controls_only:.1%}",
        "placebo": "虚构一个类似 {like} 的渠道，它被算作带来成交的 {share_low:.1%}-{share_high:.1%}",
    },
}


def response_dict(found: ResponseReport) -> dict[str, Any]:
    """For ``--json``."""
    return {"status": "done", **found.as_dict()}


def show_response(console: Console, found: ResponseReport, language: Language) -> None:
    """A line an ad channel, channels that only count together, checks, notes."""
    texts, words = TEXTS[language], Words(language)
    table = Table(*texts["columns"], box=None, pad_edge=False)
    ranked = sorted(found.channels.items(), key=lambda entry: -entry[1]["spend"])
    for name, numbers in ranked:
        claimed = numbers.get("attributed_roi")
        table.add_row(
            name,
            words.yuan(numbers["spend"]),
            _with_interval(numbers, "roi"),
            _range(numbers, "prior_roi"),
            _with_interval(numbers, "marginal_roi"),
            _with_interval(numbers, "new_share", ".0%"),
            "-" if claimed is None else f"{claimed:.2f}",
            words.label(numbers["data"]),
        )
    console.print(table)
    _show_curves(console, ranked, texts["curve"], words)
    for pair in found.together:
        names = " + ".join(pair["channels"])
        line = str(texts["together"]).format(names=names, roi=pair["roi"], low=pair["roi_low"], high=pair["roi_high"])
        console.print(line, markup=False, soft_wrap=True)
    _show_indirect(console, found, texts["indirect"], words)
    for name, values in (("settled", found.diagnostics), *found.diagnostics.items()):
        if name in texts and values and "skipped" not in values:
            console.print(str(texts[name]).format(**values), markup=False, soft_wrap=True)
    _show_review(console, found, texts["review"], words)
    for note in found.notes:
        console.print(f"- {words.label(note)}", markup=False, soft_wrap=True)


def _show_curves(console: Console, ranked: list[tuple[str, dict[str, Any]]], heads: Any, words: Words) -> None:
    """Where an ad channel saturates and how long it works, beside what was believed before the data; whom it lifts."""
    table = Table(*heads, box=None, pad_edge=False)
    for name, numbers in ranked:
        half = (_range(numbers, key, ",.0f") for key in ("half_saturation", "prior_half_saturation"))
        carry = (_range(numbers, key) for key in ("carryover", "prior_carryover"))
        reach = words.shares({row["channel"]: row["share"] for row in numbers["reach"] if row["share"] > 0})
        table.add_row(name, *half, *carry, reach)
    console.print(table)


def _show_indirect(console: Console, found: ResponseReport, heads: Any, words: Words) -> None:
    """What content brings through search, beside what it brings itself; nothing where no channel feeds another."""
    table = Table(*heads, box=None, pad_edge=False)
    for row in found.indirect:
        direct = _with_interval(found.channels[row["ad_channel"]], "roi")
        through = _with_interval(row, "indirect_roi")
        table.add_row(row["ad_channel"], row["through"], through, direct, words.label(row["data"]))
    if found.indirect:
        console.print(table)


def _range(numbers: dict[str, Any], name: str, form: str = ".2f") -> str:
    """The interval of a number, "-" where there is none."""
    low, high = numbers[f"{name}_low"], numbers[f"{name}_high"]
    return "-" if low is None else f"{low:{form}}-{high:{form}}"


def _show_review(console: Console, found: ResponseReport, heads: Any, words: Words) -> None:
    """What the ads of the last year cost and left, a line an ad channel and campaign type."""
    table = Table(*heads, box=None, pad_edge=False)
    for row in records(found.review):
        buyer = "-" if row["buyer_fen"] is None else words.money(row["buyer_fen"])
        money = [
            f"{mean} ({low}-{high})"
            for mean, low, high in (
                [words.money(row[f"{name}{end}_fen"] or 0) for end in ("", "_low", "_high")]
                for name in ("incremental", "contribution")
            )
        ]
        table.add_row(row["ad_channel"], row["campaign_type"], words.money(row["spend_fen"] or 0), buyer, *money)
    console.print(table)


def _with_interval(numbers: dict[str, Any], name: str, form: str = ".2f") -> str:
    """A number and its interval, "-" where there is none."""
    if numbers[name] is None:
        return "-"
    return f"{numbers[name]:{form}} ({numbers[name + '_low']:{form}}-{numbers[name + '_high']:{form}})"
