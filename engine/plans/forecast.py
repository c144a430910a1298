"""Forecast: what will sell, as a baseline and effects, so that any calendar can be asked without refitting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.plans.parts import Parts, frame_grid, grid_frame
from models.demand.live import Bookings
from models.drivers import PRICE, Block, Drivers
from models.panel import Dates, Frequency, periods_a_week, weekly
from models.paths import SamplePaths
from models.price import DemandEffects, Shelf
from models.response.curves import ResponseCurves
from models.spread import Spread

FloatGrid = NDArray[np.float32]
KEYS = ["sku", "channel", "category"]
ERROR = " error"
LIVE_PATHS = 2_000
METHOD = "combined"
"""Name of the forecast's own line in its backtest."""
LOWEST_SPEND_FACTOR = 0.05
MODEL, ADJUSTED = "model_", ("mean", "long_run", "long_draws")
"""What overrides change is stored twice: as it is used, and as the model said it."""


@dataclass(frozen=True)
class Demand:
    """Demand under one set of drivers.

    ``mean`` float32 [series, periods]: units. ``revenue_fen`` of a period = mean x price, tax included. ``live``:
    booked live streams, whose expected units are in the mean.
    """

    series: pd.DataFrame
    dates: Dates
    frequency: Frequency
    mean: FloatGrid
    price_yuan: FloatGrid | None
    spread: Spread
    live: Bookings | None = None

    @property
    def weeks(self) -> Dates:
        """First day of each whole week, counted from the first period."""
        step = periods_a_week(self.frequency)
        return self.dates[: len(self.dates) // step * step : step]

    @cached_property
    def weekly_mean(self) -> FloatGrid:
        """Units, float32 [series, weeks]."""
        return weekly(self.mean, self.frequency).astype(np.float32)

    @cached_property
    def weekly_revenue_yuan(self) -> FloatGrid:
        """Revenue at the announced price, tax included, float32 [series, weeks]; 0 where the price is unknown."""
        if self.price_yuan is None:
            return np.zeros_like(self.weekly_mean)
        return weekly(self.mean * np.nan_to_num(self.price_yuan), self.frequency).astype(np.float32)

    def quantiles(self, levels: NDArray[np.float64]) -> FloatGrid:
        """Weekly units, float32 [levels, series, weeks]; from draws where a live stream is booked."""
        found = self.spread.quantiles(self.weekly_mean, levels)
        if self.live is not None:
            rows = np.unique(self.live.row)
            found[:, rows] = np.quantile(self.paths(0).block(rows, 0, LIVE_PATHS), levels, axis=1)
        return found

    def with_streams(self, streams: Bookings | None) -> Demand:
        """With further live streams booked."""
        if streams is None:
            return self
        mean = self.mean + streams.mean((self.mean.shape[0], self.mean.shape[1]))
        return replace(self, mean=mean, live=streams.joined(self.live))

    def paths(self, seed: int) -> SamplePaths:
        """Weekly sample paths; series of a category share a part of their shocks, items of a live stream its luck."""
        group = pd.factorize(self.series["category"], sort=True)[0].astype(np.int32)
        if self.live is None:
            return SamplePaths(self.weekly_mean, group, self.spread, seed)
        live, step = self.live.within(self.mean), periods_a_week(self.frequency)
        streams = weekly(live.mean((self.mean.shape[0], self.mean.shape[1])), self.frequency)
        usual = np.maximum(self.weekly_mean - streams, 0.0).astype(np.float32)
        return SamplePaths(usual, group, self.spread, seed, live, step)


@dataclass(frozen=True)
class SpendEffect:
    """Response of revenue to ad spend, measured from a reference spend that the forecast's mean already holds.

    ``reference`` float64 [ad_channels, weeks], yuan a week over the horizon.
    """

    curves: ResponseCurves
    reference: NDArray[np.float64]


@dataclass(frozen=True)
class Forecast:
    """What will sell.

    ``mean`` float32 [series, periods]: units a period under the ``announced`` drivers. ``effects``: price and
    promotion, so that baseline = mean / effects(announced). ``spread``: calibrated weekly uncertainty.
    ``long_run``: frame ``month, channel, category, units, amount_fen`` for whole months to the end of the next
    calendar year, coherent with ``mean`` where both exist; ``long_draws`` float32 [draws, rows of long_run]: yuan.
    ``backtest``: frame ``model, origin, ...metrics``. ``trust``: A/B/C by series. ``model``: state of the demand model,
    from which a number can be explained. ``before``: what the model said, where people have overridden it, and
    ``overrides``: a row for each of their words. ``live``: booked live streams, whose expected units are in ``mean``;
    ``offered``: streams that are not signed, in no figure.
    """

    series: pd.DataFrame
    dates: Dates
    frequency: Frequency
    mean: FloatGrid
    announced: Drivers
    effects: DemandEffects
    spread: Spread
    long_run: pd.DataFrame
    long_draws: FloatGrid
    backtest: pd.DataFrame
    trust: NDArray[np.str_]
    warnings: tuple[str, ...] = ()
    metrics: dict[str, float] = field(default_factory=dict)
    spend_effect: SpendEffect | None = None
    model: Mapping[str, Any] = field(default_factory=dict)
    before: Forecast | None = None
    overrides: pd.DataFrame = field(default_factory=pd.DataFrame)
    live: Bookings | None = None
    offered: Bookings | None = None

    @property
    def status(self) -> str:
        """``partial`` when some series could not be forecast."""
        return "done"

    @property
    def origin(self) -> np.datetime64:
        """First day that is forecast."""
        return cast(np.datetime64, self.dates[0])

    def with_spend(self, effect: SpendEffect) -> Forecast:
        """The same forecast that can also answer for other ad spend."""
        return replace(self, spend_effect=effect)

    def unadjusted(self) -> Forecast:
        """What the model said, without overrides."""
        return self if self.before is None else self.before

    def baseline(self) -> FloatGrid:
        """Units without planned promotion, at the regular price and without ads, float32 [series, periods]."""
        rows = np.arange(len(self.series))
        return self.mean / self.effects.multiplier(self.announced, rows) * self.without_ads()

    def without_ads(self) -> FloatGrid:
        """Demand without any ads divided by demand at the reference spend, float32 [series, periods]; 1 where no
        response to spend is known."""
        if self.spend_effect is None:
            return np.ones_like(self.mean)
        none = {name: np.zeros(len(self.dates)) for name in self.spend_effect.curves.ad_channels}
        return self._spend_multiplier(self.announced.with_spend(none))

    def under(self, drivers: Drivers | None = None) -> Demand:
        """Demand under other drivers (same dates); the announced ones where none are given.

        Spend counts only where the drivers hold some and a :class:`SpendEffect` is attached.
        """
        asked = self.announced if drivers is None else drivers
        mean, live = self.mean, self.live
        if drivers is not None:
            rows = np.arange(len(self.series))
            ratio = self.effects.multiplier(asked, rows) / self.effects.multiplier(self.announced, rows)
            if self.spend_effect is not None and asked.spend:
                ratio = ratio * self._spend_multiplier(asked)
            mean, live = mean * ratio, None if live is None else live.scaled(ratio)
        price = asked.blocks[PRICE].of(rows_of(self.series)) if PRICE in asked.blocks else None
        return Demand(self.series, self.dates, self.frequency, mean.astype(np.float32), price, self.spread, live)

    def _spend_multiplier(self, drivers: Drivers) -> FloatGrid:
        """Demand under the drivers' spend divided by demand under the reference spend, [series, periods]."""
        assert self.spend_effect is not None
        curves, reference = self.spend_effect.curves, self.spend_effect.reference
        step = periods_a_week(self.frequency)
        weeks = reference.shape[1]
        spend = np.stack(
            [
                weekly(drivers.spend[name], self.frequency) if name in drivers.spend else reference[row]
                for row, name in enumerate(curves.ad_channels)
            ]
        )
        change = curves.lift_by_channel(spend) - curves.lift_by_channel(reference)
        revenue = self.under().weekly_revenue_yuan
        factor = np.ones((len(self.series), len(self.dates)), dtype=np.float32)
        for row, channel in enumerate(curves.channels):
            members = (self.series["channel"] == channel).to_numpy()
            total = revenue[members].sum(axis=0, dtype=np.float64)
            ratio = np.where(total > 0, 1.0 + change[row] / np.maximum(total, 1e-9), 1.0)
            by_week = np.maximum(ratio, LOWEST_SPEND_FACTOR).astype(np.float32)
            factor[members, : weeks * step] = np.repeat(by_week, step)
        return factor

    def to_parts(self) -> Parts:
        frames: dict[str, pd.DataFrame] = {
            "mean": pd.concat([self.series[KEYS].astype(str), grid_frame(self.mean, self.dates)], axis=1),
            "series": self.series.assign(
                trust=self.trust,
                effect_category=self.effects.category,
                reference_price=self.effects.reference_price,
                **_shelf_columns(self.effects.shelf),
            ),
            "long_run": self.long_run,
            "long_draws": pd.DataFrame(self.long_draws, columns=[str(i) for i in range(self.long_draws.shape[1])]),
            "backtest": self.backtest,
            "effects": pd.DataFrame(
                {
                    "category": list(self.effects.categories),
                    PRICE: self.effects.elasticity,
                    **self.effects.lift,
                    **{name + ERROR: values for name, values in self.effects.error.items()},
                }
            ),
        }
        for name, block in self.announced.blocks.items():
            frames[f"driver.{name}"] = grid_frame(block.values, self.dates)
        frames["driver_groups"] = pd.DataFrame({name: block.group for name, block in self.announced.blocks.items()})
        frames["announced_spend"] = pd.DataFrame(dict(self.announced.spend))
        if self.live is not None:
            frames |= self.live.frames("live")
        if self.offered is not None:
            frames |= self.offered.frames("offered")
        if self.before is not None:
            changed = self.before.to_parts()
            frames |= {f"{MODEL}{name}": changed.frames[name] for name in ADJUSTED}
            frames["overrides"] = self.overrides
        meta: dict[str, Any] = {
            "frequency": self.frequency,
            "metrics": self.metrics,
            "warnings": list(self.warnings),
            "model": dict(self.model),
            "before": None if self.before is None else [self.before.metrics, list(self.before.warnings)],
            "spread": {
                "levels": self.spread.levels.tolist(),
                "means": self.spread.means.tolist(),
                "last_weeks": self.spread.last_weeks.tolist(),
                "quantile": self.spread.quantile.tolist(),
                "shared": self.spread.shared,
                "persistence": self.spread.persistence,
                "kind": self.spread.kind.tolist(),
            },
        }
        return Parts(frames, meta)

    @classmethod
    def from_parts(cls, parts: Parts) -> Forecast:
        frames, meta = parts.frames, parts.meta
        values, dates = frame_grid(frames["mean"].drop(columns=KEYS))
        groups = frames["driver_groups"]
        blocks = {
            name: Block(frame_grid(frames[f"driver.{name}"])[0].astype(np.float32), groups[name].to_numpy(np.int32))
            for name in groups.columns
        }
        spend = {str(name): frames["announced_spend"][name].to_numpy() for name in frames["announced_spend"].columns}
        shelf = _shelf(frames["series"])
        extra = ["trust", "effect_category", "reference_price", *_shelf_columns(shelf)]
        table = frames["effects"]
        law = meta["spread"]
        found = cls(
            series=frames["series"].drop(columns=extra),
            dates=dates,
            frequency=meta["frequency"],
            mean=values.astype(np.float32),
            announced=Drivers(dates, meta["frequency"], blocks, spend),
            effects=DemandEffects(
                tuple(table["category"]),
                frames["series"]["effect_category"].to_numpy(np.int32),
                frames["series"]["reference_price"].to_numpy(np.float32),
                table[PRICE].to_numpy(),
                {str(n): table[n].to_numpy() for n in table.columns if n not in ("category", PRICE) and ERROR not in n},
                {str(n).removesuffix(ERROR): table[n].to_numpy() for n in table.columns if str(n).endswith(ERROR)},
                shelf,
            ),
            spread=Spread(
                np.array(law["levels"]),
                np.array(law["means"]),
                np.array(law["last_weeks"]),
                np.array(law["quantile"]),
                law["shared"],
                law["persistence"],
                np.array(law["kind"], dtype=np.int32),
            ),
            long_run=frames["long_run"],
            long_draws=frames["long_draws"].to_numpy(np.float32),
            backtest=frames["backtest"],
            trust=frames["series"]["trust"].to_numpy(str),
            warnings=tuple(meta["warnings"]),
            metrics=dict(meta["metrics"]),
            model=meta.get("model", {}),
            live=Bookings.from_frames(frames, "live"),
            offered=Bookings.from_frames(frames, "offered"),
        )
        if meta.get("before") is None:
            return found
        metrics, warnings = meta["before"]
        before = replace(
            found,
            mean=frame_grid(frames[f"{MODEL}mean"].drop(columns=KEYS))[0].astype(np.float32),
            long_run=frames[f"{MODEL}long_run"],
            long_draws=frames[f"{MODEL}long_draws"].to_numpy(np.float32),
            metrics=dict(metrics),
            warnings=tuple(warnings),
        )
        return replace(found, before=before, overrides=frames["overrides"])


def _shelf_columns(shelf: Shelf | None) -> dict[str, NDArray[Any]]:
    return {} if shelf is None else {f"shelf_{name}": values for name, values in vars(shelf).items()}


def _shelf(series: pd.DataFrame) -> Shelf | None:
    if "shelf_group" not in series:
        return None
    group, start, stop = (series[f"shelf_{name}"].to_numpy(np.int32) for name in ("group", "start", "stop"))
    return Shelf(group, series["shelf_weight"].to_numpy(np.float32), start, stop)


def rows_of(series: pd.DataFrame) -> NDArray[np.int64]:
    """All row positions."""
    return np.arange(len(series))
