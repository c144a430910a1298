"""The feature kernel: what a (series, origin, target) row knows.

One kernel serves training and prediction. A row with the origin ``o`` sees periods 0..o-1 of the history, and of its
target only what is announced: the calendar, the price, events and promotions. ``log_base`` is a structural forecast
(level x weekday x season x price, event and promotion effects) that the boosted model corrects.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numba import get_num_threads, njit
from numpy.typing import NDArray

from models.features.effects import (
    log_effects,
    log_price_effect,
    place_of,
    regular_price,
    rival_effect,
    subsidy_effect,
)
from models.features.state import FeatureState
from models.features.sums import (
    YEARS,
    group_sums,
    level_at,
    lifts_of,
    own_lift,
    past_levels,
    profile_at,
    running,
    season_at,
    weekday_at,
    window_mean,
)
from models.kernels import INNER

ORIGIN_FEATURES = (
    *(f"log_window_{number}" for number in range(7)),
    "log_level",
    "zero_share",
    "recency",
    "age",
    "variation",
    "hidden_share",
    "raw_to_clean",
    "category_momentum_short",
    "category_momentum_long",
    "category",
    "channel",
)
TARGET_FEATURES = (
    "ahead",
    "weekday",
    "day_of_year",
    "day_of_month",
    "log_weekday_index",
    "log_season_category",
    "log_season_own",
    "log_price_ratio",
    "log_list_ratio",
    "log_price_effect",
    "log_event_effect",
    "log_promotion_effect",
    "to_event",
    "next_event",
    "since_event",
    "last_event",
    "log_event_profile",
    "days_into_event",
    "days_left_of_event",
    "log_shadow_effect",
    "log_rival_effect",
    "log_base",
)
FEATURES = ORIGIN_FEATURES + TARGET_FEATURES
TARGET = len(ORIGIN_FEATURES)
CATEGORICAL = ("category", "channel")
SHRINK_LIFT = 30.0
SHRINK_WEEKDAY = 40.0
SHRINK_SEASON_CATEGORY = 100.0
SHRINK_SEASON_OWN = 60.0
SHRINK_PROFILE = 50.0
"""Units of demand at which a series' own experience counts as much as that of its category."""
STRONG_EVENT = 0.1
"""An event is worth a distance from this log lift on."""


def calendar(dates: NDArray[np.datetime64]) -> NDArray[np.float32]:
    """Weekday (0 = Monday), day of the year and day of the month of each period, float32 [3, periods]."""
    days = dates.astype("datetime64[D]")
    weekday = (days.astype(np.int64) + 3) % 7
    of_year = (days - days.astype("datetime64[Y]")).astype(np.int64)
    of_month = (days - days.astype("datetime64[M]")).astype(np.int64)
    return np.stack([weekday, of_year, of_month]).astype(np.float32)


def feature_rows(
    state: FeatureState, series: NDArray[np.integer], origin: NDArray[np.integer], ahead: NDArray[np.integer]
) -> NDArray[np.float32]:
    """Features float32 [rows, len(FEATURES)] of rows sorted by series.

    ``origin``: periods known (1..periods), ``ahead``: steps from the origin to the target (1 = the first unseen).
    """
    rows = np.asarray(series, dtype=np.int64)
    present, start = np.unique(rows, return_index=True)
    bounds = np.append(start, len(rows)).astype(np.int64)
    out = np.empty((len(rows), len(FEATURES)), dtype=np.float32)
    asked = np.stack([np.asarray(origin, dtype=np.int64), np.asarray(ahead, dtype=np.int64)])
    days = calendar(state.dates)
    threads = get_num_threads()
    edges = np.searchsorted(bounds, np.linspace(0, len(rows), threads + 1)).clip(0, len(present))

    def work(part: int) -> None:
        span = np.array([edges[part], edges[part + 1]])
        _row_kernel(span, present, bounds, asked, state.history, state.grid, state.clock, days, out)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, range(threads)))
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def _row_kernel(span, present, bounds, asked, history, grid, clock, days, out):  # type: ignore[no-untyped-def]
    for position in range(span[0], span[1]):
        start, stop = bounds[position], bounds[position + 1]
        _series_rows(present[position], asked[:, start:stop], history, grid, clock, days, out[start:stop])


