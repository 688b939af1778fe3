"""Numbers that a few wild values do not bend."""

from __future__ import annotations

import pytest

from backend.services.analytics.robust import LEAST_MS, Peers, median, quantile


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([], 0.5, None), ([7], 0.95, 7), ([1, 2, 3], 0.5, 2), ([1, 2, 3, 4], 0.5, 2.5), ([0, 10], 0.95, 9.5)],
)
def test_quantiles_lie_between_neighbours(values: list[float], share: float, expected: float | None) -> None:
    assert quantile(values, share) == expected


def test_the_median_needs_no_order() -> None:
    assert median([9, 1, 5]) == 5


def test_one_far_above_a_steady_past_is_an_outlier() -> None:
    peers = Peers.of([100, 104, 98, 101, 99, 103])
    assert peers.is_outlier(900)
    assert not peers.is_outlier(130)


def test_wild_values_in_the_past_do_not_hide_the_next_one() -> None:
    assert Peers.of([100, 102, 99, 101, 98, 9_000, 100]).is_outlier(9_000)


def test_a_past_that_swings_by_factors_takes_a_larger_factor() -> None:
    swinging = Peers.of([20, 300, 60, 900, 120, 45, 500, 30])
    assert not swinging.is_outlier(2_000)
    assert swinging.is_outlier(200_000)


def test_equal_times_make_no_outlier_of_noise() -> None:
    assert not Peers.of([100.0] * 20).is_outlier(150)
    assert Peers.of([100.0] * 20).is_outlier(210)


def test_what_nobody_waits_for_is_no_outlier() -> None:
    assert not Peers.of([1, 1, 1, 1, 1]).is_outlier(LEAST_MS - 1)


def test_zero_and_tiny_times_are_bearable() -> None:
    assert Peers.of([0, 0, 0, 0, 0]).score(0) == 0
