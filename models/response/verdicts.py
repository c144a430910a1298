"""What the history can tell of every ad channel, and whether the sampling has settled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.response.data import ResponseData
from models.response.inseparable import inseparable, shadowed
from models.response.period import WEEK
from models.response.posterior import ENOUGH_DRAWS, ENOUGH_R_HAT, Posterior
from models.response.roi_prior import ENDS, RoiPrior

Floats = NDArray[np.float64]

FEW_WEEKS = 4
MOST_OF_IT = 0.5
"""Share of all spend of an ad channel above which that of a single week looks mistyped."""
UNTOLD = "prior: the data say nothing here"

UNSOLD = "lifts nothing that was sold: nothing is known"


def verdicts(data: ResponseData, ran: NDArray[np.int64], roi: Floats, believed: Sequence[RoiPrior]) -> tuple[str, ...]:
    """What the history can tell: 90 % interval of the ROI against the one believed without data.

    ``strong``: a third of it or less, and its ends within a factor of 3; ``some``: up to three quarters of it, or moved
    out of it.
    """
    verdict = ["never on: nothing is known"] * len(data.ad_channels)
    peers = {row: group for group in inseparable(data.spend) for row in group}
    for column, row in enumerate(ran):
        before = believed[column].quantiles(ENDS)
        found = np.quantile(roi[:, column], ENDS)
        ratio = np.log(found[1] / max(found[0], 1e-12)) / np.log(before[1] / before[0])
        share = min(ratio, (found[1] - found[0]) / (before[1] - before[0]))
        others = [data.ad_channels[other] for other in peers.get(int(row), ()) if other != row]
        if data.sold[row] <= 0:
            verdict[row] = UNSOLD
        elif others:
            all_ = "the two" if len(others) == 1 else "they"
            verdict[row] = f"moves together with {', '.join(others)}: {all_} cannot be told apart"
        elif (share > 0.75 and not _moved(roi[:, column], before)) or data.weeks < 26:
            verdict[row] = UNTOLD
        else:
            sharp = share < 0.35 and found[1] < 3.0 * found[0] and data.weeks >= 52
            verdict[row] = "strong" if sharp else "some"
    return tuple(verdict)


def _moved(roi: Floats, before: Floats) -> bool:
    """Whether most draws lie beyond the same end of what was believed."""
    return not before[0] <= np.median(roi) <= before[1]


def contradictions(
    data: ResponseData, ran: NDArray[np.int64], roi: Floats, believed: Sequence[RoiPrior]
) -> tuple[str, ...]:
    """Ranges believed of an ad channel that the data speak against (prior-data conflict, Evans and Moshonov 2006)."""
    found = []
    for column, row in enumerate(ran):
        before, after = believed[column].quantiles(ENDS), np.quantile(roi[:, column], ENDS)
        if believed[column].centre > 0 and _moved(roi[:, column], before):
            found.append(
                f"ad channel {data.ad_channels[row]}: an ROI of {before[0]:.2f} to {before[1]:.2f} was believed, with "
                f"the data it is {after[0]:.2f} to {after[1]:.2f}: one of the two is wrong"
            )
    return tuple(found)


def settled(found: Posterior) -> dict[str, float]:
    """R-hat (the highest) and effective size (the lowest) over log ROI and curve parameters of every ad channel."""
    return {"r_hat": found.r_hat, "ess": found.effective_draws}


def warnings(data: ResponseData, busy: Floats, metrics: dict[str, float]) -> tuple[str, ...]:
    """What limits the answer."""
    found, unit = [], "weeks" if data.days == WEEK else "days"
    if data.weeks < 52:
        found.append(
            f"{data.weeks} weeks of history: season and ads cannot be told apart, expect little from the curves"
        )
    if data.gap:
        found.append(
            f"no sales at all in {len(data.gap)} of {data.periods} {unit}: taken as a gap in the records, "
            "which says nothing of the ads"
        )
    spent = data.by_week().spend
    for row, name in enumerate(data.ad_channels):
        positive, on = data.spend[row], int((spent[row] > 0).sum())
        if busy[row] <= 0:
            found.append(f"ad channel {name} never ran: no effect is assumed")
        elif positive.std() < 0.02 * positive.mean():
            found.append(f"ad channel {name} always spends the same: its effect cannot be seen, the prior stands")
        elif on < FEW_WEEKS:
            found.append(
                f"ad channel {name} ran in {on} weeks only: whatever else happened then cannot be told from its effect"
            )
        elif (part := float(spent[row].max() / spent[row].sum())) > MOST_OF_IT:
            found.append(
                f"ad channel {name} spent {part:.1%} of all its money in week {int(spent[row].argmax()) + 1} of "
                f"{data.weeks}: check that figure, it moves what is believed of the others too"
            )
    found += [
        f"a known cause beside the ads moves exactly as ad channel {data.ad_channels[row]}: their effects cannot be "
        "told apart"
        for row in shadowed(data.spend, data.controls, data.split)
    ]
    length = data.periods
    cut = Counter(test.ad_channel for test in data.tests if test.touches(length) and not test.within(length))
    found += [
        f"{count} lift tests of {name} lie in part outside of the history: they are not used"
        for name, count in sorted(cut.items())
    ]
    if metrics["ads_share"] > 0.6:
        found.append(f"ads seem to bring {metrics['ads_share']:.0%} of revenue, which is hard to believe")
    if metrics["r_hat"] > ENOUGH_R_HAT:
        found.append(f"the curves have not settled (R-hat {metrics['r_hat']:.2f}): read the intervals with care")
    if metrics["ess"] < ENOUGH_DRAWS:
        found.append(f"the curves rest on {metrics['ess']:.0f} effective draws: read the intervals with care")
    return tuple(found)
