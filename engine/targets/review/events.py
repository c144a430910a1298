"""What events truly brought: against everyday sales, with the waiting before and the dip after, and after all costs."""

from __future__ import annotations

import numpy as np
import pandas as pd

from engine.data.dataset import Dataset
from engine.data.goods import ads_vat
from engine.plans.price_protection import PriceProtection
from engine.targets.review.calendar import DIP, LEAD, SEASON, WINDOW
from engine.targets.review.days import Days
from engine.targets.review.earned import STEPS, earned
from engine.targets.review.event_goods import NO_GOODS, SURE, by_category
from engine.targets.review.settings import ReviewSettings
from engine.targets.review.sums import Sales
from engine.targets.review.year import DAY

A_YEAR = 364 * DAY
COSTS = ("subsidy_fen", "refunds_fen", "fees_fen", "vat_fen", "goods_fen", "protection_fen", "ads_fen")
FEES = ("commission", "payment_fee", "freight", "insurance")
MONEY = ("net_fen", "everyday_fen", "gain_fen", "lead_fen", "dip_fen", "uplift_fen", *COSTS, "earned_fen")
COLUMNS = ["event", "kind", "channel", "start", "end", "days", *MONEY, "uplift_low_fen", "uplift_high_fen", "multiple"]
EMPTY = pd.DataFrame(columns=[*COLUMNS, "before_net_fen"])


def event_table(
    dataset: Dataset,
    sales: Sales,
    days: Days,
    ads: pd.DataFrame | None,
    settings: ReviewSettings,
    protection: PriceProtection,
) -> tuple[pd.DataFrame, pd.DataFrame, list[str]]:
    """Frame COLUMNS and ``before_net_fen``: events that ended in the year, by channel and ("") in all, latest last;
    then the same events by category (see :func:`engine.targets.review.event_goods.by_category`), and notes.

    gain = sales of the event's days - everyday sales; uplift = gain + lead (what customers held back before it) + dip
    (what they no longer needed after it); earned = uplift + subsidy of the platform - further refunds, fees, VAT,
    goods, price protection and ads, each against what everyday sales of those days would have cost; VAT: of the goods,
    less what comes back of the ads'.
    """
    calendar, year = days.calendar, sales.year
    if calendar.events.empty:
        return EMPTY, NO_GOODS, ["no events: promotion days cannot be told from everyday sales"]
    notes: list[str] = []
    lacking = [name for name, usual in zip(calendar.channels, days.everyday, strict=True) if usual is None]
    if lacking:
        notes.append(f"too few quiet days between the events of {', '.join(lacking)}: their uplift cannot be told")
    ended = calendar.events["end"].between(year.before_start, year.end) & (calendar.events["start"] >= calendar.days[0])
    ended &= ~calendar.events["channel"].isin(lacking)
    running = calendar.events[(calendar.events["end"] > year.last) & (calendar.events["start"] <= year.end)]
    if len(running):
        names = ", ".join(sorted(set(running["event"])))
        notes.append(f"{names}: not over on the last day, judged when it is")
    rows = np.flatnonzero(ended.to_numpy())
    if not len(rows):
        return EMPTY, NO_GOODS, [*notes, "no event ended in the year under review"]
    told = pd.DataFrame([_sales_of(days, int(row)) for row in rows])
    labels = _labels(days, told, protection)
    sums = sales.on(labels)
    sums["kind"], sums["number"] = np.divmod(sums["label"].to_numpy(), len(told))
    goods = by_category(dataset, sales, days, sums, told[told["end"] >= year.start])
    told = pd.concat(
        [told, _costs(dataset, sums.assign(day=_moments(labels, told, sums)), days, told, ads, protection)], axis=1
    )
    unpaid = told.loc[told["refunds_fen"].isna(), "event"]
    if len(unpaid):
        names = ", ".join(sorted(set(unpaid)))
        notes.append(f"{names}: no quiet days with sales within {SEASON} days: what the event earned cannot be told")
    late = told["end"] + settings.dip_days * DAY > year.last
    if late.any():
        names = ", ".join(sorted(set(told.loc[late, "event"])))
        notes.append(f"{names}: the days after it are not all in yet, its dip may grow")
    table = _laid_out(pd.concat([told, _all_channels(told)], ignore_index=True), year.start, year.compares)
    return table, goods, notes


