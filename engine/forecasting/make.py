"""The forecast stage: baseline and effects, spread from the backtest, trust, and the long horizon."""

from __future__ import annotations

from engine.data.dataset import Dataset
from engine.execution.run import Run
from engine.forecasting.backtest import Backtest
from engine.forecasting.cautions import cautions
from engine.forecasting.long_run import long_run
from engine.forecasting.method import Method
from engine.forecasting.settings import ForecastSettings
from engine.forecasting.trust import trust_grades
from engine.plans.forecast import Forecast
from models.panel import Frequency


def make_forecast(dataset: Dataset, settings: ForecastSettings, frequency: Frequency, run: Run) -> Forecast:
    """Forecast every sku x channel that has sold; judge the method at past origins first.

    :class:`BadInput` without a single row of sales.
    """
    method = Method.learn(dataset, settings, frequency, run)
    panel, fold, tested, near = method.panel, method.fold, method.tested, method.demand()
    odd = cautions(dataset, panel, fold.drivers, fold.model.effects)
    far = long_run(dataset, near, settings.long_run, run)
    return Forecast(
        series=panel.series,
        dates=near.dates,
        frequency=frequency,
        mean=near.mean,
        announced=method.announced,
        effects=fold.model.effects,
        spread=near.spread,
        long_run=far.table,
        long_draws=far.draws,
        backtest=tested.table.drop(columns=["pit", "seconds"]),
        trust=trust_grades(panel, tested.errors),
        warnings=(*tested.warnings, *_worse(tested), *odd, *far.warnings),
        metrics=tested.summary() | {"series": float(len(panel.series)), "units": float(near.mean.sum(dtype=float))},
        model=fold.model.state(),
        live=near.live,
        offered=fold.offered,
    )


def _worse(tested: Backtest) -> tuple[str, ...]:
    """A word where a simple rule has done better."""
    summary = tested.summary()
    if not summary or summary["wrmsse"] <= summary["yardstick_wrmsse"]:
        return ()
    return (
        f"the simple yardstick {tested.yardstick} was better at past origins "
        f"({summary['yardstick_wrmsse']:.3f} against {summary['wrmsse']:.3f}, sales-weighted RMSSE)",
    )
