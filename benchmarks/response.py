"""Cost of the response fit: ``python -m benchmarks.response``; 8 ad channels x 156 weeks within 3 CPU s and 0.4 GiB,
x 1,092 days within 10 CPU s and 1 GiB.

Businesses of ``following_shop`` (S-curves, spend that follows demand, promotions) at growing sizes, then days of
``small_business_days``, one thread; the kernel is compiled before. R-hat and effective size are the worst over log ROI
and curve parameters.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = "1"

import time

from experiments.record import peak_gb
from experiments.response.worlds import following_shop, small_business_days
from models.response.data import ResponseData
from models.response.fit import fit_response
from models.response.period import WEEK

SIZES = ((4, 104), (8, 156), (16, 156))


def _timed(data: ResponseData) -> None:
    started = time.process_time()
    fit = fit_response(data)
    print(
        f"{len(data.ad_channels):3d} ad channels x {data.periods} {'weeks' if data.days == WEEK else 'days'}: "
        f"{time.process_time() - started:5.2f} CPU s, R-hat {fit.metrics['r_hat']:.3f}, "
        f"effective size {fit.metrics['ess']:.0f}, {peak_gb():.2f} GiB"
    )


if __name__ == "__main__":
    fit_response(following_shop(0, 30, ads=2).data)
    for world in (following_shop, small_business_days):
        for ads, weeks in SIZES:
            for seed in range(3):
                _timed(world(seed, weeks, ads=ads).data)
