"""Assumptions of an import in Chinese."""

from __future__ import annotations

IMPORT_PATTERNS: tuple[tuple[str, str], ...] = (
    (r"demo merchant: invented data", "演示商家：数据是虚构的"),
    (r"no warehouses: all stock lies in one, (.+)", "没有 warehouses 表：库存都算在一个仓（{0}）"),
    (r"(.+): (.+) against (.+) \((.+)\), unreconciled", "未对平：{0} 载入{1}，应为 {2}（相差 {3}）"),
    (
        r"(.+): taken for (?:.+) \((.+)\) by its headers: (.+); confirm .+",
        "{0}：按表头认作“{1}”（{2}），请在 import.yaml 确认",
    ),
    (r"(.+): no (.+) in the file: each (.+) is assumed to be one .+", "{0}：文件里没有 {1}，把每个“{2}”当作一个"),
    (r"(.+): no (.+) in the file: (.+) is assumed", "{0}：文件里没有{1}，假设为“{2}”"),
    (r"(.+): sales channel taken to be (.+): the only one .+", "{0}：文件没写销售渠道，取唯一符合的“{1}”"),
    (r"(.+): sales channel named after the shop above the header: (.+)", "{0}：销售渠道取表头上方的店铺名“{1}”"),
    (r"(.+): sales channel not named: (.+) is assumed .+", "{0}：文件没写销售渠道，假设为“{1}”"),
    (r"(.+): feeds nothing, unit or meaning not stated: (.+) \(say .+", "{0}：单位或口径不明，未使用：{1}"),
    (r"(.+): (.+) would fit (?:nearly )?as well", "{0}：也可能是 {1}"),
    (r"(.+): not given, made from the ([\d,]+) that occur", "没有 {0} 表：由出现过的 {1} 个生成"),
    (r"returns: not given, estimated from .+", "没有 returns 表：退货率由销售和订单估计，近期退货已按时滞补足"),
    (
        r"(.+): ([\d,]+) rows by style split to SKUs by the size curve: estimated",
        "{0}：{1} 行只到款，按尺码比例拆到商品（估计）",
    ),
    (
        r"no platform_orders for (.+): the platform is taken to order what it sells",
        "{0} 没有平台采购单：按平台销量等于其采购量估算",
    ),
)
"""Expression -> Chinese, where ``{0}`` is what the first bracket held."""
