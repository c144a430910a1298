"""Live streams on offer as offers to sign or leave, from the tables of the merchant and the law of past streams."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.budget.hosts import HostTerms, Outcomes, Yield, by_draw, outcomes
from engine.budget.margin import settled_sales, unit_terms
from engine.budget.settings import BudgetSettings, Goal
from engine.budget.terms import Offer
from engine.data.dataset import Dataset
from engine.data.goods import ads_vat
from engine.plans.errors import BadInput, Problem
from engine.plans.forecast import Forecast
from models.economics import waterfall

Floats = NDArray[np.float64]
OUTCOMES = 4000
FREE = HostTerms(0.0, ((0.0, 0.0),))
"""Of hosts that the table does not know."""


NO_BUYERS: dict[Goal, float] = {"new_customers": 0.0, "lifetime": 0.0}


@dataclass(frozen=True)
class Stream:
    """A stream on offer. ``shown``: frame ``sku, usual`` (units of a usual day), ``price`` (yuan), a row an item.
    ``reserve``: days of usual sales for which stock is kept ready, and beyond which nothing is sold, with those of a
    repeat."""

    name: str
    day: np.datetime64
    host: str
    channel: str
    terms: HostTerms
    shown: pd.DataFrame
    of_one: Yield
    reserve: float
    found: Outcomes

    def worth(self, weights: dict[Goal, float], buyers: dict[Goal, float]) -> Floats:
        """The objective before the slot fee, float64 [outcomes]; ``buyers``: what the first-time buyers of a yuan of
        sales count for goals."""
        parts: dict[Goal, Floats] = {"gmv": self.found.sales, "contribution": self.found.earned}
        parts |= {name: rate * self.found.sales for name, rate in buyers.items()}
        return np.asarray(sum((weight * parts[name] for name, weight in weights.items()), start=np.zeros(OUTCOMES)))


@dataclass(frozen=True)
class Streams:
    """All streams on offer that can be judged, by name; ``worth`` float64 [streams, outcomes]; what is ``decided``."""

    items: tuple[Stream, ...] = ()
    worth: tuple[Floats, ...] = ()
    decided: tuple[bool | None, ...] = ()
    notes: tuple[str, ...] = ()
    seed: int = 0

    def offers(self, draws: int) -> tuple[Offer, ...]:
        """As offers of the split on so many draws; the luck of a stream has nothing to do with the curves'."""
        rng = np.random.default_rng(self.seed)
        return tuple(
            Offer(item.name, item.terms.fee, by_draw(worth, draws, rng.permutation(draws)), decided)
            for item, worth, decided in zip(self.items, self.worth, self.decided, strict=True)
        )

    def sales(self, taken: tuple[bool, ...]) -> float:
        """Expected yuan paid at the streams taken."""
        return sum(float(item.found.sales.mean()) for item, took in zip(self.items, taken, strict=True) if took)

    def losing(self, taken: tuple[bool, ...]) -> tuple[str, ...]:
        """What the user should know where streams taken are expected to lose money."""
        pairs = [item for item, took in zip(self.items, taken, strict=True) if took]
        names = [item.name for item in pairs if item.found.earned.mean() < item.terms.burden]
        text = f"live streams {', '.join(names)}: signed for the objective, though they are expected to lose money"
        return (text,) if names else ()

    def earned(self, taken: tuple[bool, ...]) -> float:
        """Expected contribution of the streams taken, yuan, before their slot fees."""
        return sum(float(item.found.earned.mean()) for item, took in zip(self.items, taken, strict=True) if took)


def streams_on_offer(
    dataset: Dataset, forecast: Forecast, settings: BudgetSettings, buyers: dict[str, dict[Goal, float]], seed: int
) -> Streams:
    """Streams of the forecast that are not signed.

    ``buyers``: what first-time buyers of a yuan count for goals, by sales channel. BadInput where the settings decide
    about one that is not there.
    """
    shown, notes = _shown(dataset, forecast)
    _check(settings, sorted(set(shown["stream"])))
    terms = host_terms(dataset)
    items = tuple(
        _stream(str(name), part, terms.get(part["host"].iloc[0], FREE), settings.stream_stock, forecast, seed)
        for name, part in shown.groupby("stream", sort=True)
    )
    worth = tuple(item.worth(settings.weights, buyers.get(item.channel, NO_BUYERS)) for item in items)
    return Streams(items, worth, tuple(settings.streams.get(item.name) for item in items), notes, seed)


