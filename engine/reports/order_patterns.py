"""Reasons and notes of the order plan, its feeds and its replay in Chinese."""

from __future__ import annotations

ORDER_PATTERNS: tuple[tuple[str, str], ...] = (
    (r"covers expected demand until (\d{4}-\d\d-\d\d)", "够卖到 {0}"),
    (r"the minimum order of (\d+) decides the size", "按起订量 {0} 件"),
    (r"its share of (\d+) units of (.+), all sizes together", "{1} 各尺码合计 {0} 件中的一份"),
    (r"its share of (\d+) units of (.+), in prepacks", "{1} 按配比装箱，合计 {0} 件中的一份"),
    (r"in whole packs of (\d+)", "整箱，每箱 {0} 件"),
    (r"at the lower price of its quantity", "享受阶梯价"),
    (r"earlier or more than alone, so that (.+) suffices later", "提前或多买，给后面留出{0}"),
    (r"less or later than alone: (.+) is short", "{0}紧张，少买或晚买"),
    (r"moved in time: (.+) is short", "{0}紧张，改了时间"),
    (
        r"((?:cash|inbound capacity|storage room|the supplier's capacity|open-to-buy)(?: and .+)?) and "
        r"(inbound capacity|storage room|the supplier's capacity|open-to-buy|a supplier's share)",
        "{0}和{1}",
    ),
    (
        r"(\d+) SKUs are ordered for longer than their shelf life, (\S+) units for (\S+) yuan in all, because .+: (.+)",
        "{0} 个商品的订货会放过保质期，共 {1} 件、{2} 元，因为起订量更大，或者比勤订、缺货更省：{3}",
    ),
    (
        r"supplier (\S+) gets (\S+) of the purchases of (.+) instead of (\S+) to (\S+): too few .+",
        "供应商 {0} 占{2}采购额的 {1}，而不是 {3} 到 {4}：有第二家供应商的商品太少",
    ),
    (r"stands as in the last plan: its week is frozen", "冻结期内，沿用上次计划"),
    (r"not placed; planned anew", "上次计划未下单，重新计划"),
    (r"new in the plan", "新进入计划"),
    (r"demand is (\S+) units (higher|lower)", "需求比上次{1} {0} 件"),
    (r"stock is (\S+) units (higher|lower) than planned", "库存比上次预计{1} {0} 件"),
    (r"(\S+) units (fewer|more) are on their way", "在途{1}了 {0} 件"),
    (r"the purchase price is (\S+)", "采购价变化 {0}"),
    (r"lead time, pack or minimum order have changed", "到货时间、箱规或起订量有变"),
    (r"moved in time", "改了时间"),
    (r"(.+) is short now", "{0}开始紧张"),
    (r"(.+) is no longer short", "{0}不再紧张"),
    (r"small changes of need make another lot size better", "需求小幅变化，换一个批量更合算"),
    (
        r"(\d+) frozen lines of the last plan fall away: .+",
        "上次计划中有 {0} 行冻结的订货作废：商品或供应商已不在计划内",
    ),
    (r"from a further supplier, who costs less here in all", "由另一家供应商供货，合计更省"),
    (
        r"supplier (\S+): (\d+) orders stay below its minimum of (\S+) yuan, the first in the week from (\S+) with "
        r"(\S+) yuan, .+",
        "供应商 {0}：有 {1} 笔订单低于起订金额 {2} 元，第一笔在 {3} 当周，{4} 元；挪动的代价太大，请商量破例或补货凑单",
    ),
    (
        r"(.+) is short by (\S+) (\S+) before any new order \((\d+) such in all\): nothing new is planned there",
        "不下新单，{0}也差 {1} {2}（同类共 {3} 处）：那里不再新增计划",
    ),
    (r"cash up to the week from (\S+)", "截至 {0} 当周的现金"),
    (r"inbound of (\S+) in the week from (\S+)", "{0} 在 {1} 当周的入库能力"),
    (r"storage of (\S+) in the week from (\S+)", "{0} 在 {1} 当周的仓容"),
    (r"capacity of supplier (\S+) in the week from (\S+)", "供应商 {0} 在 {1} 当周的产能"),
    (r"open-to-buy of (\S+) in the month from (\S+)", "{0} 在 {1} 当月的采购额度"),
    (r"share of supplier (.+) at most (\S+) of all categories", "供应商 {0} 的份额（全部品类不超过 {1}）"),
    (r"share of supplier (.+) at least (\S+) of all categories", "供应商 {0} 的份额（全部品类不低于 {1}）"),
    (r"share of supplier (.+) at most (\S+) of (.+)", "供应商 {0} 的份额（{2}不超过 {1}）"),
    (r"share of supplier (.+) at least (\S+) of (.+)", "供应商 {0} 的份额（{2}不低于 {1}）"),
    (r"service levels instead of the cost of a lost sale, SKUs: (.+)", "按服务水平代替缺货成本，各类（商品数）：{0}"),
    (
        r"supplier (\S+): the smallest order of (\d+) SKUs exceeds its weekly capacity of (\S+) units, nothing can be "
        r"ordered there: (.+)",
        "供应商 {0}：{1} 个商品的起订量超过其周产能 {2} 件，无法在那里下单：{3}",
    ),
    (
        r"pre-sale: (\S+) of (\S+) units with a deposit are expected to be paid in full and are kept ready for (\d+) "
        r"SKUs",
        "预售：{1} 件已付定金，预计 {0} 件付尾款，已为 {2} 个商品留货",
    ),
    (r"no purchase price: add it to supply_terms or skus", "没有采购价：请补到 supply_terms 或 skus 表"),
    (r"the lead time reaches beyond the planning horizon", "到货时间超出计划期"),
    (r"the smallest order \(pack or minimum\) exceeds a year's demand", "起订量或一箱超过一年的需求"),
    (r"the smallest order exceeds the weekly inbound capacity of the warehouse", "起订量超过仓库一周的入库能力"),
    (r"the smallest order exceeds the weekly capacity of the supplier", "起订量超过供应商的周产能"),
    (
        r"its size ratio is blank or zero, so that no prepack of its style or colour holds it",
        "尺码配比为空或为零，配比箱里没有它",
    ),
    (r"the size ratio of its style or colour adds up to zero", "同款（同色）的尺码配比合计为零"),
    (r"(\d+) SKUs with (.+) \((.+)\)", "{0} 个商品{1}（{2}）"),
    (r"a size ratio, but the minimum order is stated by SKU: .+", "有尺码配比，但起订量按单品：配比不用"),
    (
        r"minimum by style or colour, but no spu .+: asked of each alone",
        "的起订量按款或按色，但没有款号或颜色：按单品起订",
    ),
    (
        r"(\d+) styles or colours whose sizes come from different suppliers: .+ \((.+)\)",
        "{0} 个款（色）的尺码来自不同供应商：起订量按各供应商的尺码分别计（{1}）",
    ),
    (
        r"(\d+) styles or colours whose sizes state different (.+): .+ \((.+)\)",
        "{0} 个款（色）各尺码的{1}不同：起订量和到货天数取最大，箱规取公倍数（{2}）",
    ),
    (
        r"(\d+) further suppliers of styles or colours are left out: .+",
        "{0} 个款（色）的备选供应商不用：不能按同一起订量供齐尺码",
    ),
    (
        r"the first batch of (\d+) SKUs is below the smallest order, which is taken: (.+)",
        "{0} 个商品的首批试销件数低于起订量，按起订量：{1}",
    ),
    (r"no supplier: add the SKU to supply_terms", "没有供应商：请把商品补到 supply_terms 表"),
    (r"the purchase price is zero, negative or missing", "采购价为零、为负或缺失"),
    (r"the unit cost is zero or negative", "成本价为零或为负"),
    (r"not planned: (\d+) SKUs, (.+) \((.+)\)", "未能计划 {0} 个商品：{1}（{2}）"),
    (
        r"supply_for: (\S+) yuan of the targets have no forecast .+: (.+)",
        "目标里有 {0} 元没有可放大的预测，没有备货：{1}",
    ),
    (r"supply_for: (\S+) yuan of the targets lie beyond .+: (.+)", "目标里有 {0} 元超出预测太多，没有备货：{1}"),
    (r"supply_for: \S+, but there are no targets: .+", "没有目标：按预测备货"),
    (r"open_to_buy: targets, but there are no targets: .+", "没有目标：采购不受采购预算限制"),
    (
        r"(\d+) SKUs earn less than (\S+) of their cost a unit at the planned price and .+: (.+)",
        "{0} 个商品按计划售价每件赚不到成本的 {1}，按赚这么多备货：{2}",
    ),
    (r"the plan orders nothing: .+", "方案不下单：回放只看现有库存能做什么"),
    (r"(\d+) items without net revenue count by .+", "{0} 个商品没有净收入：只计持有成本和缺货损失"),
    (r"no demand is expected for any item", "没有商品预计有需求"),
    (r"the order plan holds no items: .+", "补货计划里没有商品：没有可回放的内容"),
)
"""Expression -> Chinese, where ``{0}`` is what the first bracket held."""
