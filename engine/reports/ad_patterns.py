"""Notes of the response and the ad budget in Chinese."""

from __future__ import annotations

AD_PATTERNS: tuple[tuple[str, str], ...] = (
    (
        r"the gain over today is shown at (\S+) of its estimate: .+",
        "比今天多得的部分只按估计的 {0} 计：用一半历史挑方案、另一半历史打分，只剩这么多",
    ),
    (
        r"live streams (.+): signed for the objective, though they are expected to lose money",
        "直播 {0}：按当前目标（如成交额）值得签，但预计亏钱",
    ),
    (r"live streams (.+): no price, cost or sales of what they show, .+", "直播 {0}：没有价格、成本或销量，无法评估"),
    (r"margin of (\S+) before ads, from costs, returns and fees", "广告前贡献率 {0}（按成本、退货、费用计算）"),
    (
        r"no unit costs or no revenue: a margin of (\S+) is assumed, .+",
        "没有成本或成交额：假定贡献率 {0}，可在 budget.margin_rate 设置",
    ),
    (
        r"ad channel (.+) had no spend in the last 13 weeks and may get money all the same: .+",
        "广告渠道 {0} 近 13 周没有花费，但方案可能给它钱：不想投就在 budget.channels 里把 max_week_yuan 设为 0",
    ),
    (
        r"ad channel (.+) had no spend in the last 13 weeks and stays off, as change_limit allows .+",
        "广告渠道 {0} 近 13 周没有花费，change_limit 只许按现在的花费增减，所以保持关闭：要投就在 budget.channels "
        "里写上它",
    ),
    (
        r"ad channel (.+) had no spend in the last 13 weeks and stays off, as (.+) allow multiples of .+",
        "广告渠道 {0} 近 13 周没有花费，{1} 只许按花过的钱的倍数投，所以保持关闭：要投就在 budget.channels 里给它 "
        "min_week_yuan",
    ),
    (
        r"media ends on (\S+), (\d+) days before the sales: ads are learned up to (\S+), .+",
        "投放数据（media）只到 {0}，比销售早 {1} 天：广告只学到 {2}，“今天的花费”取之前各周，之后花的钱没有计入"
        "（本季已花也不含）：请补齐缺的日子；确实没投的填 0",
    ),
    (
        r"ad channel (.+) has no rows after (\S+) while others have: .+",
        "广告渠道 {0} 在 {1} 之后没有投放记录，而其他渠道有：按没有花费处理；如果还在投，请补齐",
    ),
    (
        r"pre-sale: (\S+) yuan count in the week of their deposit, .+; (\S+) of them are balances still expected",
        "预售：{0} 元成交记在付定金的那一周（算给当周的广告），其中 {1} 元是预计还会付的尾款",
    ),
    (
        r"(\d+) event days are not split by hours: no earlier day of their kind is told by the hour .+",
        "{0} 个活动日没有分时预算：以往没有同类活动日的分时数据（event_progress 的 units_paid）",
    ),
    (
        r"lifetime: a new customer pays (\S+) yuan for later orders within (\S+) days, as far as told",
        "新客长期价值：首单后 {1} 天内平均再付 {0} 元（只按订单里看得到的计）",
    ),
    (
        r"lifetime: orders tell no later orders of new customers: first orders alone count",
        "新客长期价值：订单里看不到新客的后续购买，只算首单",
    ),
    (
        r"new customers by ad channel: first orders ever seen, from (\S+) on; in the first (\d+) weeks of orders .+",
        "各广告渠道的新客：按 {0} 起能看到的首单算；订单最初 {1} 周只用来认老客（否则老客会被当成新客）",
    ),
    (
        r"new customers count alike for all ads of a sales channel: no paid orders with customer_id and amounts; .+",
        "同一销售渠道的广告新客占比按一样算：没有带 customer_id 和金额的已付订单（至少要 39 周）",
    ),
    (
        r"new customers count alike for all ads of a sales channel: orders and ads tell customers of (\d+) weeks; .+",
        "同一销售渠道的广告新客占比按一样算：带 customer_id 的订单和广告只有 {0} 周（至少要 39 周）",
    ),
    (
        r"(\S+) yuan of the quarter are spent; (\S+) are left for (\d+) weeks, (\S+) a week",
        "本季已花 {0} 元，剩 {1} 元，还有 {2} 周，每周 {3} 元",
    ),
    (r"moves together with (.+): the two cannot be told apart", "总与{0}同涨同落，两者分不开"),
    (
        r"(.+): whole-site tools report organic .+",
        "{0}：全站推广会算进自然成交，这里只用它的花费；它按目标投产比投放，花费到不了计划就调低目标，超出就调高",
    ),
    (
        r"(\d+) weeks of history: season and ads cannot be told apart, .+",
        "历史只有 {0} 周：分不清季节和广告，曲线仅供参考",
    ),
    (
        r"ad channel (.+): an ROI of (\S+) to (\S+) was believed, with the data it is (\S+) to (\S+): .+",
        "{0}：事先认为 ROI 在 {1} 到 {2} 之间，看了数据是 {3} 到 {4}：两者必有一错",
    ),
    (
        r"ad channel (.+) also lifts (.+), which is not named for it: "
        r"it gets (\S+) of its lift \(90 %: (\S+) to (\S+)\), .+",
        "{0} 还带动没有写明的 {1}（外溢）：{1} 得到它带来成交的 {2}（90%：{3} 到 {4}），方案按此计算",
    ),
    (r"ads seem to bring (.+) of revenue, which is hard to believe", "广告似乎带来成交的 {0}，难以置信"),
    (r"the curves have not settled \(R-hat (.+)\): .+", "曲线尚未收敛（R-hat {0}）：区间请谨慎看待"),
    (r"the curves rest on (.+) effective draws: .+", "曲线的有效样本只有 {0} 个：区间请谨慎看待"),
    (
        r"ads are fitted by week, though budget\.by is day: the spend of (.+) is given by week",
        "budget.by 设为按天，但 {0} 的花费是按周给的：广告仍按周拟合，请按天提供投放数据",
    ),
    (
        r"ads are fitted by week, though budget\.by is day: sales are given by week",
        "budget.by 设为按天，但销售是按周给的：广告仍按周拟合",
    ),
    (
        r"ads are fitted by week, though budget\.by is day: nothing is sold on (.+) of the days",
        "budget.by 设为按天，但有 {0} 的日子没有成交：广告仍按周拟合",
    ),
    (r"no sales at all in (.+) of (.+) days: .+", "{1} 天中有 {0} 天完全没有销售：按记录缺失处理，不用来判断广告"),
    (r"no sales at all in (.+) of (.+) weeks: .+", "{1} 周中有 {0} 周完全没有销售：按记录缺失处理，不用来判断广告"),
    (
        r"ad channel (.+) spent (\S+) of all its money in week (\d+) of (\d+): .+",
        "{0} 全部花费的 {1} 落在第 {2} 周（共 {3} 周）：请核对该数字，它也会影响对其他渠道的判断",
    ),
    (
        r"a known cause beside the ads moves exactly as ad channel (.+): .+",
        "广告之外的一个已知因素与 {0} 的花费完全同步：两者的影响分不开",
    ),
    (r"ad channel (.+) ran in (.+) weeks only: .+", "{0} 只投放过 {1} 周：当周其他因素的影响无法与其效果区分"),
    (
        r"knowing the ads does not help to foresee the last (\d+) weeks \(error (.+) against (.+) without\)",
        "知道广告花费也没有让最后 {0} 周的预测更准（误差 {1}，不看广告 {2}）",
    ),
    (
        r"a made-up channel like (.+) is credited with (.+) of revenue or more: .+",
        "虚构一个类似 {0} 的渠道也被算作带来至少 {1} 的成交：其他数字也要打折扣看",
    ),
    (r"(\d+) lift tests of (.+) lie in part outside .+", "{1} 有 {0} 个增量实验只有一部分在历史之内：不采用"),
    (
        r"ad channel (.+) seems to work late \((.+)\): carry .+",
        "{0} 的效果似乎来得晚（{1}）：可在 budget.response 中把它的 carry 设为 delayed、weibull 或 auto",
    ),
    (r"moves together with (.+): they cannot be told apart", "花费由{0}一起决定，逐个分不开，只能合在一起看"),
    (
        r"ad channel (.+) works (?:delayed|weibull): its weeks are sought .+ mean lag of (\S+) weeks, .+",
        "{0} 的效果来得晚：排期时按平均滞后相同（{1} 周）的几何衰减来找，最后按它自己的滞后计分",
    ),
    (
        r"(.+): media tells no clicks: its spend stands .+",
        "{0}：media 没有点击数，用它的花费代替；花费也随它自己的预算变动",
    ),
    (r"what (.+) brings through (.+) cannot be told: .+", "{0}经由{1}带来多少：数据说明不了"),
    (
        r"(.+) brings (\S+) to (\S+) yuan a yuan through (.+), for clicks that cost (\S+) yuan there: .+",
        "{0}每花 1 元，经由{3}带来 {1} 至 {2} 元成交，这些点击在{3}另花 {4} 元：它已算在{3}的 ROI 里，不要再加一次；"
        "在真值已知的模拟店铺上只找出约一半，没有这种效果时也会报出一点。预算分配只计直接效果",
    ),
    (r"ad channel (.+) never ran: .+", "{0} 从未投放：按没有效果处理"),
    (r"ad channel (.+) always spends the same: .+", "{0} 花费一直不变：看不出效果，按经验估计"),
    (
        r"no orders with customer_id and amount_paid_fen: new customers cannot be an objective",
        "订单没有 customer_id 或 amount_paid_fen：不能以新客为目标",
    ),
    (r"(.+), upper limit of a week", "{0}：单周上限"),
    (r"(.+), lower limit of a week", "{0}：单周下限"),
    (r"ad channel (.+), upper limit", "{0}：本季上限"),
    (r"ad channel (.+), lower limit", "{0}：本季下限"),
    (r"terms of (.+?)(?:, (?:upper|lower) limit)?", "{0}：合同门槛"),
    (
        r"the gain over today is shown as estimated: .+",
        "比今天多赚的按估计显示：历史太短或太平，无法用前后两半互相检验",
    ),
)
"""Expression -> Chinese, where ``{0}`` is what the first bracket held."""
