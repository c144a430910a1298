"""Sentences of the long run, the targets and their progress in Chinese: expression -> text, as in :mod:`.labels`."""

from __future__ import annotations

TARGET_PATTERNS: tuple[tuple[str, str], ...] = (
    (r"targets: left aside: (\S+) \((.+)\): (.+)", "搁置的目标：{0}（{1}）：{2}"),
    (r"targets: left aside: (.+): (.+)", "搁置的目标：{0}：{1}"),
    (
        r"targets: these are proposed; budget, orders and reports go by version (\d+), approved by (.+) on (\S+)",
        "这版目标还没批准；预算、采购和报表按第 {0} 版（{1} 于 {2} 批准）",
    ),
    (
        r"(\S+): within the weekly forecast, whose weeks keep it as announced",
        "{0} 在周预测范围内：这几周仍按已公布的日历",
    ),
    (
        r"(.+): the season holds part of what came every year, .+",
        "{0}：每年都在同一时候的活动，一部分效果已算进季节，改动的影响只是粗略估计，多半偏小",
    ),
    (r"shares above 100 %", "份额合计超过 100%"),
    (r"nothing is sold in this (channel|category|month)", "这个{0}没有销售"),
    (r"does not happen in the year", "当年没有这个活动"),
    (r"min_yuan is above max_yuan", "min_yuan 大于 max_yuan"),
    (r"min_growth is above max_growth", "min_growth 大于 max_growth"),
    (r"had no sales in the base year", "基准年没有销售"),
    (r"first_month is after last_month", "first_month 晚于 last_month"),
    (r"a market share needs the size of the market", "市场份额目标需要市场规模"),
    (r"a launch without date", "新品没有上市月份"),
    (r"is no price band", "不是价格带（最低，最高）"),
    (r"is not launched in the year of the targets", "不在目标年上市"),
    (r"targets: soft goal missed by (.+) yuan: (.+)", "软目标差 {0} 元没有达到：{1}"),
    (r"targets: (\d+) SKUs without a forecast get no target yet: (.+)", "{0} 个商品没有预测，暂时没有目标：{1}"),
    (
        r"targets: (\d+) cells have no SKU with a forecast; they stand under (.+)",
        "{0} 个格子（月份×渠道×品类）没有可预测的商品，归入{1}",
    ),
    (
        r"targets: SKU bounds had to give by (.+) yuan in (\d+) cells",
        "单品上下限在 {1} 个格子里放宽了 {0} 元，否则加不平",
    ),
    (
        r"targets: no unit costs: goods are taken as (.+) of sales without VAT",
        "没有成本价：货品成本按不含税销售的 {0} 估计",
    ),
    (
        r"targets: the base year (\d+) has sales or a forecast in only (\d+) of 12 months; .+ \(factor (.+)\)",
        "基准年 {0} 只有 {1} 个月有数据：按预测的季节折算成全年（系数 {2}）再算增长",
    ),
    (
        r"targets: (\d+) months of history: no year could be held out, .+",
        "历史只有 {0} 个月：没有可留出检验的一年，达成概率用默认的增长不确定性，节日效果也只见过一两次",
    ),
    (r"targets: (.+) yuan of new products found no room", "新品有 {0} 元放不下（类目里没有空间）"),
    (
        r"targets: the goals bend the year: (.+) against the forecast; loosen what asks for it: (.+)",
        "目标把年度节奏扭得很厉害：{0}（对比预测）；起作用的目标：{1}，可考虑放宽",
    ),
    (
        r"targets: out of reach by supply of (.+): needs (.+), there are ([\d,]+)\. .+",
        "供应不够：{0}，需要 {1}，只有 {2}。换或加供应商、提前下单，或调低目标",
    ),
    (
        r"targets: out of reach by parcels in (.+): needs (.+), there are ([\d,]+)\. .+",
        "发货能力不够：{0} 需要 {1} 个包裹，只能发 {2} 个。增加发货能力，或把峰值摊开",
    ),
    (
        r"targets: out of reach by cash until (\S+) .+: needs (.+), there are ([\d,]+)\. .+",
        "资金不够：到 {0} 需要 {1} 元，只有 {2} 元。提前备好资金、争取账期，或调低此前目标",
    ),
    (
        r"targets: out of reach by ad money at (.+) of sales \(yuan\): needs (.+), there are ([\d,]+)\. .+",
        "广告费不够：按费比 {0} 需要 {1} 元，只有 {2} 元。增加预算，或提高效率（见 yunchou bridge）",
    ),
    (
        r"targets: the planned weeks are expected to sell (.+) of (.+) yuan",
        "预算这几周预计成交 {0} 元，目标 {1} 元",
    ),
    (
        r"targets: the planned weeks are expected to sell (.+) of (.+) yuan; (.+) yuan more of ads would close the gap",
        "预算这几周预计成交 {0} 元，目标 {1} 元；再加 {2} 元广告费可以补上缺口",
    ),
    (
        r"targets: the planned weeks are expected to sell (.+) of (.+) yuan; (.+) yuan more of ads would add (.+) yuan "
        r"and not close the gap",
        "预算这几周预计成交 {0} 元，目标 {1} 元；再加 {2} 元广告费只能多卖 {3} 元，补不上缺口",
    ),
    (
        r"budget\.follow_targets, but there are no targets: .+",
        "budget.follow_targets 要用目标，但还没有目标：请先运行 targets",
    ),
    (
        r"behind target: total (.+) has (.+) of its target to date, (.+) yuan short; .+ bring (.+) times its plan, "
        r"chance of the year (.+)",
        "落后于目标：{0} 全店到今天完成 {1}，差 {2} 元；剩下的日子要做到原计划的 {3} 倍，全年达成概率 {4}",
    ),
    (
        r"behind target: (?:channel|category) (.+) has (.+) of its target to date, (.+) yuan short; .+ bring (.+) "
        r"times its plan, chance of the year (.+)",
        "落后于目标：{0} 到今天完成 {1}，差 {2} 元；剩下的日子要做到原计划的 {3} 倍，全年达成概率 {4}",
    ),
    (
        r"year-end draws are those of the plan of (\S+), .+ until (\S+)",
        "年末预测：以 {0} 的计划为底，用到 {1} 的实际销售更新",
    ),
    (r"the year has not begun: .+", "目标年还没开始：暂时没有可比的实际"),
    (r"these targets were set on data until (\S+): .+", "这版目标用到了 {0} 的数据：当日的概率已经“看到”后来的事"),
    (r"sales are known until (\S+) only", "销售数据只到 {0}"),
    (r"(\S+) (\S+): (\S+) -> (\S+) yuan since it was closed", "{0} {1} 结账后变动：{2} 元 → {3} 元"),
    (r"long run: no amounts and no prices, .+", "长期预测：没有金额和价格，各月只有件数"),
    (
        r"long run: (\d+) weeks of history: season and growth cannot be told apart .+",
        "长期预测：历史只有 {0} 周，不足两年，季节和增长分不太清",
    ),
    (
        r"long run: (\d+) weeks of history: months hold no season, .+",
        "长期预测：历史只有 {0} 周，各月没有季节，只有近期水平和节日",
    ),
    (r"long run: nothing was sold in the last year; .+", "长期预测：最近一年没有销售，先沿用近期预测，之后为 0"),
    (
        r"long run: over the weeks that both cover, the near forecast is (.+) of the forecast of the totals; .+",
        "长期预测：在两者都覆盖的几周里，近期预测是总量预测的 {0}；之后的月份回到后者，用全年增长前请两边都看看",
    ),
)
