"""Tables of the buying side: goods, stock, suppliers, warehouses and what comes back."""

from __future__ import annotations

from engine.data.contract.column import KNOWN_AT, Reference, Table, day, integer, money, number, share, text

_SKU = Reference("sku", "skus", "sku")
_SUPPLIER = Reference("supplier", "suppliers", "supplier")
_WAREHOUSE = Reference("warehouse", "warehouses", "warehouse")

SKUS = Table(
    "skus",
    "商品",
    "Every SKU once.",
    (
        text("sku", "商家编码", required=True, aliases=("SKU", "商品编码")),
        text("spu", "款号"),
        text("name", "商品名称"),
        text("category", "品类", required=True, aliases=("类目",)),
        text("brand", "品牌"),
        text("product_line", "产品线"),
        text("role", "商品角色", choices=("traffic", "profit", "image", "regular")),
        text("colour", "颜色"),
        text("size", "尺码"),
        day("launch_date", "上市日期"),
        day("end_date", "下架日期"),
        money("unit_cost_fen", "成本价", "excluded"),
        share("vat_rate", "增值税率", default=0.13),
        number("volume_m3", "体积", "m3"),
        number("weight_kg", "重量", "kg"),
        integer("shelf_life_days", "保质期", "days"),
        integer("trial_units", "首批试销件数", doc="most units bought until the SKU has been on sale for some weeks"),
    ),
    ("sku",),
)

BUNDLES = Table(
    "bundles",
    "组合与赠品",
    "Component lists of bundles and of gifts that travel with an item.",
    (
        text("bundle_sku", "组合编码", required=True),
        text("component_sku", "组件编码", required=True),
        integer("quantity", "数量", required=True, minimum=1),
        text("kind", "类型", required=True, choices=("bundle", "gift")),
        day("start", "开始日期"),
        day("end", "结束日期"),
    ),
    ("bundle_sku", "component_sku", "kind"),
    references=(Reference("bundle_sku", "skus", "sku"), Reference("component_sku", "skus", "sku")),
)

LISTINGS = Table(
    "listings",
    "平台链接",
    "Which own SKU, and how many of it, a platform's id stands for.",
    (
        text("channel", "销售渠道", required=True),
        text("platform_id", "平台商品ID", required=True),
        text("sku", "商家编码", required=True),
        integer("quantity", "数量", default=1, minimum=1),
    ),
    ("channel", "platform_id", "sku"),
    references=(_SKU,),
)

INVENTORY = Table(
    "inventory",
    "库存",
    "Stock at the end of a day; the last date is the opening position of a plan.",
    (
        day("date", "日期", required=True),
        text("sku", "商家编码", required=True),
        text("warehouse", "仓库", required=True),
        text("pool", "库存池", default="shared", doc="shared, or the sales channel that the stock is bound to"),
        integer("on_hand", "在库件数", required=True),
        integer("locked", "锁定件数", default=0),
        KNOWN_AT,
    ),
    ("date", "sku", "warehouse", "pool"),
    "date",
    "date",
    (_SKU, _WAREHOUSE),
)

PURCHASE_ORDERS = Table(
    "purchase_orders",
    "采购单",
    "Orders placed with suppliers.",
    (
        text("po", "采购单号", required=True),
        text("sku", "商家编码", required=True),
        text("warehouse", "仓库", required=True),
        text("pool", "库存池", default="shared"),
        text("supplier", "供应商"),
        day("ordered_at", "下单日期", required=True),
        day("confirmed_at", "供应商确认日期"),
        day("expected_at", "预计可售日期", required=True),
        integer("units", "件数", required=True),
        money("unit_price_fen", "采购单价", "excluded"),
        KNOWN_AT,
    ),
    ("po", "sku", "warehouse", "pool"),
    "date",
    "ordered_at",
    (_SKU, _WAREHOUSE, _SUPPLIER),
)

RECEIPTS = Table(
    "receipts",
    "入库",
    "Goods received against purchase orders, on the day they became sellable.",
    (
        text("po", "采购单号", required=True),
        text("sku", "商家编码", required=True),
        text("warehouse", "仓库", required=True),
        day("date", "可售日期", required=True),
        integer("units", "件数", required=True),
        integer("defects", "次品件数", default=0),
        KNOWN_AT,
    ),
    ("po", "sku", "warehouse", "date"),
    "date",
    "date",
    (_SKU, _WAREHOUSE),
)

SUPPLIERS = Table(
    "suppliers",
    "供应商",
    "Who delivers.",
    (
        text("supplier", "供应商", required=True),
        text("name", "名称"),
        text("grade", "等级", choices=("S", "A", "B", "C")),
        integer("shutdown_days_before", "春节前停工天数", "days", default=0, doc="days before Lunar New Year's Day"),
        integer("shutdown_days_after", "春节后停工天数", "days", default=0),
        integer("capacity_units_week", "周产能"),
        money("minimum_order_fen", "起订金额", "excluded"),
        share("annual_rebate_rate", "年返点", default=0.0),
        integer("return_days", "可退货天数", "days", default=0, doc="goods go back so long after receipt"),
        share("return_credit_share", "退货抵扣比例", default=1.0, doc="share of the purchase price that is credited"),
    ),
    ("supplier",),
)