def _sales_of(days: Days, row: int) -> dict[str, object]:
    """Sales of one event of a channel against everyday sales."""
    calendar = days.calendar
    event = calendar.events.iloc[row]
    channel = calendar.channels.index(event["channel"])
    usual = days.everyday[channel]
    assert usual is not None
    gap = days.gap(channel)
    window, lead, dip = (calendar.days_of(row, part) for part in (WINDOW, LEAD, DIP))
    parts = [float(gap[mask].sum()) for mask in (window, lead, dip)]
    every = window | lead | dip
    return {
        **{name: event[name] for name in ("event", "kind", "channel", "start", "end")},
        "row": row,
        "days": int(window.sum()),
        "net_fen": float(days.sold[channel, window].sum()),
        "everyday_fen": float(usual.level[window].sum()),
        "gain_fen": parts[0],
        "lead_fen": parts[1],
        "dip_fen": parts[2],
        "uplift_fen": sum(parts),
        "error": usual.error(every),
        "everyday_all_fen": float(usual.level[every].sum()),
    }


def _costs(
    dataset: Dataset,
    sums: pd.DataFrame,
    days: Days,
    told: pd.DataFrame,
    ads: pd.DataFrame | None,
    protection: PriceProtection,
) -> pd.DataFrame:
    """Columns COSTS and ``earned_fen`` of the events in ``told`` from sums by ``kind, number`` (see _labels) with the
    ``day`` whose subsidy holds; NaN where goods have no cost, or no quiet days tell what is usual."""
    count = len(told)
    kind, number = sums["kind"].to_numpy(), sums["number"].to_numpy()
    steps = earned(dataset, sums, sums["day"])
    steps["net_fen"] = sums["net_fen"].astype(float)
    usual = steps[kind == 3].groupby(number[kind == 3])[[*STEPS, "net_fen"]].sum(min_count=1).reindex(range(count))
    rates = usual.div(usual["net_fen"].where(usual["net_fen"] > 0), axis=0)
    mine = steps[kind <= 1].groupby(number[kind <= 1])[list(STEPS)].sum(min_count=1).reindex(range(count))
    unknown = steps["goods_cost"].isna() & (kind <= 1)
    further = mine.fillna(0.0).sub(rates[list(STEPS)].mul(told["everyday_all_fen"], axis=0))
    more_ads = _further_ads(days, told, ads)
    costs = pd.DataFrame(
        {
            "subsidy_fen": further["receipts"] - told["uplift_fen"],
            "refunds_fen": -further["refunds"],
            "fees_fen": -further[list(FEES)].sum(axis=1, skipna=False),
            "vat_fen": -further["vat"] + ads_vat(dataset) * more_ads,
            "goods_fen": -further["goods_cost"],
            "protection_fen": -_protection(sums, kind, number, count) * protection.claims,
            "ads_fen": -more_ads,
        }
    )
    costs.loc[sorted(set(number[unknown])), "goods_fen"] = np.nan
    return costs.assign(earned_fen=told["uplift_fen"] + costs[list(COSTS)].sum(axis=1, skipna=False))


def _labels(days: Days, told: pd.DataFrame, protection: PriceProtection) -> pd.DataFrame:
    """Frame ``date, channel, label``: label = kind x events + event; kinds: 0 window, 1 around it, 2 the days before in
    which buyers are protected, 3 quiet days nearby."""
    calendar, count, parts = days.calendar, len(told), []
    for number, event in enumerate(told.to_dict("records")):
        for kind, wanted in ((0, (WINDOW,)), (1, (LEAD, DIP))):
            parts.append(
                (calendar.days[calendar.days_of(event["row"], *wanted)], event["channel"], kind * count + number)
            )
        ago = (event["start"] - calendar.days).days
        recent = calendar.days[(ago >= 1) & (ago <= protection.days)]
        parts.append((recent, event["channel"], 2 * count + number))
        parts.append(
            (calendar.days[calendar.quiet_near(event["channel"], event["start"])], event["channel"], 3 * count + number)
        )
    return pd.concat(
        [pd.DataFrame({"date": dates, "channel": channel, "label": label}) for dates, channel, label in parts],
        ignore_index=True,
    )


