"""Tables of the selling side: what was sold, seen, promised, advertised and at which price."""

from __future__ import annotations

from engine.data.contract.column import KNOWN_AT, Reference, Table, day, flag, integer, money, number, share, text
from engine.data.contract.events import EVENT_PROGRESS, EVENTS

_SKU = Reference("sku", "skus", "sku")
_CHANNEL = Reference("channel", "channels", "channel")

SALES = Table(
    "sales",
    "销售",
    "Units and money a day, SKU and sales channel; every state is booked on the day of the order. "
    "Days without a sale have no row.",
    (
        day("date", "日期", required=True, aliases=("统计日期", "ds", "时间", "下单日期")),
        text("sku", "商家编码", required=True, aliases=("SKU", "unique_id", "商品编码", "规格编码")),
        text("channel", "销售渠道", required=True, aliases=("渠道", "店铺", "平台")),
        text("region", "收货地区", aliases=("地区", "大区")),
        integer("units_ordered", "下单件数"),
        integer("units_paid", "支付件数", required=True, aliases=("y", "销量", "成交商品件数")),
        integer("units_cancelled", "发货前取消件数", doc="paid, then cancelled before shipment"),
        integer("units_shipped", "发货件数"),
        integer("units_returned", "退货件数", doc="came back as goods; immature in recent weeks"),
        integer("units_refund_only", "仅退款件数", doc="money returned, goods kept by the buyer"),
        integer("units_gift", "赠品件数", doc="shipped at zero revenue; uses stock, stays out of elasticities"),
        money("amount_ordered_fen", "下单金额", "included"),
        money("amount_paid_fen", "支付金额", "included", aliases=("成交金额",)),
        money("amount_cancelled_fen", "发货前取消金额", "included"),
        money("amount_returned_fen", "退货金额", "included"),
        money("amount_refund_only_fen", "仅退款金额", "included"),
        KNOWN_AT,
    ),
    ("date", "sku", "channel", "region"),
    "date",
    "date",
    (_SKU, _CHANNEL),
)

AVAILABILITY = Table(
    "availability",
    "在售情况",
    "Share of the period in which the SKU could be bought; rows only where it is below 1.",
    (
        day("date", "日期", required=True),
        text("sku", "商家编码", required=True),
        text("channel", "销售渠道", required=True),
        share("in_stock_share", "有货时长占比", required=True),
        KNOWN_AT,
    ),
    ("date", "sku", "channel"),
    "date",
    "date",
    (_SKU, _CHANNEL),
)

TRAFFIC = Table(
    "traffic",
    "流量",
    "Funnel counts; visitors do not add up across days, items or shops: basis says what was counted.",
    (
        day("date", "日期", required=True),
        text("channel", "销售渠道", required=True),
        text("sku", "商家编码", doc="blank: the whole shop"),
        text(
            "basis", "统计口径", required=True, choices=("shop_day", "item_day"), doc="over what visitors are distinct"
        ),
        integer("exposure", "曝光量", "views"),
        integer("clicks", "点击量", "clicks"),
        integer("visitors", "访客数", "visitors", aliases=("商品访客数",)),
        integer("carts", "加购件数"),
        integer("buyers", "支付买家数", "buyers"),
        KNOWN_AT,
    ),
    ("date", "channel", "sku", "basis"),
    "date",
    "date",
    (_SKU, _CHANNEL),
)

