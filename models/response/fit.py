"""Fit of the response model: weekly revenue on ad spend and controls, with draws of the curves.

revenue_s(t) = controls_s(t) + sum_a split_as ROI_a unit_a hill(adstock(spend_a))(t) + noise_s(t). The model is
additive: a yuan lifts revenue by the same amount in a quiet week and in a festival week.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.response.curves import ResponseCurves, adstock
from models.response.data import ResponseData, whole
from models.response.design import busy_week, shapes
from models.response.evidence import Evidence, evidence, lift_test_terms
from models.response.priors import ROI_WIDTHS, Priors, log_width_belief, prior_roi_draws
from models.response.sampler import effective_size, sample_chain, split_r_hat

Floats = NDArray[np.float64]

CHAINS = 4
WARM_UP = 500
SWEEPS = 1500
DRAWS = 200
MOST_SHAPES = 5000  # of all ad channels together: the inner products take 8 bytes x the square of it
SAME = 0.98
UNTOLD = "prior: the data say nothing here"
ENOUGH_R_HAT = 1.05


@dataclass(frozen=True)
class ResponseFit:
    """Curves with draws, and what can be said of each ad channel.

    ``roi`` float64 [draws, ad_channels]: revenue a yuan over the whole history. ``data``: verdict by ad channel.
    """

    curves: ResponseCurves
    roi: Floats
    data: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    metrics: dict[str, float] = field(default_factory=dict)


def fit_response(data: ResponseData, priors: Priors | None = None, seed: int = 0, draws: int = DRAWS) -> ResponseFit:
    """Fit curves for every ad channel; one that never ran keeps a flat curve.

    Always returns curves: what the data cannot tell is drawn from the prior and said in ``data`` and ``warnings``.
    """
    return fit_regions((data,), priors, seed, draws)


def region_sizes(regions: Sequence[ResponseData]) -> Floats:
    """Share of all revenue by region, float64 [regions]."""
    revenue = np.array([region.revenue.sum() for region in regions])
    return np.asarray(revenue / revenue.sum())


def fit_regions(
    regions: Sequence[ResponseData], priors: Priors | None = None, seed: int = 0, draws: int = DRAWS
) -> ResponseFit:
    """One set of curves for the whole country from regions with the same ad channels, sales channels and weeks.

    A region of size s (its share of revenue) responds to spend x as s times the country to x / s: spend a head
    counts, the shapes and the ROI are common. Curves, ROI and verdicts are the country's; each region has its own
    controls and noise. Regions without revenue are left out.
    """
    regions = [region for region in regions if region.revenue.sum() > 0] or list(regions[:1])
    data, belief = whole(regions), priors or Priors()
    revenue = float(data.revenue.sum())
    if revenue <= 0.0 or not data.spend.any():
        return _nothing(data, busy_week(data.spend))
    sizes = region_sizes(regions)
    scaled = [region.spend / size for region, size in zip(regions, sizes, strict=True)]
    busy = busy_week(np.concatenate(scaled, axis=1))
    ran = np.flatnonzero(busy > 0)
    grid, log_grid = _thinned(belief, len(ran))
    expected = np.array([_expected_roi(data, belief, int(row)) for row in ran])
    responses, stocks, units = [], [], []
    for row in ran:
        response, stock, unit = _responses(scaled, sizes, int(row), grid * np.array([1.0, busy[row], 1.0]))
        responses.append(response)
        stocks.append(stock)
        units.append(unit)
    by_region = [np.concatenate([entry[number] for entry in responses]) for number in range(len(regions))]
    found = evidence(regions, ran, by_region, grid)
    test = lift_test_terms(data, ran, [entry.sum(axis=0) for entry in responses])
    shape, roi = _chains(found, test, log_grid, expected, seed)
    kept = np.linspace(0, shape.shape[0] * shape.shape[1] - 1, draws).astype(int)
    chosen, levels = shape.reshape(-1, len(ran))[kept], roi.reshape(-1, len(ran))[kept]
    curves = _curves(data, busy, ran, grid, chosen, levels * _pick(units, chosen), _pick(stocks, chosen))
    everywhere = np.zeros((draws, len(busy)))
    everywhere[:, ran] = levels
    verdict = _verdicts(data, ran, roi.reshape(-1, len(ran)), expected, seed)
    metrics = _metrics(data, roi, levels, ran)
    if len(regions) > 1:
        metrics |= {"regions": float(len(regions)), "independent_regions": len(regions) / found.effect}
    return ResponseFit(curves, everywhere, verdict, _warnings(data, busy, metrics), metrics)


def _responses(scaled: Sequence[Floats], sizes: Floats, row: int, in_yuan: Floats) -> tuple[Floats, Floats, Floats]:
    """Of one ad channel: response per unit of ROI [regions, points, weeks], stock at the end and unit [points]."""
    pairs = [shapes(spend[row], in_yuan) for spend in scaled]
    saturated = np.stack([size * pair[0] for size, pair in zip(sizes, pairs, strict=True)])
    spent = sum(size * spend[row].sum() for size, spend in zip(sizes, scaled, strict=True))
    unit = spent / np.maximum(saturated.sum(axis=(0, 2)), 1e-12)
    stock = np.sum([size * pair[1] for size, pair in zip(sizes, pairs, strict=True)], axis=0)
    return saturated * unit[:, None], stock, unit


def _expected_roi(data: ResponseData, belief: Priors, row: int) -> float:
    """All ads that lift the same sales channels share the expectation; never quite 0, so that the prior is proper."""
    lifted = data.split[row] > 0
    reach = data.split[:, lifted].sum(axis=1)
    expected = belief.expected_roi(float(data.revenue[lifted].sum()), float(data.spend.sum(axis=1) @ reach))
    return max(expected, 1e-6)


def _thinned(belief: Priors, ran: int) -> tuple[Floats, Floats]:
    """The grid, with every other shape left out as long as there are too many for the inner products."""
    grid, log_grid = belief.grid(), belief.log_grid()
    while len(grid) * ran > MOST_SHAPES and len(grid) > 8:
        grid, log_grid = grid[::2], log_grid[::2]
    return grid, log_grid


def _pick(values: Sequence[Floats], chosen: NDArray[np.int64]) -> Floats:
    """Value of the chosen grid point, [draws, ad_channels]."""
    return np.stack([entry[chosen[:, column]] for column, entry in enumerate(values)], axis=1)


def _chains(
    found: Evidence, test: tuple[Floats, Floats], log_grid: Floats, expected: Floats, seed: int
) -> tuple[NDArray[np.int64], Floats]:
    """Shapes and ROI after the warm-up, [chains, sweeps, ad_channels] each."""
    shape = np.empty((CHAINS, WARM_UP + SWEEPS, len(expected)), dtype=np.int64)
    roi = np.empty(shape.shape)
    for chain in range(CHAINS):
        sample_chain(
            found.gram,
            found.linear,
            found.square,
            found.rows,
            test[0],
            test[1],
            log_grid,
            ROI_WIDTHS,
            log_width_belief(),
            expected,
            (seed + 7919 * chain) % (2**31),
            shape[chain],
            roi[chain],
        )
    return shape[:, WARM_UP:], roi[:, WARM_UP:]


def _curves(
    data: ResponseData,
    busy: Floats,
    ran: NDArray[np.int64],
    grid: Floats,
    chosen: NDArray[np.int64],
    scale: Floats,
    start: Floats,
) -> ResponseCurves:
    """Draws of all parameters; a channel that never ran gets a scale of 0."""
    size = (len(chosen), len(busy))
    values = {
        "carryover": np.zeros(size),
        "half_saturation": np.ones(size),
        "slope": np.ones(size),
        "scale": np.zeros(size),
        "start": np.zeros(size),
    }
    picked = grid[chosen]
    values["carryover"][:, ran] = picked[..., 0]
    values["half_saturation"][:, ran] = picked[..., 1] * busy[ran]
    values["slope"][:, ran] = picked[..., 2]
    values["scale"][:, ran] = scale
    values["start"][:, ran] = start
    return ResponseCurves(data.ad_channels, data.channels, split=data.split, **values)


def _nothing(data: ResponseData, busy: Floats) -> ResponseFit:
    """No revenue or no spend at all: flat curves, and it is said."""
    none: NDArray[np.int64] = np.empty((1, 0), dtype=np.int64)
    empty = np.empty((1, 0))
    curves = _curves(data, busy, np.empty(0, dtype=np.int64), np.empty((1, 3)), none, empty, empty)
    start = adstock(data.spend, np.zeros(len(busy)), np.zeros(len(busy)))[:, -1:] if data.weeks else busy[:, None]
    curves = ResponseCurves(**{**vars(curves), "start": start.T})
    why = "no ad channel has any spend" if not (busy > 0).any() else "there is no revenue to explain"
    return ResponseFit(
        curves, np.zeros((1, len(busy))), (UNTOLD,) * len(busy), (f"{why}: no effect of ads is assumed",), {}
    )


def _verdicts(data: ResponseData, ran: NDArray[np.int64], roi: Floats, expected: Floats, seed: int) -> tuple[str, ...]:
    """What the history can tell: 90 % interval of the ROI against the one believed without data.

    ``strong``: a third of it or less, and its ends within a factor of 3; ``some``: up to three quarters of it.
    """
    verdict = ["never on: nothing is known"] * len(data.ad_channels)
    for column, row in enumerate(ran):
        believed = np.quantile(prior_roi_draws(expected[column], 20_000, seed), [0.05, 0.95])
        found = np.quantile(roi[:, column], [0.05, 0.95])
        ratio = np.log(found[1] / max(found[0], 1e-12)) / np.log(believed[1] / believed[0])
        share = min(ratio, (found[1] - found[0]) / (believed[1] - believed[0]))
        twin = _twin(data.spend, int(row))
        if twin is not None:
            verdict[row] = f"moves together with {data.ad_channels[twin]}: the two cannot be told apart"
        elif share > 0.75 or data.weeks < 26:
            verdict[row] = UNTOLD
        else:
            sharp = share < 0.35 and found[1] < 3.0 * found[0] and data.weeks >= 52
            verdict[row] = "strong" if sharp else "some"
    return tuple(verdict)


def _twin(spend: Floats, row: int) -> int | None:
    """Another ad channel whose spend is (nearly) a multiple of this one's."""
    for other in range(len(spend)):
        if other != row and spend[row].std() > 0 and spend[other].std() > 0:
            alike = float(np.corrcoef(spend[row], spend[other])[0, 1])
            if alike > SAME:
                return other
    return None


