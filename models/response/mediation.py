"""What ads bring through another ad channel: content makes people search weeks later, and search ads take their clicks.

Product of coefficients (Baron and Kenny 1986), by draws of both fits (Yuan and MacKinnon 2009): what a yuan of content
adds to the clicks of search, times what these clicks bring. The second factor is the search channel's own incremental
ROI, so what is found here is part of search's return, not revenue beside it.

Left to belief: that a click that content brought is worth as much as any other click of that channel, and that nothing
unseen moves content's spend and the searches of later weeks at once (sequential ignorability, Imai, Keele and Yamamoto
2010).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.response.data import ResponseData, bridged
from models.response.fit import ResponseFit, fit_response
from models.response.forms import Form
from models.response.priors import Priors
from models.response.roi_prior import ENDS
from models.response.verdicts import UNTOLD

Floats = NDArray[np.float64]
LATE = Form("weibull")
"""Carry-over from content to searches: it may fade from the first week on or come weeks later."""


@dataclass(frozen=True)
class Indirect:
    """What one ad channel brings ``through`` another, a yuan of its spend.

    ``fed`` [draws]: yuan of clicks of the other, at their mean price; ``roi`` [draws]: revenue that these bring;
    ``data``: what the history can tell of it.
    """

    ad_channel: str
    through: str
    fed: Floats
    roi: Floats
    data: str

    @property
    def interval(self) -> tuple[float, float]:
        """90 % of ``roi``."""
        low, high = np.quantile(self.roi, ENDS)
        return float(low), float(high)


def indirect(
    data: ResponseData, fit: ResponseFit, through: int, feeding: Sequence[int], clicks: Floats | None, seed: int = 0
) -> tuple[Indirect, ...]:
    """What each ad channel in ``feeding`` (rows of ``data``) brings through that in row ``through``.

    ``data`` by week, ``fit`` of all of it; ``clicks`` [weeks] of the channel in ``through``; None: not told, then its
    spend stands for them. Raises ValueError where ``through`` never spent.
    """
    searched = searches(data, through, feeding, clicks)
    path = fit_response(searched, Priors(forms=dict.fromkeys(searched.ad_channels, LATE)), seed)
    worth = fit.roi[:, through]
    return tuple(
        Indirect(
            data.ad_channels[row],
            data.ad_channels[through],
            path.roi[:, place],
            np.multiply.outer(path.roi[:, place], worth).ravel(),  # the draws of both fits are independent
            _verdict(path.data[place], fit.data[through]),
        )
        for place, row in enumerate(feeding)
    )


def searches(data: ResponseData, through: int, feeding: Sequence[int], clicks: Floats | None) -> ResponseData:
    """The clicks of an ad channel as the outcome of others: yuan at the mean price of a click, so that what feeds them
    is a share of its spend.

    What a click cost is among the causes (bids buy clicks too). Controls are those of the sales channels that it lifts.
    A week in which it was switched off says nothing of what people searched.
    """
    spend = data.spend[through]
    if not spend.any():
        raise ValueError(f"{data.ad_channels[through]} never spent: nothing goes through it")
    controls = np.tensordot(data.split[through], data.controls, axes=1)
    taken = spend
    if clicks is not None and clicks.any():
        taken = clicks * (spend.sum() / clicks.sum())
        controls = np.concatenate([controls, _price(spend, clicks)[:, None]], axis=1)
    rows = list(feeding)
    names = tuple(data.ad_channels[row] for row in rows)
    found = replace(
        data,
        ad_channels=names,
        channels=(data.ad_channels[through],),
        spend=data.spend[rows],
        revenue=taken[None],
        controls=controls[None],
        split=np.ones((len(rows), 1)),
        tests=(),
        claims=None,
        gap=(),
    )
    return bridged(found)


def _price(spend: Floats, clicks: Floats) -> Floats:
    """Log of what a click cost, [weeks]; weeks without clicks lie between their neighbours."""
    told = np.flatnonzero((spend > 0) & (clicks > 0))
    return np.interp(np.arange(len(spend)), told, np.log(spend[told] / clicks[told]))


def _verdict(path: str, worth: str) -> str:
    """Of a product: as little as the factor of which the data say less."""
    if UNTOLD in (path, worth):
        return UNTOLD
    return next((found for found in (path, worth) if found != "strong"), "strong")
