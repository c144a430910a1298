"""Words of the ad budget: hosts on offer, what ads left, SKU groups, and notes in Chinese."""

from __future__ import annotations

Text = tuple[str, str]

AD_TEXTS: dict[str, Text] = {
    "sheet_offers": ("达人直播合约", "Hosts on offer"),
    "sheet_reserve": ("签约前备货", "Stock before signing"),
    "sheet_ad_review": ("投放复盘", "Ads, last year"),
    "sheet_groups": ("投给哪些商品", "Budget by SKU group"),
    "sheet_hours": ("大促日分时预算", "Event days by hour"),
    "sheet_trials": ("先测哪个渠道", "What to test next"),
    "ad_trials_head": ("先测哪个广告渠道", "Which ad channel to test next"),
    "ad_trials_caption": (
        "弄清一个渠道的曲线后重新分配预算，这些周预计多得多少（后验抽样分组重新分配，用没参与挑选的抽样打分，以目标计）；"
        "“测完值多少”已计入测量误差，净值再减去测试期间的损失。",
        "What the plan of these weeks gains once a curve is known and the money is split anew (bins of draws, scored "
        "on draws not used, in the objective); a test's answer counts with its error, net of what it loses.",
    ),
    "trials_first": (
        "最值得做的测试：{days} 把{name}的花费调整 {change}，结果预计值 {learn}，测试期间预计少得 {cost}。",
        "The test that pays best: {name} with {change} spend, {days}; its answer is worth {learn} and costs {cost}.",
    ),
    "trials_none": (
        "目前没有哪个渠道的全店测试值得做：多半是测量误差比效果大，可改做分地区测试（结果填入 lift_tests）。",
        "No test of a whole ad channel pays at present, mostly since it measures worse than the effect is large; "
        "a test by region sees more (its result goes into lift_tests).",
    ),
    "event_days": ("活动日", "Event days"),
    "hours_of": ("{span} 点", "{span} h"),
    "ad_hours_head": ("大促当天的广告费，按时段怎么投", "Event days: the ad money by the hour"),
    "ad_hours_caption": (
        "各时段占当天预算的比例，按以往同类活动日的分时成交（event_progress）。各广告渠道的金额见 marketing.xlsx。",
        "Part of the day's budget by the hour, as earlier event days of the same kind sold (event_progress). "
        "Each ad channel's money: marketing.xlsx.",
    ),
    "ads_offers": (
        "待签的 {count} 场达人直播中建议签 {signed} 场（坑位费 {fee}，预计成交 {sales}{but}），签约前先备好库存。",
        "Of {count} live streams on offer {signed} are worth signing (slot fees {fee}, expected sales {sales}{but}); "
        "reserve their stock first.",
    ),
    "ads_offers_lose": (
        "；其中 {count} 场预计亏钱，只为目标里的成交额而签",
        "; {count} of them are expected to lose money and signed for the objective only",
    ),
    "ads_left": (
        "近一年广告花 {spend}，模型估计带来成交 {brought}，扣除退货、货品、平台费用、运费和广告费后{left}。",
        "Ads of the last year cost {spend} and brought {brought} of revenue by the response; after returns, goods, "
        "fees, freight and the ads themselves that {left}.",
    ),
    "ads_earned": ("赚 {money}", "earned {money}"),
    "ads_lost": ("亏 {money}", "lost {money}"),
    "ad_review_head": ("近一年的广告：花了什么，留下什么", "Ads of the last year: what they cost and what they left"),
    "ad_review_caption": (
        "增量和 ROI 来自响应曲线（括号：90% 区间），平台 ROI 是平台自己的归因。贡献已扣退货、货品、平台扣点、运费、"
        "价保、增值税和广告费。明细见 marketing.xlsx。",
        "Revenue and ROI by the response curves (in brackets: 90 %); platform ROI is what platforms claim. "
        "Contribution is after returns, goods, commissions, freight, price protection, VAT and the ads. "
        "Details: marketing.xlsx.",
    ),
}

AD_LABELS: dict[str, Text] = {
    "sign": ("签约", "sign"),
    "leave": ("不签", "leave"),
    "ads response": ("响应曲线", "response"),
    "ads by visits": ("按点击分摊", "shared by visits"),
    "ads by spend": ("按花费分摊", "shared by spend"),
    "group new": ("新品", "new items"),
    "group hero": ("爆款", "heroes"),
    "group rest": ("其他", "the rest"),
    "group by contribution": ("按贡献", "contribution"),
    "group by floor of new items": ("新品保底", "floor of new items"),
    "group by supply": ("货不够，封顶", "supply"),
    "group by no supply": ("都缺货，按贡献", "nothing has supply left: contribution"),
}

