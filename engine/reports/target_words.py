"""Words of the targets' sheets and commands, Chinese and English."""

from __future__ import annotations

import re

from engine.reports.settings import Language

TARGET_WORDS: dict[str, tuple[str, str]] = {
    "bridge_head": (
        "{year} 年：预测 {baseline}，目标 {target}，缺口 {gap}；在平台规则不变的前提下，达成概率 {chance}。",
        "{year}: forecast {baseline}, target {target}, gap {gap}; given unchanged platform rules the target is reached "
        "with a probability of {chance}.",
    ),
    "bridge_foot": ("举措合计成本 {cost}，仍未闭合 {open}。", "Cost of the levers {cost}; not closed: {open}."),
    "proposed": ("待批准", "proposed"),
    "approved": ("已批准（{who}，{day}）", "approved ({who}, {day})"),
    "lever": ("举措", "lever"),
    "step": ("对象", "where"),
    "owner": ("负责人", "owner"),
    "reach_fen": ("最大增量（元）", "reach (yuan)"),
    "used_fen": ("采用增量（元）", "used (yuan)"),
    "cost_fen": ("成本（元）", "cost (yuan)"),
    "cost_per_yuan": ("每元增量成本", "cost a yuan"),
    "after_fen": ("达到销售额（元）", "sales reached (yuan)"),
    "reason": ("依据", "reason"),
    "visitors": ("流量（广告）", "visitors (ads)"),
    "conversion": ("转化率", "conversion"),
    "order value": ("客单价", "order value"),
    "promotion depth": ("促销力度", "promotion depth"),
    "availability": ("现货率", "availability"),
    "new items": ("新品", "new items"),
    "media": ("投放", "media"),
    "operations": ("运营", "operations"),
    "goods": ("商品", "goods"),
    "supply": ("供应链", "supply"),
    "category": ("品类", "category"),
    "channel": ("渠道", "channel"),
    "total": ("合计", "total"),
    "month": ("月份", "month"),
    "cost_of_sales_fen": ("计划销货成本（元）", "cost of sales (yuan)"),
    "start_stock_fen": ("期初库存（元）", "start stock (yuan)"),
    "end_stock_fen": ("目标期末库存（元）", "target end stock (yuan)"),
    "receipts_fen": ("计划到货（元）", "receipts (yuan)"),
    "on_order_fen": ("在途（元）", "on order (yuan)"),
    "open_to_buy_fen": ("采购额度（元）", "open to buy (yuan)"),
    "level": ("层级", "level"),
    "key": ("对象", "of"),
    "target_fen": ("目标（元）", "target (yuan)"),
    "target_to_date_fen": ("累计目标（元）", "target to date (yuan)"),
    "actual_fen": ("累计实际（元）", "actual (yuan)"),
    "achieved": ("达成率", "achieved"),
    "remaining_fen": ("剩余目标（元）", "remaining (yuan)"),
    "required_pace": ("所需节奏（对计划）", "required pace (to plan)"),
    "required_fen_day": ("所需日均（元）", "required a day (yuan)"),
    "expected_fen": ("全年预测（元）", "year end (yuan)"),
    "low_fen": ("悲观 10 %（元）", "low 10 % (yuan)"),
    "high_fen": ("乐观 90 %（元）", "high 90 % (yuan)"),
    "probability": ("达成概率", "probability"),
    "quarter": ("季度", "quarter"),
    "replanned_fen": ("重排目标（元）", "re-planned (yuan)"),
    "ads_fen": ("剩余广告费（元）", "ad money left (yuan)"),
    "forecast_fen": ("预测（元）", "forecast (yuan)"),
    "event": ("活动", "event"),
    "what": ("项目", "what"),
    "value": ("数值", "value"),
    "meaning": ("说明", "meaning"),
    "sheet_owner": ("老板一页", "For the owner"),
    "sheet_bridge": ("缺口与举措", "Bridge to target"),
    "sheet_events": ("活动节奏", "Events"),
    "sheet_otb": ("采购额度", "Open to buy"),
    "sheet_owners": ("目标按负责人", "By owner"),
    "sheet_new": ("新品占位", "New items"),
    "sheet_roles": ("商品角色结构", "Roles"),
    "sheet_limits": ("目标与限制", "Limits"),
    "sheet_sensitivity": ("关键假设", "Sensitivity"),
    "sheet_progress": ("目标进度", "Progress"),
    "sheet_year_end": ("年末预测", "Year end"),
    "sheet_replan": ("季度重排", "Re-plan"),
    "owner_base_fen": ("基准（一切照旧）", "Base (nothing changes)"),
    "owner_target_fen": ("目标", "Target"),
    "owner_optimistic_fen": ("冲刺（乐观）", "Stretch (optimistic)"),
    "owner_pessimistic_fen": ("底线（悲观）", "Floor (pessimistic)"),
    "owner_chance": (
        "达成概率 {chance}（平台规则不变为前提）",
        "reached with a probability of {chance}, given unchanged platform rules",
    ),
    "owner_lever": ("举措", "Lever"),
    "owner_cost": ("成本 {cost}；负责人 {owners}", "costs {cost}; owner {owners}"),
    "owner_open": ("仍未闭合的缺口", "Gap that no lever closes"),
    "owner_cash": ("资金最低点", "Lowest cash"),
    "owner_cash_week": ("{week} 当周，下单付款之后", "in the week from {week}, after the orders of the plan"),
    "owner_left": ("若判断失误，最大积压", "Largest leftover stock if wrong"),
    "owner_left_why": (
        "{category}：按目标进货而遇到悲观年份，年末库存成本（其中计划库存 {end}）；全部品类合计 {all}",
        "{category}: at cost at the year's end where goods are bought for the target and the pessimistic year comes "
        "(planned stock {end}); all categories {all}",
    ),
    "first_day": ("开始", "first day"),
    "last_day": ("结束", "last day"),
    "days": ("天数", "days"),
    "stock_units": ("备货峰值（件）", "peak stock (units)"),
    "base_fen": ("上年同期（元）", "year before (yuan)"),
    "presale_share": ("预售占比", "pre-sale share"),
    "peak_day": ("峰值日", "peak day"),
    "peak_fen": ("峰值日目标（元）", "peak day (yuan)"),
    "peak_parcels": ("峰值日包裹", "peak parcels"),
    "parcels_day": ("日发货能力", "parcels a day"),
    "short_parcels": ("发货缺口", "parcels short"),
    "side": ("口径", "side"),
    "item": ("新品", "item"),
    "role": ("商品角色", "role"),
    "price_low_yuan": ("价格下限（元）", "price from (yuan)"),
    "price_high_yuan": ("价格上限（元）", "price to (yuan)"),
    "items": ("款数", "items"),
    "target_units": ("目标件数", "target units"),
    "skus": ("现有 SKU", "SKUs now"),
    "share": ("占比", "share"),
    "size": ("占全年销售", "of the year's sales"),
    "variance_share": ("占全年波动", "of the year's uncertainty"),
    "bad_total_fen": ("它最差时全年（元）", "the year if it does worst (yuan)"),
    "good_total_fen": ("它最好时全年（元）", "the year if it does best (yuan)"),
    "event_target_fen": ("活动目标（元）", "target of the event (yuan)"),
    "target_share": ("目标占比", "target share"),
    "target_skus": ("目标 SKU", "target SKUs"),
    "new_skus": ("计划新品", "new SKUs"),
    "change": ("还需增减", "to add or drop"),
    "traffic": ("引流款", "traffic"),
    "profit": ("利润款", "profit"),
    "image": ("形象款", "image"),
    "regular": ("常规款", "regular"),
    "limit": ("限制", "limit"),
    "kind": ("类型", "kind"),
    "available": ("可用", "available"),
    "needed": ("目标所需", "needed"),
    "short": ("缺口", "short"),
    "kept": ("处理", "kept"),
    "told": ("提示", "told"),
    "parcels": ("发货", "parcels"),
    "cash": ("资金", "cash"),
    "ads": ("广告", "ads"),
    "assumption": ("假设", "assumption"),
    "probability_low": ("它最差时达成概率", "probability if it does worst"),
    "probability_high": ("它最好时达成概率", "probability if it does best"),
    "channel x category": ("渠道 × 品类", "channel x category"),
    "owner by category": ("品类负责人", "owner by category"),
    "owner by channel": ("渠道负责人", "owner by channel"),
    "tier": ("平台等级", "tier"),
    "market_share": ("市场份额", "market share"),
}
"""By column or code."""

