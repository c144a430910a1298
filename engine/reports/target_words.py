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
    "target_fen": ("全年目标（元）", "target (yuan)"),
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
}
"""By column or code."""

REASONS: tuple[tuple[str, str], ...] = (
    (r"response curve of the ad budget at today's prices of ads", "按广告响应曲线，以当前投放价格计"),
    (r"(\S+) more, as in the best quarter of the channel's own months", "提升 {0}，即该渠道最好的四分之一月份的水平"),
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