ORDERS = Table(
    "orders",
    "订单",
    "Order lines with their dates and states.",
    (
        text("order_id", "订单编号", required=True, aliases=("主订单编号",)),
        text("line", "子订单编号", required=True),
        day("ordered_at", "下单日期", required=True, aliases=("订单提交时间",)),
        text("channel", "销售渠道", required=True),
        text("sku", "商家编码", required=True),
        text("customer_id", "买家编号"),
        text("region", "收货地区"),
        integer("units", "件数", required=True),
        money("amount_paid_fen", "支付金额", "included"),
        text(
            "state",
            "订单状态",
            required=True,
            choices=("ordered", "paid", "cancelled", "shipped", "returned", "refund_only", "settled"),
        ),
        day("deposit_at", "定金日期"),
        day("balance_at", "尾款日期"),
        day("promised_ship_at", "承诺发货日期"),
        day("shipped_at", "发货日期"),
        day("returned_at", "退货日期"),
        text("return_reason", "退货原因"),
        flag("suspicious", "异常订单", doc="brushing or bulk: out of demand, its stock movement stays"),
        KNOWN_AT,
    ),
    ("order_id", "line"),
    "date",
    "ordered_at",
    (_SKU, _CHANNEL),
)

CHANNELS = Table(
    "channels",
    "销售渠道",
    "Where goods are sold, with the fees.",
    (
        text("channel", "销售渠道", required=True),
        text("name", "名称"),
        text(
            "kind", "渠道类型", required=True, choices=("shop", "platform_run", "own", "private_domain", "cross_border")
        ),
        text("platform", "平台"),
        share("commission_rate", "平台扣点", default=0.0),
        share("payment_rate", "支付费率", default=0.0),
        money("freight_fen", "单件运费", "excluded", default=0, doc="a parcel"),
        money("freight_insurance_fen", "运费险", "excluded", default=0, doc="a parcel"),
        integer("settlement_days", "结算天数", "days", default=7),
        money("fixed_cost_fen_month", "固定成本", "excluded", default=0, doc="staff and rent a month"),
        text("currency", "币种", default="CNY"),
    ),
    ("channel",),
)

PLATFORM_ORDERS = Table(
    "platform_orders",
    "平台采购单",
    "What a platform orders from the merchant for a channel that it runs itself (channels of kind platform_run); takes "
    "the place of the channel's sales.",
    (
        text("platform_order", "平台采购单号", required=True),
        day("date", "下单日期", required=True, doc="the day from which the order draws on stock"),
        text("sku", "商家编码", required=True),
        text("channel", "销售渠道", required=True),
        integer("units", "件数", required=True),
        money("unit_price_fen", "平台采购价", "included", required=True, doc="what the platform pays a unit"),
        KNOWN_AT,
    ),
    ("platform_order", "sku", "channel"),
    "date",
    "date",
    (_SKU, _CHANNEL),
)

PRICES = Table(
    "prices",
    "价格",
    "Prices as steps: a row holds from its date until the next row of the SKU and channel.",
    (
        text("sku", "商家编码", required=True),
        text("channel", "销售渠道", required=True),
        day("date", "生效日期", required=True),
        money("list_price_fen", "标价", "included"),
        money(
            "paid_price_fen",
            "到手价",
            "included",
            required=True,
            doc="what the customer pays after coupons, 满减 and subsidies",
        ),
        money(
            "platform_subsidy_fen", "平台补贴", "included", default=0, doc="part of the discount paid by the platform"
        ),
        money("floor_price_fen", "底价", "included"),
        KNOWN_AT,
    ),
    ("sku", "channel", "date"),
    "always",
    "date",
    (_SKU, _CHANNEL),
)

PROMOTIONS = Table(
    "promotions",
    "单品促销",
    "Announced promotions of single SKUs (display, mailer, flash sale) with their strength.",
    (
        day("start", "开始日期", required=True),
        day("end", "结束日期", required=True, doc="last day, included"),
        text("sku", "商家编码", required=True),
        text("channel", "销售渠道", doc="blank: every channel"),
        text("kind", "促销类型", required=True),
        number("strength", "力度", "share", default=1.0),
        KNOWN_AT,
    ),
    ("start", "sku", "channel", "kind"),
    "always",
    "start",
    (_SKU, _CHANNEL),
)

