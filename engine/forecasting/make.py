"""The forecast stage: baseline and effects, spread from the backtest, trust, and the long horizon."""

from __future__ import annotations

from engine.data.dataset import Dataset
from engine.data.panels import build_panel
from engine.execution.run import Run
from engine.forecasting.backtest import Backtest, run_backtest
from engine.forecasting.blend import fit_blend
from engine.forecasting.cautions import cautions
from engine.forecasting.classes import classes
from engine.forecasting.fold import fit_fold
from engine.forecasting.long_run import long_run
from engine.forecasting.settings import ForecastSettings
from engine.forecasting.trust import trust_grades
from engine.plans.forecast import Demand, Forecast
from models.drivers import PRICE
from models.panel import Frequency, periods_a_week
from models.spread_fit import fit_spread


def make_forecast(dataset: Dataset, settings: ForecastSettings, frequency: Frequency, run: Run) -> Forecast:
    """Forecast every sku x channel that has sold; judge the method at past origins first.

    :class:`BadInput` without a single row of sales.
    """
    panel = build_panel(dataset, frequency)
    tested = run_backtest(dataset, panel, settings, run)
    run.progress("forecast", settings.origins / (settings.origins + 1))
    horizon = settings.horizon_weeks * periods_a_week(frequency)
    fold = fit_fold(dataset, panel, horizon, settings, run)
    kind = classes(fold)
    mean = fit_blend(tested.past).mean(fold.means, kind // 2, frequency)
    spread = fit_spread(list(tested.errors), run.seed_for("spread"), kind)
    announced = fold.drivers.between(len(panel.dates), len(panel.dates) + horizon)
    price = announced.blocks[PRICE].of() if PRICE in announced.blocks else None
    near = Demand(panel.series, announced.dates, frequency, mean, price, spread)
    odd = cautions(dataset, panel, fold.drivers, fold.model.effects)
    far = long_run(dataset, near, settings.long_run, run)
    return Forecast(
        series=panel.series,
        dates=announced.dates,
        frequency=frequency,
        mean=mean,
        announced=announced,
        effects=fold.model.effects,
        spread=spread,
        long_run=far.table,
        long_draws=far.draws,
        backtest=tested.table.drop(columns=["pit", "seconds"]),
        trust=trust_grades(panel, tested.errors),
        warnings=(*tested.warnings, *_worse(tested), *odd, *far.warnings),
        metrics=tested.summary() | {"series": float(len(panel.series)), "units": float(mean.sum(dtype=float))},
        model=fold.model.state(),
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