def _metrics(data: ResponseData, roi: Floats, levels: Floats, ran: NDArray[np.int64]) -> dict[str, float]:
    """Convergence on the log ROI, and the share of revenue that the ads bring."""
    logs = np.log(np.maximum(roi, 1e-9))
    spent = data.spend[ran].sum(axis=1)
    return {
        "r_hat": float(split_r_hat(logs).max()),
        "ess": float(effective_size(logs).min()),
        "ads_share": float((levels @ spent).mean() / data.revenue.sum()),
        "weeks": float(data.weeks),
    }


def _warnings(data: ResponseData, busy: Floats, metrics: dict[str, float]) -> tuple[str, ...]:
    """What limits the answer."""
    found = []
    if data.weeks < 52:
        found.append(
            f"{data.weeks} weeks of history: season and ads cannot be told apart, expect little from the curves"
        )
    for row, name in enumerate(data.ad_channels):
        positive = data.spend[row]
        if busy[row] <= 0:
            found.append(f"ad channel {name} never ran: no effect is assumed")
        elif positive.std() < 0.02 * positive.mean():
            found.append(f"ad channel {name} always spends the same: its effect cannot be seen, the prior stands")
    if metrics["ads_share"] > 0.6:
        found.append(f"ads seem to bring {metrics['ads_share']:.0%} of revenue, which is hard to believe")
    if metrics["r_hat"] > ENOUGH_R_HAT:
        found.append(f"the curves have not settled (R-hat {metrics['r_hat']:.2f}): read the intervals with care")
    return tuple(found)