HOSTS = Table(
    "hosts",
    "主播",
    "Live-stream hosts and their terms.",
    (
        text("host", "主播", required=True),
        text("tier", "层级", choices=("head", "middle", "tail", "own")),
        money("slot_fee_fen", "坑位费", "included", default=0),
        share("commission_rate", "佣金率", default=0.0, doc="of the sales of a stream that are kept"),
        number("guaranteed_roi", "保底ROI", "ratio", doc="sales of a stream over its slot fee that the host promises"),
        text(
            "guarantee",
            "保底方式",
            default="refund",
            choices=("refund", "repeat"),
            doc="below it: the missing share of the slot fee comes back, or the host streams once more for nothing",
        ),
    ),
    ("host",),
)

HOST_COMMISSIONS = Table(
    "host_commissions",
    "主播阶梯佣金",
    "Commission by tier: sales of one stream from here upwards pay this rate; below the first tier that of hosts.",
    (
        text("host", "主播", required=True),
        money("from_fen", "起始成交额", "included", required=True, doc="sales of one stream that are kept"),
        share("commission_rate", "佣金率", required=True),
    ),
    ("host", "from_fen"),
    references=(Reference("host", "hosts", "host"),),
)

LIVE_STREAMS = Table(
    "live_streams",
    "直播",
    "Live streams held, booked or on offer, a row for each SKU shown.",
    (
        text("stream", "直播场次", required=True),
        day("date", "日期", required=True),
        text("channel", "销售渠道", required=True),
        text("host", "主播", required=True),
        text("sku", "商家编码", required=True),
        money("price_fen", "直播价", "included"),
        integer("units_paid", "支付件数", doc="blank until the stream has run"),
        flag("signed", "已签约", default=True, doc="false: on offer, to be decided with the ad budget"),
        KNOWN_AT,
    ),
    ("stream", "sku"),
    "date",
    "date",
    (_SKU, _CHANNEL, Reference("host", "hosts", "host")),
)

MEDIA = Table(
    "media",
    "广告投放",
    "Spend by ad channel, campaign type and day; lifts names the sales channels it works on.",
    (
        day("date", "日期", required=True),
        text("ad_channel", "广告渠道", required=True),
        text("campaign_type", "推广类型", default="all"),
        money("spend_fen", "花费", "included", required=True, aliases=("消耗", "总费用")),
        text(
            "lifts",
            "影响渠道",
            doc="sales channels joined by |; blank: every channel; others count where their sales show it",
        ),
        integer("impressions", "展现量", "views"),
        integer("clicks", "点击量", "clicks"),
        money(
            "attributed_fen",
            "平台归因成交额",
            "included",
            doc="the platform's own claim, never incremental as it stands",
        ),
        flag("whole_site", "全站推广", default=False, doc="reports organic sales as its own"),
        KNOWN_AT,
    ),
    ("date", "ad_channel", "campaign_type"),
    "date",
    "date",
)

LIFT_TESTS = Table(
    "lift_tests",
    "增量实验",
    "Experiments that measured incremental sales of an ad channel.",
    (
        text("test", "实验", required=True),
        text("ad_channel", "广告渠道", required=True),
        day("start", "开始日期", required=True),
        day("end", "结束日期", required=True),
        text("region", "地区"),
        money("spend_fen", "花费", "included", required=True),
        money("incremental_fen", "增量成交额", "included", required=True, minimum=None),
        money("standard_error_fen", "标准误", "included", required=True),
        KNOWN_AT,
    ),
    ("test",),
    "date",
    "end",
)

MARKET_TABLES = (
    SALES,
    AVAILABILITY,
    TRAFFIC,
    ORDERS,
    CHANNELS,
    PLATFORM_ORDERS,
    PRICES,
    PROMOTIONS,
    EVENTS,
    EVENT_PROGRESS,
    HOSTS,
    HOST_COMMISSIONS,
    LIVE_STREAMS,
    MEDIA,
    LIFT_TESTS,
)
