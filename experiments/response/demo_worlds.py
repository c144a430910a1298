"""Demo merchants as businesses whose true ROAS is known: Weibull carry-over by day, thresholds, drift, spend that
follows demand, promotions, stock-outs; none of it has the form that is fitted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.budget.history import response_data
from engine.data.dataset import Dataset
from engine.demo.merchant import make_merchant
from engine.demo.settings import DemoSettings
from experiments.response.business import Business
from models.response.period import By

SKUS = 60


def demo_channels(seed: int, by: By = "week") -> Business:
    """What the product sees of a demo merchant: revenue and controls by sales channel, lift tests."""
    merchant = make_merchant(DemoSettings(skus=SKUS, seed=seed))
    dataset = Dataset(merchant.tables, "demo")
    origin = np.datetime64(dataset["sales"]["date"].max(), "D") + 1
    data = response_data(dataset, origin, by)
    truth = merchant.truth["ad_contribution"]
    day = truth["date"].to_numpy().astype("datetime64[D]")
    inside = truth[(day >= origin - 7 * data.weeks) & (day < origin)]
    sums = inside.groupby(inside["ad_channel"].astype(str))[["spend_yuan", "incremental_yuan"]].sum()
    roas = (sums["incremental_yuan"] / sums["spend_yuan"]).reindex(list(data.ad_channels)).to_numpy(float)
    return Business(data, None, roas)


def demo_merchant(seed: int, by: By = "week") -> Business:
    """The same added up to one shop without its lift tests: a file that every program can read."""
    return one_shop(demo_channels(seed, by))


def one_shop(business: Business) -> Business:
    """Revenue added up, controls averaged by revenue."""
    data = business.data
    size = data.revenue.sum(axis=1) / data.revenue.sum()
    total = replace(
        data,
        channels=("shop",),
        revenue=data.revenue.sum(axis=0, keepdims=True),
        controls=np.tensordot(size, data.controls, axes=1)[None],
        split=np.ones((len(data.ad_channels), 1)),
        tests=(),
    )
    return replace(business, data=total)
