"""Broken size runs (断码): core sizes of a style and colour are out while other sizes still lie there."""

from __future__ import annotations

import numpy as np
import pandas as pd

from engine.data.network import text_of
from engine.plans.alerts import alert_table, no_alerts
from engine.replenishment.alerts.chance import planned_arrivals
from engine.replenishment.alerts.positions import sold_units
from engine.replenishment.alerts.surplus import stock_of
from engine.replenishment.alerts.view import View
from engine.replenishment.alerts.ways_out import best_way

RUN = ["spu", "colour"]
REORDER, WAIT = "reorder_sizes", "await_order"
SHOWN = 6
"""Sizes that a sentence names."""


def broken_sizes(view: View) -> pd.DataFrame:
    """Runs of a style and colour whose core sizes are out, all warehouses together."""
    sizes = _sizes(view)
    sizes["out"] = sizes["core"] & (sizes["on_hand"] <= 0) & (sizes["after_end"] == 0)
    sizes["rest"] = sizes["on_hand"].where(~sizes["out"], 0.0)
    run = sizes.groupby(RUN, sort=True)
    broken = run["out"].any() & (run["rest"].sum() >= view.settings.stranded_units)
    hit = sizes.set_index(RUN).index.isin(broken.index[broken])
    sizes = sizes[hit]
    if sizes.empty:
        return no_alerts()
    return _alerts(view, sizes.sort_values([*RUN, "sold", "sku"], ascending=[True, True, False, True]))


def _sizes(view: View) -> pd.DataFrame:
    """One row a SKU with a style and size: ``sku, spu, colour, size, core, sold, on_hand, stock_yuan, back`` (weeks
    until stock of it comes), ``lost_until`` (yuan lost until then), ``lost_after_lead`` (of that after its lead time),
    ``after_end`` (1: nothing is expected to be sold any more)."""
    skus = view.dataset["skus"]
    lacking = [name for name in ("spu", "size") if name not in skus]
    if lacking:
        raise view.lack(f"{lacking[0]} to skus (商品)")
    table = pd.DataFrame({name: text_of(skus[name]) for name in ("sku", "spu", "size")})
    table["colour"] = text_of(skus["colour"]) if "colour" in skus else ""
    table = table[(table["spu"] != "") & (table["size"] != "")].drop_duplicates("sku")
    table["sold"] = sold_units(view.dataset, view.settings.size_days).reindex(table["sku"]).fillna(0.0).to_numpy()
    table = table.merge(_core(table, view.settings.core_share), on=["spu", "size"])
    facts = _facts(view)
    return table.merge(facts, on="sku").reset_index(drop=True)


def _core(table: pd.DataFrame, share: float) -> pd.DataFrame:
    """Frame ``spu, size, core``: the best sizes of a style, over its colours, that make up the share of its sales."""
    sold = table.groupby(["spu", "size"])["sold"].sum().reset_index()
    sold = sold.sort_values(["spu", "sold", "size"], ascending=[True, False, True], kind="stable")
    total = sold.groupby("spu")["sold"].transform("sum")
    before = sold.groupby("spu")["sold"].cumsum() - sold["sold"]
    sold["core"] = (sold["sold"] > 0) & (before < share * total - 1e-9)
    return sold[["spu", "size", "core"]]