AD_HEADERS: dict[str, Text] = {
    "know_fen": ("弄清曲线值多少", "Worth of its curve"),
    "trial_days": ("测试时间", "Test"),
    "trial_start": ("测试开始", "Test from"),
    "trial_end": ("测试结束", "Test to"),
    "trial_change": ("花费调整", "Spend changed"),
    "moved_fen": ("测试增减花费", "Spend moved"),
    "effect_fen": ("预计成交变化", "Expected effect"),
    "error_fen": ("测量误差（标准误）", "Error of measurement (SE)"),
    "learn_fen": ("测完值多少", "Worth of its answer"),
    "trial_cost_fen": ("测试期间少得", "Cost of the test"),
    "net_fen": ("净值", "Net"),
    "from_hour": ("从（点）", "From hour"),
    "to_hour": ("到（点）", "To hour"),
    "decision": ("建议", "Decision"),
    "stream": ("直播场次", "Stream"),
    "host": ("主播", "Host"),
    "slot_fee_fen": ("坑位费", "Slot fee"),
    "sales_fen": ("预计成交", "Expected sales"),
    "sales_low_fen": ("成交下限", "Sales, low"),
    "sales_high_fen": ("成交上限", "Sales, high"),
    "refund_fen": ("保底预计退费", "Refund of the guarantee"),
    "offer_left_fen": ("扣坑位费后贡献", "Contribution after the slot fee"),
    "offer_left_low_fen": ("贡献下限", "Contribution, low"),
    "offer_left_high_fen": ("贡献上限", "Contribution, high"),
    "pays": ("回本概率", "Chance to pay"),
    "break_even_units": ("回本件数（退货后）", "Break-even units after returns"),
    "break_even_fen": ("回本成交额（空白：卖多少都不回本）", "Break-even sales (blank: never)"),
    "reserve_units": ("需预留库存", "Stock to reserve"),
    "stock_now": ("现有库存", "Stock today"),
    "short_units": ("还缺", "Short"),
    "surplus_fen": ("比投广告多得", "Better than ads by"),
    "ad_spent_fen": ("花费", "Spend"),
    "campaign_type": ("推广类型", "Campaign type"),
    "ad_visits": ("点击（次）", "Visits"),
    "visit_fen": ("单次点击成本", "Cost of a visit"),
    "attributed_fen": ("平台归因成交", "Platform claims"),
    "attributed_roi": ("平台 ROI", "Platform ROI"),
    "ad_new_buyers": ("新客（人）", "New buyers"),
    "buyer_fen": ("新客成本", "Acquisition cost"),
    "ad_new_share": ("带来成交中新客占比", "New buyers' share of it"),
    "ad_new_share_low": ("新客占比下限", "New buyers' share, low"),
    "ad_new_share_high": ("新客占比上限", "New buyers' share, high"),
    "coupons_fen": ("其中已让利（券、满减）", "Coupons given in it"),
    "ad_refunds_fen": ("退款", "Refunds of it"),
    "commission_fen": ("平台扣点和支付费", "Commission and payment fee"),
    "freight_fen": ("运费和运费险", "Freight and insurance"),
    "ad_vat_fen": ("增值税额", "VAT of it"),
    "ad_goods_fen": ("货品", "Goods in it"),
    "ad_protection_fen": ("价保退差", "Price protection of it"),
    "ad_left_fen": ("扣广告后贡献", "Contribution after ads"),
    "ad_left_low_fen": ("扣广告后贡献下限", "Contribution after ads, low"),
    "ad_left_high_fen": ("扣广告后贡献上限", "Contribution after ads, high"),
    "ad_basis": ("增量口径", "Basis"),
    "ad_group": ("商品组", "SKU group"),
    "ad_skus": ("有销量的商品数", "SKUs with sales"),
    "top": ("卖得最多的", "Best sellers"),
    "left_rate": ("贡献率", "Contribution rate"),
    "ad_room_fen": ("按货量最多可投（空白：不限）", "Most that supply allows (blank: any)"),
    "ad_why": ("依据", "Decided by"),
}
