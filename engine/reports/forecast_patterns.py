"""Notes of forecast, overrides, scenarios and stock network in Chinese."""

from __future__ import annotations

FORECAST_PATTERNS: tuple[tuple[str, str], ...] = (
    (
        r"(\d+) sku x channel pairs are known for less than (\d+) weeks: .+",
        "{0} 个商品×渠道的历史不足 {1} 周：主要参照所属类目",
    ),
    (r"nothing was sold in the whole history: .+", "历史上没有任何销售：预测为零"),
    (r"(\d+) sku x channel pairs never sold: .+", "{0} 个商品×渠道从未卖出：预测接近零"),
    (
        r"(\d+) sku x channel pairs have gaps of (\d+) weeks or more, the longest of (\d+) weeks: .+",
        "{0} 个商品×渠道的数据中断 {1} 周以上，最长 {2} 周：按未知处理，不当作没有需求",
    ),
    (r"(\d+) sku x channel pairs have no price: .+", "{0} 个商品×渠道没有价格：不算金额，也不算价格影响"),
    (r"(\d+) sku x channel pairs have ended or .+", "{0} 个商品×渠道已下架，或最后一天没有数据"),
    (
        r"(\d+) sku x channel pairs are yet to be launched: .+",
        "{0} 个商品×渠道尚未上新：参照相似商品的上新表现预测",
    ),
    (
        r"(\d+) (\S+) of (\d+) sku x channel pairs are excluded on request: .+",
        "按要求排除 {2} 个商品×渠道的 {0} {1}：每周预测不用这些数据",
    ),
    (r"(\d+) rows of sales repeat a day, SKU and channel: .+", "销售表有 {0} 行日期、商品、渠道重复：件数已相加"),
    (
        r"(\d+) rows of sales have more units cancelled than paid: .+",
        "销售表有 {0} 行取消件数多于付款件数：按没有成交处理",
    ),
    (r"there are no prices: .+", "没有价格：不算金额，也不算价格影响"),
    (
        r"(\d+) announced promotions of sku x channel pairs come without a lower price: .+",
        "{0} 个商品×渠道的预告活动没有给出更低的价格：按以往活动的效果计",
    ),
    (
        r"prices moved too little to tell the elasticity: .+ of (\S+)",
        "价格变动太少，看不出弹性：调价模拟按假定的弹性 {0} 计算",
    ),
    (
        r"the history cannot tell whether these raise demand at all: (.+)",
        "历史数据看不出这些活动是否提升需求：{0}",
    ),
    (r"the history cannot tell (.+): none is assumed, or little", "历史数据看不出{0}：按没有或很小的影响处理"),
    (r"whether promotions take sales from their category or bring it some", "活动是抢走还是带动同类目的销售"),
    (r"whether promotions bring demand forward", "活动是否提前消耗了后面的需求"),
    (
        r"whether a platform's part of a discount works otherwise than the merchant's",
        "平台承担的优惠与商家承担的优惠效果是否不同",
    ),
    (
        r"live streams made (\S+) of the units lately: .+",
        "近期直播占销量的 {0}：往后只计入已经排期的直播",
    ),
    (
        r"history of (\d+) weeks allows (\d+) of (\d+) backtest origins; .+",
        "历史 {0} 周，只够做 {2} 次回测中的 {1} 次：准确度和不确定性了解得较少",
    ),
    (
        r"the simple yardstick (\S+) was better at past origins .+",
        "过去几次对照中简单方法“{0}”比模型更准",
    ),
    (r"(override \S+ \(.+\)) changes nothing: (.+)", "{0}没有作用：{1}"),
    (r"its days are not forecast yet at this level", "这些日期在该层级还没有预测"),
    (r"nothing that is forecast fits it", "没有符合条件的预测"),
    (r"(.+): (\S+) of its days are forecast; .+", "{0}：只有 {1} 的日期有预测，按比例计入"),
    (r"(.+) takes away more than there is: .+", "{0}减得比原有的还多：该层级按 0 预测"),
    (r"override (\d+) \((.+)\)", "人工调整 {0}（{1}）"),
    (r"(\S+): no past event day has figures of the same hours, .+", "{0}：以往大促没有同时段的数据，预测不变"),
    (r"ended, or nothing was reported on the last day: (.+)", "已下架，或最后一天没有数据：{0}"),
    (r"nothing is expected to sell", "预计没有销售"),
    (r"no response to ads is known .+", "还没有广告响应（`yunchou budget`）：广告带来的销售算在基础销量里"),
    (r"prices stay as announced: .+", "价格按已预告的不变：活动若有降价，请写在 price: 下"),
    (
        r"(.+): (\d+) sku x channel pairs have no known price and stay as they are",
        "{0}：{1} 个商品×渠道没有已知价格，保持不变",
    ),
    (r"(.+): no lift of (.+) is known there, so it changes nothing", "{0}：{1} 在那里的效果未知，因此没有变化"),
    (r"no region_shares or lanes: all demand is served from (.+)", "没有 region_shares 或 lanes：全部需求由 {0} 发货"),
    (r"no region_shares for (.+): served from (.+)", "{0} 没有 region_shares：由 {1} 发货"),
)
"""Expression -> Chinese, where ``{0}`` is what the first bracket held."""
