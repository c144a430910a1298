"""The review in five sentences: what grew, why, which event paid, what lay still, what was odd."""

from __future__ import annotations

import math

import pandas as pd

from engine.plans.review import Review
from engine.reports.words import Words

WORTH_NAMING = 0.0005


def review_sentences(review: Review, words: Words) -> list[str]:
    """Five sentences, each with its figures; what cannot be said says what would enable it."""
    return [grew(review, words), why(review, words), paid(review, words), still(review, words), odd(review, words)]


def review_span(review: Review, words: Words) -> str:
    """Which days against which."""
    days = {name: f"{getattr(review, name):%Y-%m-%d}" for name in ("start", "end", "before_start", "before_end")}
    return words("review_span", **days)


def grew(review: Review, words: Words) -> str:
    """Net sales against the year before, the channel and category behind it, what is left."""
    net, change = review.figure("net_fen"), _change(review, "net_fen")
    if not math.isfinite(net):
        return words("review_no_money", units=words.units(review.figure("units")))
    if not math.isfinite(change):
        channel = _slices(review, "channel").iloc[0]
        share = words.share(channel["share"], 0)
        return words("review_size", net=words.money(net), channel=channel["key"], share=share)
    channel, category = (_mover(review, dimension) for dimension in ("channel", "category"))
    return words(
        "review_grew",
        net=words.money(net),
        change=words.change(change),
        channel=channel["key"],
        channel_change=_signed(channel["change_fen"], words),
        category=category["key"],
        category_change=_signed(category["change_fen"], words),
        left=_left(review, words),
    )


def _left(review: Review, words: Words) -> str:
    """What is left after all costs that are known; "" where none are."""
    after_ads = math.isfinite(review.figure("left_after_ads_fen"))
    measure = "left_after_ads_fen" if after_ads else "contribution_fen"
    left = review.figure(measure)
    if not math.isfinite(left):
        return ""
    ads = words("review_ads") if after_ads else ""
    return words("review_left", ads=ads, yuan=words.money(left), change=words.change(_change(review, measure)))


def why(review: Review, words: Words) -> str:
    """Both decompositions."""
    traffic, items = review.parts("traffic"), review.parts("items")
    parts = []
    if traffic:
        traffic = {
            "visitors": traffic["visitors"] + traffic.get("overlap", 0.0),
            **_only(traffic, "conversion", "order_value"),
        }
        rows = review.figures.loc[review.figures["measure"] == "visitors", "basis"]
        basis = words.label(rows.iloc[0]) if len(rows) else words.label("shop_day")
        parts.append(
            words("review_why_traffic", basis=basis, **{name: _signed(fen, words) for name, fen in traffic.items()})
        )
    if items:
        named = _only(items, "volume", "price", "mix", "new", "dropped")
        parts.append(words("review_why_items", **{name: _signed(fen, words) for name, fen in named.items()}))
    between = "；" if words.language == "zh" else "; "
    return words("review_why", parts=between.join(parts)) if parts else words("review_why_unknown")


def paid(review: Review, words: Words) -> str:
    """Share of event days, their true uplift, the best and the worst event after all costs."""
    every = review.events[review.events["channel"] == ""] if len(review.events) else review.events
    if every.empty:
        return words("review_events_unknown")
    known = every["earned_fen"].notna().all()
    measure = "earned_fen" if known else "uplift_fen"
    ranked = every.sort_values(measure, ascending=False, kind="stable")
    sure = ranked[ranked["uplift_low_fen"] > 0]
    best = (sure if len(sure) else ranked).iloc[0]
    others = ranked.drop(index=best.name)
    worst = others.iloc[-1] if len(others) else best
    texts = [
        words(
            key,
            event=row["event"],
            uplift=_uplift(row, words),
            earned=_earned(float(row["earned_fen"]), words),
        )
        for key, row in (
            ("review_best", best),
            ("review_worst" if worst[measure] < 0 else "review_least", worst),
        )
    ]
    share = words.share(review.figure("event_share"), 0)
    if len(ranked) == 1:
        return words("review_one_event", share=share, best=texts[0])
    uplift = f"{words.money(review.figure('uplift_fen'))}"
    return words("review_paid", share=share, uplift=uplift, best=texts[0], worst=texts[1])