def _shown(dataset: Dataset, forecast: Forecast) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """A row a shown item: ``stream, luck`` (its place in the forecast), ``sku, channel, day, host``, ``usual`` (units a
    day), ``price`` (yuan), ``kept, left`` (of a unit's price); and what cannot be judged."""
    columns = ["stream", "luck", "sku", "channel", "day", "host", "usual", "price", "kept", "left"]
    offered, table = forecast.offered, dataset.get("live_streams")
    if offered is None or table is None:
        return pd.DataFrame(columns=columns), ()
    prices = forecast.under().price_yuan
    series = forecast.series.iloc[offered.row]
    frame = pd.DataFrame({name: series[name].astype(str).to_numpy() for name in ("sku", "channel")})
    frame["stream"], frame["luck"], frame["usual"] = offered.name[offered.stream], offered.stream, offered.usual
    frame["shop"] = np.nan if prices is None else prices[offered.row, offered.period].astype(float)
    told = pd.DataFrame({name: table[name].astype(str).to_numpy() for name in ("stream", "sku", "host")})
    told["day"] = table["date"].to_numpy().astype("datetime64[s]")
    told["told"] = table["price_fen"].to_numpy(float) / 100.0 if "price_fen" in table else np.nan
    found = frame.merge(told, on=["stream", "sku"], how="left")
    found["price"] = found["told"].fillna(found["shop"])
    if "unit_cost_fen" in dataset["skus"]:
        terms = unit_terms(dataset, found, found["price"].to_numpy(float), settled_sales(dataset))
        steps = waterfall(terms)
        price = found["price"].where(found["price"] > 0).to_numpy(float)
        found["kept"], found["left"] = (steps.receipts - steps.refunds) / price, steps.contribution / price
    else:
        found["kept"] = found["left"] = np.nan
    good = (found["usual"] > 0) & (found["price"] > 0) & found["left"].notna()
    missing = sorted(set(found["stream"]) - set(found.loc[good, "stream"]))
    notes = f"live streams {', '.join(missing)}: no price, cost or sales of what they show, so they are not judged"
    return found.loc[good, columns], (notes,) if missing else ()


def _check(settings: BudgetSettings, known: list[str]) -> None:
    problems = [
        Problem(
            "plan.yaml",
            "budget.streams decides about a live stream that is not on offer",
            value=name,
            expected=", ".join(known) or "streams with signed = false in live_streams",
        )
        for name in settings.streams
        if name not in known
    ]
    if problems:
        raise BadInput(problems)


def host_terms(dataset: Dataset) -> dict[str, HostTerms]:
    """Terms by host, from ``hosts`` and ``host_commissions``."""
    hosts, tiers = dataset.get("hosts"), dataset.get("host_commissions")
    if hosts is None:
        return {}
    names, back = hosts["host"].astype(str).tolist(), ads_vat(dataset)
    fee, rate, promised = (
        hosts[name].fillna(0).to_numpy(float) if name in hosts else np.zeros(len(hosts))
        for name in ("slot_fee_fen", "commission_rate", "guaranteed_roi")
    )
    repeats = hosts["guarantee"].astype(str).eq("repeat").tolist() if "guarantee" in hosts else [False] * len(hosts)
    steps = {name: {0.0: float(own)} for name, own in zip(names, rate, strict=True)}
    if tiers is not None:
        money = tiers[["from_fen", "commission_rate"]].to_numpy(float)
        for name, (start, own) in zip(tiers["host"].astype(str), money, strict=True):
            steps[name][float(start) / 100.0] = float(own)
    return {
        name: HostTerms(float(fee[n]) / 100.0, tuple(sorted(steps[name].items())), float(promised[n]), repeats[n], back)
        for n, name in enumerate(names)
    }


def _stream(name: str, part: pd.DataFrame, terms: HostTerms, covered: float, forecast: Forecast, seed: int) -> Stream:
    """``covered``: share of the luck for which stock is kept ready."""
    assert forecast.offered is not None
    place = int(part["luck"].iloc[0])
    days = forecast.offered.luck(OUTCOMES)[place]
    money = (part["usual"] * part["price"]).to_numpy(float)
    of_one = Yield(*(float(money @ part[side].to_numpy(float) / money.sum()) for side in ("kept", "left")))
    missed = terms.short(money.sum() * days) > 0
    again = np.where(terms.repeats & missed, np.random.default_rng([seed, place]).permutation(days), 0.0)
    reserve = float(np.quantile(days + again, covered))
    sold = np.minimum(days, reserve)
    found = outcomes(terms, of_one, money.sum() * sold, money.sum() * np.minimum(again, reserve - sold))
    first = part.iloc[0]
    day, who, where = first["day"].to_datetime64(), str(first["host"]), str(first["channel"])
    return Stream(name, day, who, where, terms, part[["sku", "usual", "price"]], of_one, reserve, found)