def _moments(labels: pd.DataFrame, told: pd.DataFrame, sums: pd.DataFrame) -> pd.Series:
    """Of the days that each row of sums was added up over, the one nearest to the event's beginning."""
    start = told["start"].to_numpy()[labels["label"].to_numpy() % len(told)]
    gap = np.abs(labels["date"].to_numpy() - start)
    near = labels.assign(gap=gap).sort_values(["label", "gap", "date"]).drop_duplicates("label")
    return sums["label"].map(near.set_index("label")["date"])


def _protection(sums: pd.DataFrame, kind: np.ndarray, number: np.ndarray, count: int) -> np.ndarray:
    """Fen [events] by which recent buyers paid more than the event's price."""
    table = sums[["sku", "units", "net_fen"]].assign(number=number, kind=kind)
    table = table[(table["units"] > 0) & (table["net_fen"] > 0)]
    now, recent = (table[table["kind"] == wanted].set_index(["number", "sku"]) for wanted in (0, 2))
    both = recent.join(now, rsuffix="_now", how="inner")
    drop = both["net_fen"] / both["units"] - both["net_fen_now"] / both["units_now"]
    fen = (drop.clip(lower=0.0) * both["units"]).groupby(level="number").sum()
    return fen.reindex(range(count)).fillna(0.0).to_numpy(dtype=float)


def _further_ads(days: Days, told: pd.DataFrame, ads: pd.DataFrame | None) -> np.ndarray:
    """Fen of ads on the days of the event above those of quiet days."""
    calendar = days.calendar
    if ads is None:
        return np.zeros(len(told))
    table = ads.pivot_table(index="channel", columns="date", values="spend_fen", aggfunc="sum")
    wide = table.reindex(index=list(calendar.channels), columns=calendar.days).fillna(0.0).to_numpy(dtype=float)
    further = []
    for event in told.to_dict("records"):
        place = calendar.channels.index(event["channel"])
        mine = calendar.days_of(event["row"], WINDOW, LEAD, DIP)
        quiet = calendar.quiet_near(event["channel"], event["start"])
        further.append(wide[place, mine].sum() - mine.sum() * (wide[place, quiet].mean() if quiet.any() else np.nan))
    return np.array(further)


def _all_channels(told: pd.DataFrame) -> pd.DataFrame:
    """Events of all channels together; channels may go up and down together, so that their errors add up."""
    sums = {name: lambda column: column.sum(skipna=False) for name in (*MONEY, "error")}
    found = told.groupby(["event", "kind"], as_index=False).agg({"start": "min", "end": "max", "days": "max", **sums})
    return found.assign(channel="")


def _laid_out(table: pd.DataFrame, start: pd.Timestamp, compares: bool) -> pd.DataFrame:
    """Events of the year in order, money in whole fen, with the sales of the same kind of event the year before."""
    half = SURE * table["error"]
    table["uplift_low_fen"], table["uplift_high_fen"] = table["uplift_fen"] - half, table["uplift_fen"] + half
    table["multiple"] = table["net_fen"] / table["everyday_fen"].where(table["everyday_fen"] > 0)
    past = table.loc[table["end"] < start, ["kind", "channel", "start", "net_fen"]]
    past = past.rename(columns={"net_fen": "before_net_fen", "start": "was"})
    now = table[table["end"] >= start].merge(past, on=["kind", "channel"], how="left")
    # a kind that runs every month is held against the one of the same month
    now["apart"] = (now["start"] - A_YEAR - now["was"]).abs()
    now = now.sort_values(["apart", "was"], kind="stable").drop_duplicates(["event", "kind", "channel"])
    if not compares:
        now["before_net_fen"] = np.nan
    now = now.sort_values(["start", "event", "channel"], ignore_index=True)
    for name in (*MONEY, "uplift_low_fen", "uplift_high_fen"):
        now[name] = now[name].round()
    return now[[*COLUMNS, "before_net_fen"]]