def still(review: Review, words: Words) -> str:
    """Stock, turnover, slow movers and where they are."""
    if review.stock.empty:
        return words("review_still_unknown")
    groups = review.stock[review.stock["category"] != ""].sort_values("slow_fen", ascending=False, kind="stable")
    category = ""
    if len(groups) and groups["slow_fen"].iloc[0] > 0:
        top = groups.iloc[0]
        category = words("review_still_category", category=top["category"], yuan=words.money(top["slow_fen"]))
    days = review.figure("turnover_days")
    return words(
        "review_still",
        stock=words.money(review.figure("stock_fen")),
        days=f"{days:.0f}" if math.isfinite(days) else "-",
        slow=words.money(review.figure("slow_fen")),
        share=words.share(review.figure("slow_share")),
        category=category,
    )


def odd(review: Review, words: Words) -> str:
    """The largest anomaly, funnel alarms, months that changed."""
    extra = {"alarm": _alarms(review, words), "closed": ""}
    if len(review.closed):
        extra["closed"] = words("review_closed", count=len(review.closed))
    if review.anomalies.empty:
        return words("review_nothing_odd" if review.daily else "review_odd_unknown", **extra)
    top = review.anomalies.iloc[0]
    reason = words.label(top["reason"]) if top["reason"] else ""
    item = words("review_odd_item", sku=top["sku"], reason=words.with_unit("", reason) if reason else "")
    return words(
        "review_odd",
        days=days_text(top["start"], top["end"]),
        channel=top["channel"],
        side=words("over" if top["fen"] > 0 else "under"),
        yuan=words.money(abs(top["fen"])),
        relative=words.change(top["relative"]),
        item=item if top["sku"] else "",
        more=words("review_odd_more", count=len(review.anomalies) - 1) if len(review.anomalies) > 1 else "",
        **extra,
    )


def days_text(start: pd.Timestamp, end: pd.Timestamp) -> str:
    """One day, or the first and the last."""
    return f"{start:%Y-%m-%d}" if start == end else f"{start:%Y-%m-%d} ~ {end:%m-%d}"


def _alarms(review: Review, words: Words) -> str:
    """Steps of the funnel that raise an alarm, the first three by channel."""
    rows = review.funnel[review.funnel["alarm"] != ""] if len(review.funnel) else review.funnel
    if rows.empty:
        return ""
    between = "、" if words.language == "zh" else ", "
    named = [
        f"{row['channel'] or words.label('total')} {words.label(row['step'])} {words.share(row['now'], 2)}"
        for row in rows.head(3).to_dict("records")
    ]
    return words("review_odd_alarm", steps=between.join(named))


def _uplift(row: pd.Series, words: Words) -> str:
    """The uplift, and whether it may as well be nothing."""
    unsure = row["uplift_low_fen"] <= 0 <= row["uplift_high_fen"]
    return _signed(row["uplift_fen"], words) + (words("review_unsure") if unsure else "")


def _earned(fen: float, words: Words) -> str:
    if not math.isfinite(fen):
        return words("review_earned_unknown")
    return words("review_earned" if fen >= 0 else "review_lost", yuan=words.money(abs(fen)))


def _change(review: Review, measure: str) -> float:
    before = review.figure(measure, before=True)
    return review.figure(measure) / before - 1.0 if math.isfinite(before) and before > 0 else math.nan


def _slices(review: Review, dimension: str) -> pd.DataFrame:
    found: pd.DataFrame = review.slices[review.slices["dimension"] == dimension]
    return found


def _mover(review: Review, dimension: str) -> pd.Series:
    """The slice that changed most."""
    rows = _slices(review, dimension).reset_index(drop=True)
    return rows.iloc[int(rows["change_fen"].abs().argmax())]


def _only(parts: dict[str, float], *names: str) -> dict[str, float]:
    return {name: parts[name] for name in names}


def _signed(fen: float, words: Words) -> str:
    """Money with its sign."""
    return ("+" if fen >= 0 else "") + words.money(fen)
