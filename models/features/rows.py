"""The feature kernel: what a (series, origin, target) row knows.

One kernel serves training and prediction. A row with the origin ``o`` sees periods 0..o-1 of the history, and of its
target only what is announced: the calendar, the price, events and promotions. ``base`` is a structural forecast
(level x weekday x season x price and event effects) that the boosted model corrects.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from models.features.effects import log_price_effect, regular_price
from models.features.state import FeatureState

WINDOWS = 7
ORIGIN_FEATURES = (
    *(f"log_window_{number}" for number in range(WINDOWS)),
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
    "log_base",
)
FEATURES = ORIGIN_FEATURES + TARGET_FEATURES
CATEGORICAL = ("category", "channel")
SHRINK_LIFT = 30.0
SHRINK_WEEKDAY = 40.0
SHRINK_SEASON_CATEGORY = 100.0
SHRINK_SEASON_OWN = 60.0
STRONG_EVENT = 0.1
YEARS = 3


class Calendar:
    """Weekday, day of the year and day of the month of each period, float32."""

    def __init__(self, dates: NDArray[np.datetime64]) -> None:
        self._days = dates.astype("datetime64[D]")

    @cached_property
    def table(self) -> NDArray[np.float32]:
        """float32 [3, periods]."""
        days = self._days
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
    grid, clock = state.effects, state.clock
    _row_kernel(
        present, bounds, np.asarray(origin, dtype=np.int64), np.asarray(ahead, dtype=np.int64),
        state.units, state.clean, state.known, state.hidden, state.category, state.channel, state.total, state.count,
        grid.price, grid.price_row, grid.list_price, grid.list_row, grid.flags, grid.flag_row, grid.lift,
        grid.elasticity, grid.events, Calendar(state.dates).table,
        clock.week, clock.year, np.array(clock.windows), np.array(clock.level), clock.season_half,
        clock.weekday_weeks, clock.price_samples, clock.reach, out,
    )  # fmt: skip
    return out


@njit(cache=True, inline="always")
def _mean(total, count, start, stop, otherwise):  # type: ignore[no-untyped-def]
    """Mean of the periods start..stop-1 from running sums."""
    first = max(start, 0)
    if stop <= first:
        return otherwise
    number = count[stop] - count[first]
    return (total[stop] - total[first]) / number if number > 0.0 else otherwise


@njit(cache=True)
def _level(total, count, origin, windows):  # type: ignore[no-untyped-def]
    """Weighted mean of three windows; a window that is not filled leans on the next longer one."""
    long = _mean(total, count, origin - windows[2], origin, _mean(total, count, 0, origin, 0.0))
    middle = _mean(total, count, origin - windows[1], origin, long)
    short = _mean(total, count, origin - windows[0], origin, middle)
    return 0.45 * short + 0.35 * middle + 0.2 * long


@njit(cache=True)
def _season(total, count, origin, target, year, half, windows):  # type: ignore[no-untyped-def]
    """Units and expected units around the target's date in past years; zeros without a year of history.

    Expected: the level one year before the origin. Their ratio is the season of the target against the origin's.
    """
    units, expected = 0.0, 0.0
    for back in range(1, YEARS + 1):
        middle, past = target - back * year, origin - back * year
        if past < windows[0] or count[past] - count[max(past - windows[1], 0)] <= 0.0:
            break
        start, stop = max(middle - half, 0), min(middle + half + 1, origin)
        if stop <= start:
            break
        number = count[stop] - count[start]
        units += total[stop] - total[start]
        expected += number * _level(total, count, past, windows)
    return units, expected


@njit(cache=True)
def _weekday(total, count, strided, strided_count, origin, target, week, weeks):  # type: ignore[no-untyped-def]
    """Units and expected units on the target's weekday over the last ``weeks`` weeks."""
    last = origin - 1 - (origin - 1 - target) % week
    if last < 0:
        return 0.0, 0.0
    first = max(last - week * weeks, last % week - week)
    units = strided[last + week] - strided[first + week]
    number = strided_count[last + week] - strided_count[first + week]
    return units, number * _mean(total, count, origin - week * weeks, origin, 0.0)


@njit(cache=True)
def _running(values, known, week):  # type: ignore[no-untyped-def]
    """Running sums of values and counts, plain and by stride of a week."""
    periods = len(values)
    total, count = np.zeros(periods + 1), np.zeros(periods + 1)
    strided, strided_count = np.zeros(periods + week), np.zeros(periods + week)
    for period in range(periods):
        total[period + 1] = total[period] + values[period]
        count[period + 1] = count[period] + known[period]
        strided[period + week] = strided[period] + values[period]
        strided_count[period + week] = strided_count[period] + known[period]
    return total, count, strided, strided_count


