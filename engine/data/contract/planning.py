"""Tables that the people give: cash, corrections, market size, who owns what."""

from __future__ import annotations

from engine.data.contract.column import KNOWN_AT, Table, day, integer, money, number, text

CASH = Table(
    "cash",
    "资金",
    "Opening balance for buying and flows planned outside of the plan (negative: paid out).",
    (
        day("date", "日期", required=True),
        text("kind", "类型", required=True, choices=("opening", "flow")),
        money("amount_fen", "金额", "included", required=True, minimum=None),
        text("note", "说明"),
        KNOWN_AT,
    ),
    ("date", "kind", "note"),
    "always",
    "date",
)

OVERRIDES = Table(
    "overrides",
    "人工调整",
    "Corrections of the forecast by people.",
    (
        text("override", "编号", required=True),
        text("author", "提出人", required=True),
        text("reason", "原因"),
        text("level", "层级", required=True, choices=("total", "channel", "category", "sku")),
        text("key", "对象"),
        day("start", "开始日期", required=True),
        day("end", "结束日期", required=True),
        text("action", "方式", required=True, choices=("set", "scale", "cap", "add")),
        number("value", "数值", "units or factor", required=True, minimum=None),
        KNOWN_AT,
    ),
    ("override",),
    "always",
    "start",
)

MARKET_SIZE = Table(
    "market_size",
    "市场规模",
    "Sales of the whole market, for share targets.",
    (
        day("date", "月份", required=True),
        text("category", "品类", required=True),
        money("amount_fen", "市场成交额", "included", required=True),
        text("source", "依据"),
        KNOWN_AT,
    ),
    ("date", "category"),
    "date",
    "date",
)

OWNERS = Table(
    "owners",
    "负责人",
    "Who answers for a category or channel.",
    (
        text("owner", "负责人", required=True),
        text("category", "品类"),
        text("channel", "销售渠道"),
    ),
    ("owner", "category", "channel"),
)

CONTROL_TOTALS = Table(
    "control_totals",
    "对账总额",
    "Monthly totals of a shop from the platform's own pages, against which the loaded sales are held.",
    (
        day("date", "月份", required=True, doc="first day of the month"),
        text("channel", "销售渠道", required=True),
        integer("units_paid", "支付件数"),
        money("amount_paid_fen", "支付金额", "included"),
        text("source", "依据"),
    ),
    ("date", "channel"),
)

EXCLUSIONS = Table(
    "exclusions",
    "剔除时段",
    "Days that the weekly forecast must not learn from; blank columns: all. Sales, months and targets keep them.",
    (
        day("start", "开始日期", required=True),
        day("end", "结束日期", required=True),
        text("channel", "销售渠道"),
        text("category", "品类"),
        text("sku", "商家编码"),
        text("reason", "原因"),
    ),
    ("start", "end", "channel", "category", "sku"),
)

PLANNING_TABLES = (CASH, OVERRIDES, MARKET_SIZE, OWNERS, CONTROL_TOTALS, EXCLUSIONS)