@njit(**INNER)
def _series_rows(row, asked, history, grid, clock, days, out):  # type: ignore[no-untyped-def]
    category = history.category[row]
    group, everything = group_sums(history, category), group_sums(history, history.total.shape[0] - 1)
    units, clean, known = history.units[row], history.clean[row], history.known[row]
    periods = len(units)
    sums = running(clean, known.astype(np.float32), clock.week)
    more = _more_sums(units, clean, known, history.hidden[row])
    regular = regular_price(grid.price[grid.price_row[row]], periods, clock)
    effect = log_effects(row, category, periods, regular, grid)
    lifts = lifts_of(row, category, units, known, effect, regular, sums, grid, clock)
    pull = _event_pull(row, category, grid)
    levels = np.empty((3, YEARS))
    level, before = 0.0, -1
    for entry in range(asked.shape[1]):
        origin, ahead = asked[0, entry], asked[1, entry]
        target = origin + ahead - 1
        line = out[entry]
        if origin == before:
            for feature in range(TARGET):
                line[feature] = out[entry - 1, feature]
        else:
            level = _origin_part(line, origin, sums, group, more, clock)
            line[16] = category
            line[17] = history.channel[row]
            for number, part in enumerate((sums, group, everything)):
                past_levels(part, origin, clock, levels[number])
            before = origin
        line[TARGET] = ahead
        for number in range(3):
            line[TARGET + 1 + number] = days[number, target]
        base = np.log(level)
        base += _weekday_part(line, origin, target, sums, group, clock)
        base += _season_part(line, origin, target, sums, group, everything, levels, clock)
        base += _driver_part(line, row, category, origin, target, regular, lifts, grid)
        base += _profile_part(line, row, origin, target, group, everything, grid, clock)
        _distance_part(line, target, pull, clock)
        line[TARGET + 21] = min(max(base, -9.0), 14.0)


@njit(**INNER)
def _more_sums(units, clean, known, hidden):  # type: ignore[no-untyped-def]
    """Running sums [units, clean squared, periods with sales, stock-outs, last sale, first known] at each origin."""
    periods = len(units)
    more = np.zeros((5, periods + 1))
    more[4, 0] = -1.0
    for period in range(periods):
        more[0, period + 1] = more[0, period] + units[period]
        more[1, period + 1] = more[1, period] + clean[period] * clean[period]
        more[2, period + 1] = more[2, period] + (1.0 if units[period] > 0.0 else 0.0)
        more[3, period + 1] = more[3, period] + (1.0 if hidden[period] and known[period] else 0.0)
        more[4, period + 1] = period if units[period] > 0.0 else more[4, period]
    return more


@njit(**INNER)
def _event_pull(row, category, grid):  # type: ignore[no-untyped-def]
    """Log lift of all events together, by period of history and horizon."""
    pull = np.zeros(grid.value.shape[1])
    for flag in range(grid.events):
        line = grid.flag_row[flag, row]
        for entry in range(grid.pointer[line], grid.pointer[line + 1]):
            period = grid.active[entry]
            pull[period] += grid.lift[flag, category] * grid.value[line, period]
    return pull


@njit(**INNER)
def _origin_part(line, origin, sums, group, more, clock):  # type: ignore[no-untyped-def]
    """Features of the past; returns the level, units a period."""
    common = window_mean(group, origin - clock.year, origin, 0.0)
    floor = 0.02 * window_mean(sums, 0, origin, 0.0) + 0.02 * common + 1e-3
    level = max(level_at(sums, origin, clock), floor)
    for number in range(len(clock.windows)):
        recent = window_mean(sums, origin - clock.windows[number], origin, np.nan)
        line[number] = np.log((recent + floor) / (level + floor))
    begin = max(origin - clock.level[1], 0)
    number = max(sums.counts[origin] - sums.counts[begin], 1.0)
    mean = (sums.total[origin] - sums.total[begin]) / number
    variance = (more[1, origin] - more[1, begin]) / number - mean * mean
    short = max(origin - clock.level[0], 0)
    known_short = max(sums.counts[origin] - sums.counts[short], 1.0)
    latest = max(origin - max(clock.week, 2), 0)
    raw, clean = more[0, origin] - more[0, latest], sums.total[origin] - sums.total[latest]
    month = window_mean(group, origin - clock.level[0], origin, 0.0)
    line[7] = np.log(level)
    line[8] = 1.0 - (more[2, origin] - more[2, begin]) / number
    line[9] = min(origin - 1 - more[4, origin], clock.year)
    line[10] = min(sums.counts[origin], 2 * clock.year)
    line[11] = np.log((np.sqrt(max(variance, 0.0)) + floor) / (level + floor))
    line[12] = (more[3, origin] - more[3, short]) / known_short
    line[13] = np.log((raw + floor) / (clean + floor))
    line[14] = np.log((window_mean(group, latest, origin, 0.0) + 1e-3) / (month + 1e-3))
    line[15] = np.log((month + 1e-3) / (window_mean(group, begin, origin, 0.0) + 1e-3))
    return level