REASONS: tuple[tuple[str, str], ...] = (
    (r"response curve of the ad budget at today's prices of ads", "按广告响应曲线，以当前投放价格计"),
    (r"(\S+) more, as in the best quarter of the channel's own months", "提升 {0}，即该渠道最好的四分之一月份的水平"),
    (r"supply of (.+) until (\S+) \(units\)", "{0} 的供货，到 {1}（件）"),
    (r"supply of (.+) \(yuan of sales in the year\)", "{0} 的供货（全年销售额，元）"),
    (r"parcels in (.+)", "{0} 的包裹"),
    (r"cash until (\S+) \(yuan of goods at cost\)", "资金，到 {0}（货品成本，元）"),
    (r"cash until (\S+) \(yuan of goods at cost, less receipts\)", "资金，到 {0}（货品成本减回款，元）"),
    (r"ad money at (\S+) of sales \(yuan\)", "广告费，费比 {0}（元）"),
    (r"price elasticity (\S+)", "价格弹性 {0}"),
    (r"half of what met an empty shelf last year \((\S+) of sales\)", "去年缺货损失（占销售 {0}）的一半"),
    (
        r"half of what the plan keeps for unborn items; the other half replaces old ones",
        "新品目标的一半；另一半替代老品",
    ),
)
"""Sentences of the levers in Chinese."""


def in_words(code: str, language: Language) -> str:
    """A code or a lever's reason in the language; itself where it has no other name.

    >>> in_words("price elasticity -1.80", "zh")
    '价格弹性 -1.80'
    """
    if code in TARGET_WORDS:
        return TARGET_WORDS[code][0 if language == "zh" else 1]
    if language == "zh":
        for pattern, chinese in REASONS:
            if match := re.fullmatch(pattern, code):
                return chinese.format(*match.groups())
    return code