SUPPLY_TERMS = Table(
    "supply_terms",
    "供货条件",
    "Terms of a supplier for a SKU; rank 1 is the supplier to use first.",
    (
        text("supplier", "供应商", required=True),
        text("sku", "商家编码", required=True),
        integer("rank", "优先级", "rank", default=1, minimum=1),
        number("lead_time_days", "到货天数", "days", required=True, doc="from the order until the goods are sellable"),
        number("lead_time_sd_days", "到货天数标准差", "days", default=0.0),
        integer("moq_units", "起订量", default=1),
        text(
            "moq_level",
            "起订层级",
            default="sku",
            choices=("sku", "colour", "style"),
            doc="whose units count for the minimum; colour and style by spu and colour of skus",
        ),
        integer("pack_units", "箱规", default=1, minimum=1),
        integer("ratio_units", "尺码配比", doc="units of this SKU in a prepack of its style or colour; blank: free"),
        money("unit_price_fen", "采购单价", "excluded", required=True),
        money("order_cost_fen", "单次下单费用", "excluded", default=0),
        day("last_order_date", "最后下单日期", doc="the supplier takes no later orders"),
        KNOWN_AT,
    ),
    ("supplier", "sku"),
    references=(_SKU, _SUPPLIER),
)

PRICE_TIERS = Table(
    "price_tiers",
    "阶梯价",
    "Unit price from a quantity upwards.",
    (
        text("supplier", "供应商", required=True),
        text("sku", "商家编码", required=True),
        integer("from_units", "起始件数", required=True, minimum=1),
        money("unit_price_fen", "采购单价", "excluded", required=True),
        text("kind", "计价方式", default="all_units", choices=("all_units", "incremental")),
    ),
    ("supplier", "sku", "from_units"),
    references=(_SKU, _SUPPLIER),
)

PAYMENT_TERMS = Table(
    "payment_terms",
    "付款条件",
    "Instalments of a supplier; the shares of one supplier add up to 1.",
    (
        text("supplier", "供应商", required=True),
        integer("instalment", "期次", "number", required=True, minimum=1),
        text("milestone", "节点", required=True, choices=("order", "arrival")),
        integer("days", "节点后天数", "days", default=0),
        share("share", "比例", required=True),
    ),
    ("supplier", "instalment"),
    references=(_SUPPLIER,),
)

WAREHOUSES = Table(
    "warehouses",
    "仓库",
    "Where stock lies.",
    (
        text("warehouse", "仓库", required=True),
        text("name", "名称"),
        text("region", "所在地区"),
        number("storage_m3", "仓容", "m3"),
        integer("inbound_units_week", "周入库能力"),
        integer("parcels_day", "日发货能力", "parcels"),
        money("storage_fen_m3_day", "仓租", "excluded", default=0),
        integer("aged_after_days", "超龄天数", "days", doc="Stock that lies longer pays more rent."),
        money("aged_fen_m3_day", "超龄仓租加收", "excluded", default=0),
    ),
    ("warehouse",),
)

LANES = Table(
    "lanes",
    "线路",
    "Which warehouse serves a region (rank 1; the next one where that is short), or feeds another warehouse.",
    (
        text("origin", "发货仓", required=True),
        text("destination", "目的地", required=True),
        text("kind", "类型", default="region", choices=("region", "warehouse")),
        integer("rank", "优先级", "rank", default=1, minimum=1),
        money("cost_fen", "单件费用", "excluded", default=0),
        number("days", "天数", "days", default=2.0),
    ),
    ("origin", "destination", "kind"),
    references=(Reference("origin", "warehouses", "warehouse"),),
)

REGION_SHARES = Table(
    "region_shares",
    "地区占比",
    "Share of a channel's demand that goes to a region; a blank category means all.",
    (
        text("category", "品类"),
        text("channel", "销售渠道", required=True),
        text("region", "地区", required=True),
        share("share", "占比", required=True),
    ),
    ("category", "channel", "region"),
)

RETURNS = Table(
    "returns",
    "退货参数",
    "Return behaviour of a category (blank: all) in a channel (blank: all).",
    (
        text("category", "品类"),
        text("channel", "销售渠道"),
        share("rate", "退货率", required=True, doc="share of shipped units that come back"),
        number("delay_days", "退回天数", "days", default=10.0),
        share("grade_a_share", "A品占比", default=0.8, doc="refurbished, sold again at full value"),
        share("grade_b_share", "B品占比", default=0.1, doc="sold at a discount; the rest is scrap"),
        share("refund_only_rate", "仅退款率", default=0.0),
    ),
    ("category", "channel"),
)

SUPPLY_TABLES = (
    SKUS,
    BUNDLES,
    LISTINGS,
    INVENTORY,
    PURCHASE_ORDERS,
    RECEIPTS,
    SUPPLIERS,
    SUPPLY_TERMS,
    PRICE_TIERS,
    PAYMENT_TERMS,
    WAREHOUSES,
    LANES,
    REGION_SHARES,
    RETURNS,
)