def _facts(view: View) -> pd.DataFrame:
    """Stock and prospects of the SKUs of the plan and of other stock, by SKU."""
    positions = view.positions
    case = view.plan.orders.case
    count, horizon = positions.planned, positions.demand.shape[1]
    coming = np.zeros(positions.demand.shape)
    coming[:count] = case.scheduled + planned_arrivals(view.plan.orders)
    sku, names = pd.factorize(positions.table["sku"], sort=True)
    arrives = np.zeros((len(names), horizon))
    np.add.at(arrives, sku, coming)
    back = np.where((arrives > 0).any(axis=1), (arrives > 0).argmax(axis=1), horizon)
    lead = np.full(len(names), float(horizon))
    orderable = np.zeros(len(positions))
    orderable[:count] = case.can_order[:, 0]
    np.minimum.at(lead, sku[orderable > 0], positions.column("lead_weeks")[orderable > 0])
    week = np.arange(horizon)[None, :]
    yuan = positions.demand * positions.column("lost")[:, None]
    until_back = (yuan * (week < back[sku][:, None])).sum(axis=1)
    after_lead = (yuan * ((week < back[sku][:, None]) & (week >= lead[sku][:, None]))).sum(axis=1)
    sums = {
        "on_hand": positions.column("on_hand"),
        "expected": positions.demand.sum(axis=1),
        "lost_until": until_back,
        "lost_after_lead": after_lead,
    }
    frame = pd.DataFrame({"sku": names, **{key: np.bincount(sku, value, len(names)) for key, value in sums.items()}})
    frame["stock_yuan"] = np.bincount(sku, positions.column("on_hand") * positions.column("unit_cost"), len(names))
    frame["back"] = back
    frame["after_end"] = (frame.pop("expected") <= 0).astype(int)
    return frame


def _alerts(view: View, sizes: pd.DataFrame) -> pd.DataFrame:
    """One alert a run; its SKU is the best selling one that is out."""
    out, rest = sizes[sizes["out"]], sizes[~sizes["out"] & (sizes["on_hand"] > 0)]
    first = out.groupby(RUN).agg(
        sku=("sku", "first"), sizes=("size", _named), stake=("lost_until", "sum"), saved=("lost_after_lead", "sum")
    )
    held = rest.groupby(RUN).agg(units=("on_hand", "sum"), stock=("stock_yuan", "sum"), others=("size", _named))
    table = first.join(held).reset_index()
    cleared = _cleared(view, rest)
    table = table.merge(cleared, on=RUN, how="left")
    back = out.groupby(RUN)["back"].max().reindex(pd.MultiIndex.from_frame(table[RUN])).to_numpy()
    comes = back < view.positions.demand.shape[1]
    reorder = table["saved"].to_numpy(dtype=float)
    better = ~comes & (table["value"].to_numpy(dtype=float) > reorder)
    waits = comes & (reorder <= 0) & ~better
    action = np.where(better, table["action"], np.where(waits, WAIT, REORDER))
    when = [f"{day:%Y-%m-%d}" for day in view.first_day + pd.to_timedelta(7 * back, unit="D")]
    how = np.where(better, table["how"], np.where(comes, [f"next arrival {day}" for day in when], ""))
    reason = [
        f"core sizes {gone} of {name} are out while {units:,.0f} units of {others} lie there"
        for gone, name, units, others in zip(
            table["sizes"],
            (table["spu"] + " " + table["colour"]).str.strip(),
            table["units"],
            table["others"],
            strict=True,
        )
    ]
    return alert_table(
        kind="broken_sizes",
        sku=table["sku"].to_numpy(),
        date=np.full(len(table), np.datetime64(view.today, "D")),
        units=table["units"].to_numpy(dtype=float),
        stock=table["stock"].to_numpy(dtype=float),
        stake=table["stake"].to_numpy(dtype=float),
        action=action,
        how=how,
        value=np.where(better, table["value"], reorder),
        reason=reason,
    )


def _named(sizes: pd.Series) -> str:
    names = list(dict.fromkeys(sizes.astype(str)))
    return ", ".join(names[:SHOWN]) + (" …" if len(names) > SHOWN else "")


def _cleared(view: View, rest: pd.DataFrame) -> pd.DataFrame:
    """What the best way out of the sizes that are left brings: frame ``spu, colour, action, how, value``."""
    table = view.positions.table
    rows = np.flatnonzero(table["sku"].isin(set(rest["sku"])).to_numpy())
    stock = stock_of(view, rows, view.positions.column("on_hand"))
    way = best_way(stock, view.settings.ways_out).assign(sku=stock.sku)
    way = way.merge(rest[["sku", *RUN]], on="sku").sort_values([*RUN, "value"], ascending=[True, True, False])
    return way.groupby(RUN, as_index=False).agg(
        action=("action", "first"), how=("how", "first"), value=("value", "sum")
    )
