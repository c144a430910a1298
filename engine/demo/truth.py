"""The laws of the demo world, for tests, experiments and benchmarks only.

``demand``: units wanted (live streams in) by ``date, sku, channel`` of the history and of the announced future; weeks
(blocks of 7 days that end with the last day) instead of days for large merchants. ``restocked`` (small merchants): good
returns back on the shelf. ``ad_laws``, ``ad_drift``, ``ad_contribution``: see
:func:`engine.demo.response.contribution`. ``elasticities``: slope of the price response by category and quarter and
the elasticity it means at the usual price and at 20 % off. ``price_laws``: constants of cannibalisation and threshold.
``lead_times``: law of each supplier. ``progress_to_come`` (small merchants): ``event_progress`` of the days to come.
``streams``: what every live stream would have sold. ``paid_prices``: prices of the coming weeks as they will really be.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from engine.demo.chunks import Shop
from engine.demo.demand import CANNIBAL, PRICE_THRESHOLD
from engine.demo.frames import coded
from engine.demo.media import Media
from engine.demo.prices import PriceBook, sku_codes
from engine.demo.supply import lead_time_moments

_STEP = 91


def law_tables(shop: Shop, prices: PriceBook, media: Media) -> dict[str, pd.DataFrame]:
    """All truth except what was drawn unit by unit."""
    return {
        "ad_laws": media.laws,
        "ad_drift": _ad_drift(shop, media),
        "ad_contribution": _ad_contribution(shop, media),
        "elasticities": _elasticities(shop),
        "price_laws": pd.DataFrame({"cannibalisation_power": [CANNIBAL], "threshold": [PRICE_THRESHOLD]}),
        "lead_times": _lead_times(shop),
        "streams": _streams(shop),
        "paid_prices": _future_prices(shop, prices),
    }


def _ad_drift(shop: Shop, media: Media) -> pd.DataFrame:
    frame = pd.DataFrame(media.drift.T, columns=list(shop.world.ads))
    frame.insert(0, "date", shop.time.days.astype("datetime64[s]"))
    return frame


def _ad_contribution(shop: Shop, media: Media) -> pd.DataFrame:
    """Expected incremental yuan of each ad channel by day, and the spend (also of the days to come)."""
    ads, days = media.spend.shape
    ad, day = np.indices((ads, days))
    return pd.DataFrame(
        {
            "date": shop.time.dates(day.ravel()),
            "ad_channel": coded(ad.ravel(), list(shop.world.ads)),
            "spend_yuan": media.spend.ravel(),
            "incremental_yuan": media.incremental.ravel(),
        }
    )


def _elasticities(shop: Shop) -> pd.DataFrame:
    """Elasticity of exp(slope x discount) in the price: -slope x price / usual price."""
    days = np.arange(0, len(shop.time), _STEP)
    group, moment = np.indices((len(shop.world.categories), len(days)))
    slope = shop.demand.slope[:, days].ravel()
    return pd.DataFrame(
        {
            "category": coded(group.ravel(), list(shop.world.categories)),
            "date": shop.time.dates(days[moment.ravel()]),
            "slope": slope,
            "elasticity_usual": -slope,
            "elasticity_20_off": -0.8 * slope,
        }
    )


def _lead_times(shop: Shop) -> pd.DataFrame:
    table = shop.supply.suppliers
    mean, spread = lead_time_moments(table["base_days"].to_numpy(float))
    return pd.DataFrame(
        {
            "supplier": pd.Categorical(table["supplier"]),
            "base_days": table["base_days"],
            "mean_days": mean,
            "sd_days": spread,
            "defect_rate": table["defect"],
        }
    )


def _streams(shop: Shop) -> pd.DataFrame:
    shown = shop.streams.shown
    return pd.DataFrame(
        {
            "stream": [f"LIVE{number:05d}" for number in shown["stream"]],
            "date": shop.time.dates(shown["day"].to_numpy()),
            "sku": coded(shown["sku"].to_numpy(), sku_codes(shop.goods)),
            "units": shown["units"].to_numpy(),
            "outcome": pd.Categorical(shown["outcome"]),
        }
    )


def _future_prices(shop: Shop, prices: PriceBook) -> pd.DataFrame:
    """Prices really paid after the history, by style, channel and week (mean), flash sales included."""
    weeks = (len(shop.time) - shop.time.history) // 7
    paid = prices.paid[:, :, shop.time.history : shop.time.history + 7 * weeks]
    mean = paid.reshape(*paid.shape[:2], weeks, 7).mean(axis=3)
    style, channel, week = np.indices(mean.shape)
    return pd.DataFrame(
        {
            "spu": pd.Categorical([f"S{number + 1:05d}" for number in style.ravel()]),
            "channel": coded(channel.ravel(), list(shop.world.channels)),
            "date": shop.time.dates(shop.time.history + 7 * week.ravel()),
            "price_yuan": mean.ravel().astype(np.float32),
        }
    )
