"""Texts of the reports: key -> (Chinese, English)."""

from __future__ import annotations

from engine.reports.ad_words import AD_TEXTS
from engine.reports.review_words import REVIEW_TEXTS

Text = tuple[str, str]

TEXTS: dict[str, Text] = {
    "title": ("经营计划", "Business plan"),
    "subtitle": ("{merchant} · 数据截至 {as_of}", "{merchant} · data up to {as_of}"),
    "made_by": ("由运筹 (Yunchou) 生成", "made by Yunchou"),
    "summary_head": ("五句话看懂", "In five sentences"),
    "notes_head": ("说明与提醒", "Notes"),
    "no_notes": ("没有需要提醒的事项。", "Nothing to point out."),
    # the health page
    "health_title": ("数据体检", "Health of the data"),
    "health_until": ("销售数据 {first} 至 {last}", "sales from {first} to {last}"),
    "health_verdict_error": (
        "有错误：相关计划会出错。请先处理红色各项，再生成计划。",
        "There are errors: plans built on them are wrong. Mend the red ones before planning.",
    ),
    "health_verdict_warning": (
        "没有错误，但有存疑之处：计划可以生成，请逐项确认下面的提醒。",
        "No errors, but doubts: plans can be made; look through the warnings below.",
    ),
    "health_verdict_good": ("数据健康，可以直接生成计划。", "The data is sound; plans can be made."),
    "health_todo": ("需要处理", "What to do"),
    "health_effect": ("影响", "Effect"),
    "health_remedy": ("怎么办", "Remedy"),
    "health_coverage": ("数据覆盖", "What was given"),
    "health_timeline": (
        "每张表覆盖的日期，空白处没有数据；红色虚线是最后一天销售。",
        "Days that each table covers, blank where there is nothing; the dotted line is the last day of sales.",
    ),
    "health_data": ("数据", "data"),
    "health_notes": ("说明", "Notes"),
    "health_head_table": ("表", "table"),
    "health_head_rows": ("行数", "rows"),
    "health_head_first": ("最早", "first"),
    "health_head_last": ("最晚", "last"),
    "level_error": ("错误", "error"),
    "level_warning": ("提醒", "warning"),
    "level_note": ("说明", "note"),
    "total": ("合计", "Total"),
    "all_channels": ("全部渠道", "all channels"),
    # the five sentences
    "sells": (
        "未来 {weeks} 周预计成交 {mean}（八成把握在 {low}至 {high}之间）{yoy}；{channel}占 {share}，是最大的渠道。",
        "The next {weeks} weeks should bring {mean} (80 % sure: {low} to {high}){yoy}; {channel} is the largest "
        "channel with {share}.",
    ),
    "sells_yoy": (
        "，比去年同期 {change}（不含还没建档的新品和没排期的直播）",
        ", {change} on the same weeks a year ago (new items and live streams not announced yet are left out)",
    ),
    "target": (
        "{span}目标 {target}，比预测 {gap}{yoy}；平台规则不变时，达成的把握是 {probability}。",
        "The target for {span} is {target}, {gap} against the forecast{yoy}; with unchanged platform rules it is "
        "reached with a probability of {probability}.",
    ),
    "target_yoy": ("，比上年 {change}", ", {change} on the year before"),
    "target_unsure": (
        "{span}目标 {target}，比预测 {gap}{yoy}。",
        "The target for {span} is {target}, {gap} against the forecast{yoy}.",
    ),
    "buys": (
        "未来 {weeks} 周向 {suppliers} 家供应商采购 {units}、{cost}，其中 {first_week} 这一周下单 {first_lines} 行、"
        "{first_cost}{cash}。",
        "Over the next {weeks} weeks buy {units} for {cost} from {suppliers} suppliers; {first_lines} lines worth "
        "{first_cost} are ordered in the week of {first_week}{cash}.",
    ),
    "buys_nothing": ("未来 {weeks} 周不需要采购。", "Nothing needs to be bought over the next {weeks} weeks."),
    "buys_cash": (
        "；付款最多用到资金上限的 {share}（{week} 这一周）",
        "; payments use at most {share} of the cash limit (week of {week})",
    ),
    "buys_unplanned": ("；另有 {count} 个商品未能计划", "; SKUs not planned: {count}"),
    "ads": (
        "广告总额 {total}：{moves}；预计比现在的分法{gain} {mean}（九成区间 {low}至 {high}）。",
        "Ads, {total} in all: {moves}; compared with today's split this should {gain} {mean} (90 %: {low} to {high}).",
    ),
    "ads_unsure": (
        "广告总额 {total}：{moves}；但历史还说不准这比现在的分法好（估计{gain} {mean}，九成区间 {low}至 {high}）："
        "先小步调整，或做一次投放测试。",
        "Ads, {total} in all: {moves}; the history cannot yet tell that this beats today's split (it should {gain} "
        "{mean}, 90 %: {low} to {high}): move in small steps, or run a lift test.",
    ),
    "ads_gain": ("多赚", "earn"),
    "ads_lose": ("少赚", "lose"),
    "ads_keep": ("维持现在的分法", "keep today's split"),
    "ads_move": (
        "减得最多的是{source}（{out}），加得最多的是{target}（{into}）",
        "{source} gives up most ({out}), {target} gains most ({into})",
    ),
    "ads_up": ("加得最多的是{target}（{into}）", "{target} gains most ({into})"),
    "ads_down": ("减得最多的是{source}（{out}）", "{source} gives up most ({out})"),
    "good": (
        "可信度：{proofs}。",
        "How good it is: {proofs}.",
    ),
    "good_gap": (
        "采购方案离理论最优最多差 {gap}",
        "the purchase plan is at most {gap} from the best possible",
    ),
    "good_optimal": (
        "采购方案在模型内已证明最优（差距不到 0.01%）",
        "the plan is proven best within its model (gap < 0.01 %)",
    ),
    "good_replay_even": (
        "在方案没见过的需求上回放，与调优过的补货规则不相上下（{sign} {gain}，95% 区间 {low}至 {high}）{fill}",
        "replayed on demand it has not seen, it does as well as the tuned reorder rule ({gain} {sign}, 95 %: {low} to "
        "{high}){fill}",
    ),
    "good_replay": (
        "在方案没见过的需求上回放，比调优过的补货规则{sign} {gain}（95% 区间 {low}至 {high}）{fill}",
        "replayed on demand it has not seen, it earns {gain} {sign} than the tuned reorder rule (95 %: {low} to {high})"
        "{fill}",
    ),
    "good_fill": ("，现货率 {plan} 对 {rule}", ", fill rate {plan} against {rule}"),
    "good_backtest": ("预测误差比最好的简单方法低 {gain}", "forecast error {gain} below the best simple method"),
    "good_backtest_worse": ("预测误差比最好的简单方法高 {gain}", "forecast error {gain} above the best simple method"),
    "good_nothing": ("还没有可以对照的结果", "nothing to compare with yet"),
    "more": ("多赚", "more"),
    "less": ("少赚", "less"),
    # what is missing
    "missing_forecast": (
        "没有预测：请提供 sales（销售）表，至少 8 周；prices（价格）和 events（活动日历）会让预测更准。",
        "No forecast: give the table sales, at least 8 weeks; prices and events make it better.",
    ),
    "missing_targets": (
        "没有年度目标：需要预测（sales 表最好有一年以上，并带支付金额），并在 plan.yaml 的 run 里列出 targets。",
        "No targets: they need a forecast (a year or more of sales with amounts) and targets under run in plan.yaml.",
    ),
    "missing_budget": (
        "没有广告预算：请提供 media（广告投放）表，按天、按广告渠道的花费；lift_tests（增量实验）会让结论更可靠。",
        "No ad budget: give the table media, spend by day and ad channel; lift_tests make it more reliable.",
    ),
    "missing_orders": (
        "没有补货计划：请提供 inventory（库存）和 supply_terms（供货条件）表，或在 plan.yaml 里写 supply_defaults。",
        "No orders: give the tables inventory and supply_terms, or supply_defaults in plan.yaml.",
    ),
    "missing_replay": (
        "没有回放对比：它需要补货计划；请在 plan.yaml 的 run 里列出 simulate。",
        "No replay: it needs an order plan; list simulate under run in plan.yaml.",
    ),
    "missing_funnel": (
        "没有转化漏斗：请提供 traffic（流量）表，含曝光、点击、访客、加购和支付买家数。",
        "No funnel: give the table traffic with exposure, clicks, visitors, carts and buyers.",
    ),
    "missing_last_year": (
        "没有上年数：sales（销售）表需要覆盖上一年并带支付金额。",
        "No year before: the table sales needs a year of history with amounts.",
    ),
    # charts
    "chart_forecast": ("预测与实际", "Forecast and actual"),
    "caption_forecast": (
        "每周{what}：深色是实际，蓝色是预测，浅蓝色带是八成把握的范围；灰底是大促。按钮可以切换渠道。",
        "{what} a week: actual in dark, forecast in blue, the band holds with 80 %; shaded: "
        "shopping festivals. The buttons choose the channel.",
    ),
    "chart_targets": ("年度目标", "Targets"),
    "caption_targets": (
        "每月成交额：上年、预测和目标。浅色的上年柱子是还没有发生、用预测补上的月份。",
        "Revenue a month: the year before, forecast and target. Pale bars of the year before have not happened yet and "
        "are forecast.",
    ),
    "chart_response": ("广告渠道的回报", "Return of the ad channels"),
    "caption_response": (
        "每周花费带来的增量成交额（浅色带：九成区间）。灰点是今天的花费，绿点是计划；曲线变平的地方，多花钱不再多卖货。",
        "Incremental revenue by weekly spend (band: 90 %). Grey: today, green: plan. Where the curve is flat, more "
        "spend no longer sells more.",
    ),
    "chart_frontier": ("多花一点，能多卖多少", "What other budgets would buy"),
    "caption_frontier": (
        "横轴是预算，绿线是增量成交额（色带 90%），灰线是扣除货、费、退货和广告后的贡献；每个点都是最优分法。",
        "By budget: incremental revenue (green, band: 90 %) and contribution after goods, fees, returns and ads "
        "(grey), each point split as well as it can be.",
    ),
    "chart_spend": ("广告花在哪里", "Where the ad money goes"),
    "caption_spend": (
        "整个计划期内各渠道的花费：今天的分法和计划。右侧是计划下的边际 ROI（九成区间）：再多花 1 元能多带来几元成交。",
        "Spend by channel over the plan: today's split and the plan. At the right the marginal return of the plan "
        "(90 %): revenue from one more yuan.",
    ),
    "chart_replay": ("库存、现货率与周转：方案对规则", "Stock, fill rate and turnover: plan against rule"),
    "caption_replay": (
        "在方案没见过的需求和到货时间上逐周回放；色带是九成路径的范围；周转天数按近四周的销量折算。",
        "Replayed week by week on demand and lead times the plan has not seen; bands hold 90 % of the paths; turnover "
        "by the sales of four weeks.",
    ),
    "chart_cash": ("采购付款与资金", "Purchase payments and cash"),
    "caption_cash": (
        "上：累计付款；虚线是截至当周可用于采购的资金上限。下：每周要付给供应商的钱（按付款条件）。",
        "Above: paid so far; dashed: cash available up to that week. Below: paid to suppliers each week.",
    ),
    "chart_funnel": ("购买漏斗", "Purchase funnel"),
    "caption_funnel": (
        "最近四周的日数据相加（同一访客在不同日子会重复计数）；右图是访客到支付的转化率。",
        "The last four weeks, days added up (a visitor counts again on another day); right: visitors who paid.",
    ),
    "actual": ("实际", "actual"),
    "forecast": ("预测", "forecast"),
    "band80": ("八成范围", "80 % band"),
    "band90": ("九成范围", "90 % band"),
    "revenue": ("成交额", "revenue"),
    "units": ("销量", "units"),
    "yuan": ("元", "yuan"),
    "wan": ("万元", "10,000 yuan"),
    "pieces": ("件", "units"),
    "days": ("天", "days"),
    "percent": ("%", "%"),
    "last_year": ("上年", "year before"),
    "last_year_forecast": ("上年（预测补足）", "year before (forecast)"),
    "target_name": ("目标", "target"),
    "today": ("今天", "today"),
    "plan": ("计划", "plan"),
    "spend_week": ("每周花费", "spend a week"),
    "incremental": ("增量成交额", "incremental revenue"),
    "marginal": ("边际 ROI", "marginal return"),
    "paid_week": ("当周付款", "paid in the week"),
    "paid_sum": ("累计付款", "paid so far"),
    "cash_limit": ("资金上限", "cash limit"),
    "conversion": ("访客支付转化率", "visitors who paid"),
    # alerts and suppliers
    "alerts_none": ("没有需要处理的提醒。", "Nothing needs a look."),
    "alerts_total": ("共 {count} 条（{kinds}），不处理预计损失 {yuan}", "{count} alerts ({kinds}), {yuan} at stake"),
    "alerts_head": ("最要紧的提醒（前 {count} 条）", "What needs a look first (top {count})"),
    "alerts_caption": (
        "按不处理预计损失的钱排；全部见 buyer.xlsx 的“提醒”页。",
        "By the money that doing nothing is expected to cost; all of them in buyer.xlsx, sheet Alerts.",
    ),
    "supplier_rule": ("评分规则：{rule}", "rule: {rule}"),
    "worth_of_terms": (
        "谈条件值多少钱（按本次补货计划的订单）：",
        "What better terms are worth for the orders of this plan:",
    ),
    "single_sourced": (
        "{count} 个主力商品只有一家供应商：",
        "{count} top items have a single supplier:",
    ),
    "weak": ("末位", "weak"),
    "yes": ("是", "yes"),
    # workbooks
    "sheet_summary": ("摘要", "Summary"),
    "sheet_notes": ("说明", "Notes"),
    "sheet_month_channel": ("月度×渠道", "Month x channel"),
    "sheet_month_category": ("月度×品类", "Month x category"),
    "sheet_detail": ("目标明细", "Target detail"),
    "sheet_sku_money": ("单品目标（元）", "SKU targets (yuan)"),
    "sheet_sku_units": ("单品目标（件）", "SKU targets (units)"),
    "sheet_probability": ("达成概率", "Probability"),
    "sheet_long_run": ("月度预测", "Monthly forecast"),
    "sheet_quality": ("预测质量", "Forecast quality"),
    "sheet_now": ("本周下单", "Order now"),
    "sheet_changes": ("与上次计划的变化", "Changes"),
    "sheet_lines": ("采购明细", "Order lines"),
    "sheet_suppliers": ("供应商汇总", "Suppliers"),
    "sheet_alerts": ("提醒", "Alerts"),
    "sheet_scorecard": ("供应商评分", "Supplier grades"),
    "sheet_single": ("单一供应商", "Single supplier"),
    "sheet_cash": ("资金", "Cash"),
    "sheet_unplanned": ("未能计划", "Not planned"),
    "sheet_replay": ("回放对比", "Replay"),
    "sheet_channels": ("渠道回报", "Channel return"),
    "sheet_split": ("每周预算", "Weekly budget"),
    "sheet_days": ("每日预算", "Daily budget"),
    "sheet_split_detail": ("预算明细", "Budget detail"),
    "book_planner": ("年度目标", "Targets"),
    "book_buyer": ("补货计划", "Purchase plan"),
    "book_marketing": ("广告预算", "Ad budget"),
    "cut": (
        "本表只列出前 {shown} 行，共 {total} 行；其余见工作区 plans/ 里的文件。合计按全部行计算。",
        "Only the first {shown} of {total} rows are listed; the rest stands in the files under plans/. Totals are of "
        "all rows.",
    ),
    "top_lines": ("金额最大的采购（前 {count} 行）", "Largest purchases (top {count})"),
    "sheet_by_channel": ("各渠道", "By channel"),
    "sheet_frontier": ("不同预算", "Other budgets"),
    "budget": ("预算", "budget"),
    "contribution": ("贡献", "contribution"),
    "sheet_moves": ("从今天到计划", "From today to the plan"),
    "mean_target": ("全年、全部渠道相加，含税", "whole year, all channels, tax included"),
    "mean_forecast": ("不额外努力时预计的成交额", "expected without further effort"),
    "mean_probability": ("平台规则不变时，成交额达到目标的机会", "chance to reach it with unchanged platform rules"),
    "mean_shortfall": ("没达成的情况也算进去，平均会差多少", "average amount short, all cases counted"),
    "mean_now": ("今天要发给供应商的订单，不含税", "to be sent to suppliers now, without tax"),
    "mean_cost": ("整个计划期 {lines} 行订单相加", "{lines} order lines of the whole plan"),
    "mean_units": ("整个计划期采购件数", "units bought over the whole plan"),
    "mean_room": ("最紧的一周（{week}）付款后还剩", "left after payments in the tightest week ({week})"),
    "gap": ("离理论最优最多差（%）", "At most from the best (%)"),
    "mean_gap": ("由下界证明，越小越好", "proven by a bound; smaller is better"),
    "unplanned": ("未能计划的商品", "SKUs not planned"),
    "mean_unplanned": ("见“未能计划”页", "see the sheet Not planned"),
    "mean_spend": ("整个计划期的广告总额", "ads over the whole plan"),
    "gain_title": ("比今天的分法多赚（元）", "Gain on today's split (yuan)"),
    "mean_gain": ("九成区间 {low}至 {high}", "90 %: {low} to {high}"),
    "mean_incremental": ("没有广告就不会有的成交额", "revenue that ads alone bring"),
    "mean_roi": ("增量成交额除以花费", "incremental revenue by spend"),
}
TEXTS |= REVIEW_TEXTS | AD_TEXTS
