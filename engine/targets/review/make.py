"""review_year: the year against the year before, part by part; what cannot be said is named, the rest goes on."""

from __future__ import annotations

import numpy as np
import pandas as pd

from engine.data.dataset import Dataset
from engine.data.goods import ads_vat
from engine.execution.run import Run
from engine.plans.price_protection import USUAL_PROTECTION, PriceProtection
from engine.plans.review import Review
from engine.targets.review import anomalies, events, growth, stock
from engine.targets.review.ads import ad_spend
from engine.targets.review.bridge import gmv_bridge
from engine.targets.review.customers import NO_GROUPS, customers_of
from engine.targets.review.days import sales_by_day
from engine.targets.review.earned import earned
from engine.targets.review.event_goods import NO_GOODS
from engine.targets.review.figures import Told, key_figures
from engine.targets.review.funnel import funnel_table, traffic_of
from engine.targets.review.settings import ReviewSettings
from engine.targets.review.slices import all_slices, by_month, goods_of
from engine.targets.review.sums import Sales, open_sales
from engine.targets.review.year import Year, year_of

NO_FUNNEL = pd.DataFrame(columns=["channel", "step", "of", "count", "now", "before", "threshold", "alarm"])
YOUNG_DAYS = 30


def review_year(
    dataset: Dataset,
    settings: ReviewSettings,
    run: Run,
    closed: pd.DataFrame | None = None,
    protection: PriceProtection = USUAL_PROTECTION,
) -> Review:
    """The review; ``closed``: months that changed after they had ended (see ``engine.data.closed``).

    Raises :class:`MissingInput` without a sale, :class:`BadInput` for a year without one.
    """
    year = year_of(dataset, settings.year)
    with open_sales(dataset, year, settings.delivery_days, run.threads) as sales:
        run.progress("sums", 0.1)
        return _review(dataset, sales, settings, run, closed, protection)


def _review(
    dataset: Dataset,
    sales: Sales,
    settings: ReviewSettings,
    run: Run,
    closed: pd.DataFrame | None,
    protection: PriceProtection,
) -> Review:
    year, notes = sales.year, _about(sales.year)
    cells = _with_earned(dataset, sales.by_month(), "month")
    bridge, said = gmv_bridge(cells, sales)
    notes += [*said, *_cost_notes(cells), *_young(cells, sales)]
    ads = ad_spend(dataset, cells.groupby(cells["channel"].astype(str))["net_fen"].sum())
    notes += [] if ads is not None else ["no media: ad ratio and what is left after ads cannot be told"]
    run.progress("growth and slices", 0.3)
    traffic, said = traffic_of(dataset, year)
    notes += said
    parts = []
    if year.compares and sales.priced:
        parts = [*([] if traffic is None or not traffic.compares else [growth.by_traffic(traffic, cells)])]
        parts.append(growth.by_items(cells))
    regions = None
    if "region" in sales.known:
        regions = _with_earned(dataset, sales.by_region(), None, year)
    else:
        notes.append("no region in sales: sales by region cannot be told")
    goods = goods_of(dataset, cells, settings)
    held, said = stock.stock_table(dataset, sales, cells, settings)
    notes += said
    customers, said = customers_of(dataset, year)
    notes += said
    run.progress("events", 0.6)
    happened, sold, odd = events.EMPTY, NO_GOODS, anomalies.EMPTY
    daily = sales.priced and not year.weekly
    if not daily:
        why = "sales come by the week" if year.weekly else "there is no money"
        notes.append(f"{why}: events and anomalies of days cannot be told")
    else:
        days = sales_by_day(dataset, sales, settings)
        happened, sold, said = events.event_table(dataset, sales, days, ads, settings, protection)
        notes += said
        odd = anomalies.find_anomalies(dataset, sales, days, settings)
    told = Told(cells, bridge, ads, traffic, customers, held, happened, ads_vat(dataset))
    return Review(
        *year.span(),
        *year.span(True),
        figures=key_figures(told, year),
        bridge=bridge,
        growth=pd.concat(parts, ignore_index=True) if parts else growth.NOTHING,
        slices=all_slices(cells, regions, goods, ads, year),
        months=by_month(cells, ads, traffic, year),
        funnel=NO_FUNNEL if traffic is None else funnel_table(traffic, settings.funnel),
        events=happened,
        event_goods=sold,
        customers=NO_GROUPS if customers is None else customers.groups,
        stock=held,
        anomalies=odd,
        closed=_no_changes() if closed is None else closed,
        notes=tuple(notes),
        daily=daily,
    )


def _about(year: Year) -> list[str]:
    """What the length of the history hides."""
    notes = []
    if not year.whole:
        notes.append(f"less than one year of sales: the {year.days} days from {year.start:%Y-%m-%d} on are reviewed")
    if not year.compares:
        notes.append(
            f"sales begin on {year.first_sale:%Y-%m-%d}: the year before is not known as a whole, growth cannot be told"
        )
    return notes


def _with_earned(dataset: Dataset, sums: pd.DataFrame, moment: str | None, year: Year | None = None) -> pd.DataFrame:
    """Sums with ``contribution_fen``; the platform's subsidy is that of the middle of the month (or of the year)."""
    if moment is not None:
        back = pd.to_timedelta(np.where(sums["before"], 365, 0), unit="D")
        day = pd.Series(sums[moment].to_numpy() - back.to_numpy() + np.timedelta64(14, "D"), sums.index)
    else:
        assert year is not None
        middles = np.array(
            [start + (end - start) / 2 for start, end in (year.span(), year.span(True))], "datetime64[s]"
        )
        day = pd.Series(middles[sums["before"].to_numpy(dtype=int)], sums.index)
    steps = earned(dataset, sums, day)
    return sums.assign(contribution_fen=steps["contribution"])


def _cost_notes(cells: pd.DataFrame) -> list[str]:
    """How much of the sales has no unit cost."""
    now = cells[~cells["before"]]
    total = float(now["net_fen"].sum())
    lacking = float(now.loc[now["contribution_fen"].isna(), "net_fen"].sum())
    if total <= 0 or lacking <= 0:
        return []
    return [f"{lacking / total:.1%} of sales is of goods without unit_cost_fen: their contribution is not in"]


def _young(cells: pd.DataFrame, sales: Sales) -> list[str]:
    """Money of the last weeks, whose returns are not all in."""
    month = sales.year.last - pd.Timedelta(days=YOUNG_DAYS - 1)
    channels = sorted(cells["channel"].astype(str).unique())
    recent = pd.MultiIndex.from_product([pd.date_range(month, sales.year.end), channels], names=["date", "channel"])
    sums = sales.on(recent.to_frame(index=False).assign(label=0))
    returned = {f"units_{name}" for name in ("returned", "refund_only")} & sales.known
    if not returned or sums.empty:
        return []
    known = float(sums["returned_fen"].sum() + sums["refund_only_fen"].sum())
    now = cells[~cells["before"]]
    usual = float(now["returned_fen"].sum() + now["refund_only_fen"].sum()) / max(float(now["net_fen"].sum()), 1.0)
    lacking = usual * float(sums["net_fen"].sum()) - known
    if lacking <= 0:
        return []
    return [
        f"returns of the last {YOUNG_DAYS} days are not all in: at the year's rate {lacking / 100:,.0f} yuan more will "
        f"come back"
    ]


def _no_changes() -> pd.DataFrame:
    return pd.DataFrame(columns=["month", "channel", "fen", "was_fen", "seen"])