@njit(parallel=True, cache=True)
def _row_kernel(  # type: ignore[no-untyped-def]
    present, bounds, origins, aheads,
    all_units, all_clean, all_known, all_hidden, category, channel, group_total, group_count,
    price, price_row, list_price, list_row, flags, flag_row, lift,
    elasticity, events, calendar,
    week, year, windows, level_windows, half,
    weekday_weeks, samples, reach, out,
):  # fmt: skip
    periods = all_units.shape[1]
    groups = group_total.shape[0]
    group_strided = np.zeros((groups, periods + week))
    group_strided_count = np.zeros((groups, periods + week))
    for group in range(groups):
        for period in range(periods):
            group_strided[group, period + week] = (
                group_strided[group, period] + group_total[group, period + 1] - group_total[group, period]
            )
            group_strided_count[group, period + week] = (
                group_strided_count[group, period] + group_count[group, period + 1] - group_count[group, period]
            )
    for position in prange(len(present)):
        row = present[position]
        group = category[row]
        units, clean, known, hidden = all_units[row], all_clean[row], all_known[row], all_hidden[row]
        total, count, strided, strided_count = _running(clean, known, week)
        raw = np.zeros(periods + 1)
        square, sold, dark = np.zeros(periods + 1), np.zeros(periods + 1), np.zeros(periods + 1)
        last_sale = np.full(periods + 1, -1)
        first_known = periods
        for period in range(periods):
            raw[period + 1] = raw[period] + units[period]
            square[period + 1] = square[period] + clean[period] * clean[period]
            sold[period + 1] = sold[period] + (1.0 if units[period] > 0.0 else 0.0)
            dark[period + 1] = dark[period] + hidden[period] * known[period]
            last_sale[period + 1] = period if units[period] > 0.0 else last_sale[period]
            if known[period] != 0 and first_known == periods:
                first_known = period
        paid, listed = price[price_row[row]], list_price[list_row[row]]
        regular = regular_price(paid, periods, week, samples)
        count_flags = flag_row.shape[0]
        observed = np.zeros((count_flags, periods + 1))
        expected = np.zeros((count_flags, periods + 1))
        strength = np.zeros((count_flags, periods + 1))
        pull = np.zeros(flags.shape[1])
        for flag in range(count_flags):
            value = flags[flag_row[flag, row]]
            slope = lift[flag, group]
            for period in range(flags.shape[1]):
                if value[period] != 0.0 and flag < events:
                    pull[period] += slope * value[period]
            for period in range(periods):
                observed[flag, period + 1] = observed[flag, period]
                expected[flag, period + 1] = expected[flag, period]
                strength[flag, period + 1] = strength[flag, period]
                if value[period] > 0.0 and known[period] != 0:
                    usual = _level(total, count, period, level_windows)
                    without = units[period] / max(clean[period], 1e-9) / np.exp(slope * value[period])
                    if clean[period] <= 0.0:
                        without = np.exp(log_price_effect(paid[period], regular[period], elasticity[group]))
                    observed[flag, period + 1] += units[period] / max(without, 1e-3)
                    expected[flag, period + 1] += usual
                    strength[flag, period + 1] += usual * value[period]
        for entry in range(bounds[position], bounds[position + 1]):
            origin, ahead = origins[entry], aheads[entry]
            target = origin + ahead - 1
            line = out[entry]
            level = _level(total, count, origin, level_windows)
            life = _mean(total, count, 0, origin, 0.0)
            floor = (
                0.02 * life + 0.02 * _mean(group_total[group], group_count[group], origin - year, origin, 0.0) + 1e-3
            )
            level = max(level, floor)
            column = 0
            for window in windows:
                recent = _mean(total, count, origin - window, origin, np.nan)
                line[column] = np.log((recent + floor) / (level + floor))
                column += 1
            quarter = level_windows[1]
            begin = max(origin - quarter, 0)
            number = max(count[origin] - count[begin], 1.0)
            line[column] = np.log(level)
            line[column + 1] = 1.0 - (sold[origin] - sold[begin]) / number
            line[column + 2] = min(origin - 1 - last_sale[origin], year)
            line[column + 3] = min(max(origin - first_known, 0), 2 * year)
            variance = (square[origin] - square[begin]) / number - ((total[origin] - total[begin]) / number) ** 2
            line[column + 4] = np.log((np.sqrt(max(variance, 0.0)) + floor) / (level + floor))
            short = max(origin - level_windows[0], 0)
            line[column + 5] = (dark[origin] - dark[short]) / max(count[origin] - count[short], 1.0)
            week_ago = max(origin - max(week, 2), 0)
            line[column + 6] = np.log((raw[origin] - raw[week_ago] + floor) / (total[origin] - total[week_ago] + floor))
            own_group = group_total[group], group_count[group]
            now = _mean(own_group[0], own_group[1], origin - max(week, 2), origin, 0.0)
            month = _mean(own_group[0], own_group[1], origin - level_windows[0], origin, 0.0)
            season = _mean(own_group[0], own_group[1], origin - level_windows[1], origin, 0.0)
            line[column + 7] = np.log((now + 1e-3) / (month + 1e-3))
            line[column + 8] = np.log((month + 1e-3) / (season + 1e-3))
            line[column + 9] = group
            line[column + 10] = channel[row]
            column += 11
            line[column] = ahead
            line[column + 1] = calendar[0, target]
            line[column + 2] = calendar[1, target]
            line[column + 3] = calendar[2, target]
            log_weekday = 0.0
            if week > 1:
                group_units, group_usual = _weekday(
                    own_group[0], own_group[1], group_strided[group], group_strided_count[group],
                    origin, target, week, weekday_weeks,
                )  # fmt: skip
                pooled = (group_units + SHRINK_WEEKDAY) / (group_usual + SHRINK_WEEKDAY)
                own_units, own_usual = _weekday(
                    total, count, strided, strided_count, origin, target, week, weekday_weeks
                )
                log_weekday = np.log((own_units + SHRINK_WEEKDAY * pooled) / (own_usual + SHRINK_WEEKDAY))
            line[column + 4] = log_weekday
            all_units_season, all_usual = _season(
                group_total[groups - 1], group_count[groups - 1], origin, target, year, half, level_windows
            )
            log_season, own_season = 0.0, 0.0
            line[column + 5] = np.nan
            line[column + 6] = np.nan
            if all_usual > 0.0:
                everywhere = (all_units_season + 1.0) / (all_usual + 1.0)
                group_units, group_usual = _season(
                    own_group[0], own_group[1], origin, target, year, half, level_windows
                )
                pooled = (group_units + SHRINK_SEASON_CATEGORY * everywhere) / (group_usual + SHRINK_SEASON_CATEGORY)
                own_units, own_usual = _season(total, count, origin, target, year, half, level_windows)
                log_season = np.log(min(max(pooled, 0.05), 20.0))
                own_season = np.log((own_units + SHRINK_SEASON_OWN * pooled) / (own_usual + SHRINK_SEASON_OWN))
                own_season = min(max(own_season, -3.0), 3.0)
                line[column + 5] = log_season
                line[column + 6] = own_season
            before = regular[origin]
            line[column + 7] = np.log(paid[target] / before) if paid[target] > 0.0 and before > 0.0 else np.nan
            line[column + 8] = (
                np.log(paid[target] / listed[target]) if paid[target] > 0.0 and listed[target] > 0.0 else np.nan
            )
            price_effect = log_price_effect(paid[target], before, elasticity[group])
            line[column + 9] = price_effect
            event_effect, promotion_effect = 0.0, 0.0
            for flag in range(count_flags):
                value = flags[flag_row[flag, row], target]
                if value == 0.0:
                    continue
                slope = lift[flag, group]
                typical = strength[flag, origin] / expected[flag, origin] if expected[flag, origin] > 0.0 else 1.0
                pooled = np.exp(slope * typical)
                own = np.log((observed[flag, origin] + SHRINK_LIFT * pooled) / (expected[flag, origin] + SHRINK_LIFT))
                if flag < events:
                    event_effect += own * value / typical
                else:
                    promotion_effect += own * value / typical
            event_effect = min(max(event_effect, -3.0), 3.0)
            promotion_effect = min(max(promotion_effect, -3.0), 3.0)
            line[column + 10] = event_effect
            line[column + 11] = promotion_effect
            line[column + 12] = reach + 1
            line[column + 13] = 0.0
            line[column + 14] = reach + 1
            line[column + 15] = 0.0
            for distance in range(1, reach + 1):
                if target + distance < len(pull) and abs(pull[target + distance]) >= STRONG_EVENT:
                    line[column + 12] = distance
                    line[column + 13] = pull[target + distance]
                    break
            for distance in range(1, reach + 1):
                if target - distance >= 0 and abs(pull[target - distance]) >= STRONG_EVENT:
                    line[column + 14] = distance
                    line[column + 15] = pull[target - distance]
                    break
            base = np.log(level) + log_weekday + own_season + price_effect + event_effect + promotion_effect
            line[column + 16] = min(max(base, -9.0), 14.0)
