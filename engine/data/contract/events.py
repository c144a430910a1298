"""Tables of festivals: when they run, and how far a day of theirs has come."""

from __future__ import annotations

from engine.data.contract.column import KNOWN_AT, Reference, Table, day, integer, share, text

_CHANNEL = Reference("channel", "channels", "channel")

EVENTS = Table(
    "events",
    "活动日历",
    "Shopping festivals and holidays with their phases; a blank channel means every channel.",
    (
        text("event", "活动", required=True, doc="one occurrence, such as 双11-2026"),
        text("kind", "活动类型", required=True, doc="what recurs, such as 双11"),
        text("channel", "销售渠道"),
        text(
            "phase", "阶段", required=True, choices=("presale", "balance", "opening", "main", "return_wave", "holiday")
        ),
        day("start", "开始日期", required=True),
        day("end", "结束日期", required=True, doc="last day, included"),
        text("mechanism", "玩法", doc="满减, 直降, 第二件半价 ..."),
        share("merchant_share", "商家承担比例", default=1.0),
        text("source", "依据", doc="where the window stands; blank: assumed"),
        KNOWN_AT,
    ),
    ("event", "channel", "phase", "start"),
    "always",
    "start",
    (_CHANNEL,),
)

EVENT_PROGRESS = Table(
    "event_progress",
    "活动进度",
    "How far event days had come by an hour: running sums a SKU and channel, past days (all their hours) and the one "
    "that runs. Hours before the day are negative.",
    (
        day("date", "日期", required=True, doc="the event day that is told of"),
        integer(
            "hour", "时点", "hours", required=True, minimum=-720, maximum=24, doc="whole hours since the day began"
        ),
        text("sku", "商家编码", required=True),
        text("channel", "销售渠道", required=True),
        integer("units_paid", "累计支付件数", doc="paid on the day so far; blank before it"),
        integer("deposits", "累计定金件数", doc="units with a deposit paid towards this day"),
        integer("carts", "加购件数", doc="units in carts"),
        KNOWN_AT,
    ),
    ("date", "hour", "sku", "channel"),
    "date",
    "date",
    (Reference("sku", "skus", "sku"), _CHANNEL),
)