@njit(**INNER)
def _weekday_part(line, origin, target, sums, group, clock):  # type: ignore[no-untyped-def]
    """Own weekday index, shrunk to that of the category; 0 for weeks."""
    line[TARGET + 4] = 0.0
    if clock.week == 1:
        return 0.0
    units, usual = weekday_at(group, origin, target, clock)
    pooled = (units + SHRINK_WEEKDAY) / (usual + SHRINK_WEEKDAY)
    units, usual = weekday_at(sums, origin, target, clock)
    index = np.log((units + SHRINK_WEEKDAY * pooled) / (usual + SHRINK_WEEKDAY))
    line[TARGET + 4] = index
    return index


@njit(**INNER)
def _season_part(line, origin, target, sums, group, everything, levels, clock):  # type: ignore[no-untyped-def]
    """Season of the target against the origin's: own, shrunk to the category's, shrunk to all; 0 within a year."""
    units, usual = season_at(everything, origin, target, levels[2], clock)
    line[TARGET + 5] = np.nan
    line[TARGET + 6] = np.nan
    if usual <= 0.0:
        return 0.0
    pooled = (units + 1.0) / (usual + 1.0)
    units, usual = season_at(group, origin, target, levels[1], clock)
    pooled = (units + SHRINK_SEASON_CATEGORY * pooled) / (usual + SHRINK_SEASON_CATEGORY)
    units, usual = season_at(sums, origin, target, levels[0], clock)
    own = np.log((units + SHRINK_SEASON_OWN * pooled) / (usual + SHRINK_SEASON_OWN))
    line[TARGET + 5] = np.log(min(max(pooled, 0.05), 20.0))
    line[TARGET + 6] = min(max(own, -3.0), 3.0)
    return min(max(own, -3.0), 3.0)


@njit(**INNER)
def _driver_part(line, row, category, origin, target, regular, lifts, grid):  # type: ignore[no-untyped-def]
    """Price, events and promotions announced for the target, its own and its rivals'; returns their log effect."""
    price, listed = grid.price[grid.price_row[row], target], grid.list_price[grid.list_row[row], target]
    usual = regular[origin]
    line[TARGET + 7] = np.log(price / usual) if price > 0.0 and usual > 0.0 else np.nan
    line[TARGET + 8] = np.log(price / listed) if price > 0.0 and listed > 0.0 else np.nan
    price_effect = log_price_effect(price, usual, grid.elasticity[category])
    events, promotions = 0.0, 0.0
    for flag in range(grid.own):
        lift = own_lift(flag, row, category, origin, target, lifts, grid, SHRINK_LIFT)
        if flag < grid.events:
            events += lift
        else:
            promotions += lift
    shadows = 0.0
    for flag in range(grid.own, grid.flag_row.shape[0]):
        shadows += grid.lift[flag, category] * grid.value[grid.flag_row[flag, row], target]
    price_effect += subsidy_effect(row, category, target, grid)
    rivals = rival_effect(row, category, target, grid)
    events, promotions = min(max(events, -3.0), 3.0), min(max(promotions, -3.0), 3.0)
    line[TARGET + 9] = price_effect
    line[TARGET + 10] = events
    line[TARGET + 11] = promotions
    line[TARGET + 19] = shadows
    line[TARGET + 20] = rivals
    return price_effect + events + promotions + shadows + rivals


@njit(**INNER)
def _profile_part(line, row, origin, target, group, everything, grid, clock):  # type: ignore[no-untyped-def]
    """Day within the running event: how it came out before, periods since its start and until its end."""
    total, count = 0.0, 0
    line[TARGET + 17] = np.nan
    line[TARGET + 18] = np.nan
    for flag in range(grid.events):
        place = grid.flag_row[flag, row]
        if grid.value[place, target] == 0.0:
            continue
        ratio, seen = profile_at(flag, row, origin, target, group, everything, grid, clock, SHRINK_PROFILE)
        if seen:
            total += ratio
            count += 1
        entry = place_of(grid.active, grid.pointer[place], grid.pointer[place + 1], target)
        line[TARGET + 17] = entry - grid.run_start[entry]
        line[TARGET + 18] = grid.run_stop[entry] - 1 - entry
    profile = total / count if count > 0 else 0.0
    line[TARGET + 16] = profile
    return profile


@njit(**INNER)
def _distance_part(line, target, pull, clock):  # type: ignore[no-untyped-def]
    """Periods to the next and since the last strong event, with their log lift."""
    line[TARGET + 12] = clock.reach + 1
    line[TARGET + 13] = 0.0
    line[TARGET + 14] = clock.reach + 1
    line[TARGET + 15] = 0.0
    for distance in range(1, clock.reach + 1):
        if target + distance < len(pull) and abs(pull[target + distance]) >= STRONG_EVENT:
            line[TARGET + 12] = distance
            line[TARGET + 13] = pull[target + distance]
            break
    for distance in range(1, clock.reach + 1):
        if target - distance >= 0 and abs(pull[target - distance]) >= STRONG_EVENT:
            line[TARGET + 14] = distance
            line[TARGET + 15] = pull[target - distance]
            break
