"""Terms of the field: Chinese, English, the name in the code, what is meant."""

from __future__ import annotations

from typing import NamedTuple


class Term(NamedTuple):
    """One word of planners, buyers or marketing."""

    zh: str
    english: str
    code: str
    meaning: str


TERMS = (
    Term(
        "成交额",
        "gross merchandise value",
        "amount_paid_fen",
        "money paid by customers, tax included, before cancellations and returns",
    ),
    Term("客单价", "average order value", "average_order_value", "paid amount divided by orders"),
    Term("转化率", "conversion rate", "conversion", "buyers divided by visitors, over the same basis"),
    Term("商家编码", "stock keeping unit", "sku", "the merchant's own id of what is stored and sold"),
    Term("款号", "style", "spu", "what several colours and sizes have in common"),
    Term("销售渠道", "sales channel", "channel", "a shop, platform, own site or private domain that sells"),
    Term("广告渠道", "ad channel", "ad_channel", "where advertising money is spent"),
    Term("引流款", "traffic builder", "role = traffic", "draws visitors, low margin"),
    Term("利润款", "profit maker", "role = profit", "earns the margin"),
    Term("形象款", "image piece", "role = image", "stands for the brand"),
    Term("到手价", "paid price", "paid_price_fen", "what the customer pays after coupons, 满减 and subsidies"),
    Term("预售", "pre-sale", "phase = presale", "deposit first, balance on the day of the event"),
    Term("定金 / 尾款", "deposit / balance", "deposit_at, balance_at", "the two payments of a pre-sale"),
    Term("大促", "shopping festival", "event", "双11, 618 and the like, with their phases"),
    Term("基线", "baseline", "baseline", "demand at the regular price without promotion and without ads"),
    Term("促销提升", "lift", "lift", "how much a promotion adds to the baseline"),
    Term("价格弹性", "price elasticity", "elasticity", "change of log demand with log price"),
    Term("分位数", "quantile", "quantile", "demand that is not passed with the given probability"),
    Term("样本路径", "sample path", "paths", "one possible course of demand over the weeks"),
    Term(
        "加权绝对百分比误差",
        "weighted absolute percentage error",
        "wape",
        "sum of absolute errors divided by sum of demand",
    ),
    Term("均方根标度误差", "root mean squared scaled error", "rmsse", "error in units of the one-step naive error"),
    Term("偏差", "bias", "bias", "sum of forecast minus actual divided by sum of actual"),
    Term("分位损失", "pinball loss", "pinball_loss", "loss that is smallest at the true quantile"),
    Term("目标", "target", "target_fen", "what next year is to bring, adding up at every level"),
    Term("在库", "on hand", "on_hand", "units that lie in a warehouse"),
    Term("在途", "on order", "on_order", "units ordered and not yet sellable"),
    Term("库存水位", "inventory position", "position", "on hand plus on order"),
    Term("安全库存", "safety stock", "safety_stock", "stock held against uncertainty"),
    Term("到货周期", "lead time", "lead_time_weeks", "from the order until the goods are sellable"),
    Term("起订量", "minimum order quantity", "moq_units", "smallest order that the supplier takes"),
    Term("箱规", "case pack", "pack_units", "orders are whole multiples of it"),
    Term("阶梯价", "price tiers", "price_tiers", "unit price from a quantity upwards"),
    Term("账期", "payment terms", "payment_terms", "instalments after order or arrival"),
    Term("满足率", "fill rate", "fill_rate", "units served at once divided by units demanded"),
    Term("缺货天数", "stock-out days", "stockout_days", "days on which demand meets no stock"),
    Term("周转天数", "turnover days", "turnover_days", "average stock at cost divided by daily cost of goods"),
    Term("采购预算", "open to buy", "open_to_buy", "money that may still be spent on goods"),
    Term("断码", "broken size run", "broken_size_run", "a style whose sizes are partly sold out"),
    Term("死库存", "dead stock", "dead_stock", "stock without a sale for alerts.dead_days"),
    Term("积压", "overstock", "overstock", "stock beyond alerts.overstock_days of expected demand"),
    Term("价保", "price protection", "price_protection", "recent buyers may ask for the difference after a cut"),
    Term("动销", "sell-through", "moved_units", "whether and how much an item sells"),
    Term("延续效应", "carry-over", "adstock", "today's spend that works tomorrow"),
    Term("边际递减", "saturation", "saturation", "more spend brings less and less"),
    Term("外溢", "spill-over", "reach", "sales that an ad brings to a channel that nobody named for it"),
    Term("增量", "incremental sales", "incremental_fen", "sales that would not have been without the spend"),
    Term("边际投产比", "marginal return", "marginal_roi", "incremental sales of the next yuan"),
    Term("费比", "ad ratio", "ad_ratio", "ad spend divided by sales"),
    Term("影子价格", "shadow price", "price of a Binding", "gain in the objective for one more unit of a scarce thing"),
    Term("最优间隙", "optimality gap", "gap", "distance of a plan to its proven bound, relative to the plan"),
    Term("情景", "scenario", "scenario", "a change of the world to plan or replay against"),
)
"""What readers of plans should find under the words they use."""
