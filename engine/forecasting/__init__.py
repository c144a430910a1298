"""What will sell: baseline, effects, uncertainty, and the proof from past origins."""

from engine.forecasting.backtest import backtest
from engine.forecasting.make import make_forecast
from engine.forecasting.settings import ForecastSettings

__all__ = ["ForecastSettings", "backtest", "make_forecast"]
