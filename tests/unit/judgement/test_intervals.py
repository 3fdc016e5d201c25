"""Closed forms against scipy and against figures that their authors published."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from governor.domain.judgement.intervals import (
    MOST_NEEDED,
    _student_share,
    at_most,
    correlation_of,
    mcnemar,
    needed_for_gap,
    needed_for_mcnemar,
    of_difference,
    quantile,
    student,
    wilson,
)
from governor.domain.verdict import Interval

confidences = st.floats(0.51, 0.9999)


@given(st.integers(0, 500), st.integers(1, 500), confidences)
def test_wilson_is_scipys(hits: int, size: int, confidence: float) -> None:
    assume(hits <= size)
    theirs = stats.binomtest(hits, size).proportion_ci(2 * confidence - 1, method="wilson")
    ours = wilson(hits / size, size, confidence)
    assert ours.low == pytest.approx(theirs.low, abs=1e-9)
    assert ours.high == pytest.approx(theirs.high, abs=1e-9)


@given(st.integers(0, 300), st.integers(0, 300))
def test_mcnemar_is_scipys_binomial_test(more: int, fewer: int) -> None:
    assume(more + fewer > 0)
    theirs = stats.binomtest(more, more + fewer, alternative="greater").pvalue
    assert mcnemar(more, fewer) == pytest.approx(theirs, rel=1e-9)


def test_models_that_answer_alike_are_not_told_apart() -> None:
    assert mcnemar(0, 0) == 1


@pytest.mark.parametrize("flips", [2_000, 2_001, 30_000, 400_000])
@pytest.mark.parametrize("errors", [-3.0, 0.0, 0.001, 1.6, 6.0])
def test_mcnemars_test_of_thousands_of_flips_is_exact(flips: int, errors: float) -> None:
    more = round(flips / 2 + errors * flips**0.5 / 2)
    theirs = stats.binomtest(more, flips, alternative="greater").pvalue
    assert mcnemar(more, flips - more) == pytest.approx(theirs, rel=1e-8)


def test_what_always_happens_is_certain_however_many_flips_there_are() -> None:
    assert mcnemar(0, 400_000) == 1
    assert mcnemar(400_000, 0) == 0


@pytest.mark.parametrize(
    ("more", "fewer", "two_sided"),
    [
        (12, 2, 0.0129),  # Armitage and Berry (1994), p. 127: two media for culturing
        (7, 1, 0.0703),  # Bentur et al. (2009), as in Fagerland, Lydersen and Laake (2013)
    ],
)
def test_published_mcnemar_tests(more: int, fewer: int, two_sided: float) -> None:
    assert 2 * mcnemar(more, fewer) == pytest.approx(two_sided, abs=5e-5)


def test_newcombes_example_of_two_samples() -> None:
    """Newcombe (1998), Interval estimation for the difference, example (a): 56 of 70 and 48 of 80, method 10."""
    found = of_difference(56 / 70, wilson(56 / 70, 70, 0.975), 48 / 80, wilson(48 / 80, 80, 0.975))
    assert (round(found.low, 4), round(found.high, 4)) == (0.0524, 0.3339)


@pytest.mark.parametrize(
    ("table", "published"),
    [
        ((1, 1, 7, 12), (-0.507, -0.026)),  # Bentur et al. (2009), as in Fagerland, Lydersen and Laake (2014)
        ((36, 12, 2, 0), (0.057, 0.340)),  # Newcombe (1998), Improved confidence intervals: a negative correlation
    ],
)
def test_published_intervals_of_pairs(table: tuple[int, int, int, int], published: tuple[float, float]) -> None:
    both, first, second, _ = table
    size = sum(table)
    one, other = (both + first) / size, (both + second) / size
    found = of_difference(
        one, wilson(one, size, 0.975), other, wilson(other, size, 0.975), correlation=correlation_of(*table)
    )
    assert (round(found.low, 3), round(found.high, 3)) == published


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_the_correlation_is_phi_shrunk_towards_zero(both: int, first: int, second: int, neither: int) -> None:
    size = both + first + second + neither
    found = correlation_of(both, first, second, neither)
    margins = (both + first) * (second + neither) * (both + second) * (first + neither)
    if margins == 0:
        assert found == 0
        return
    phi = (both * neither - first * second) / math.sqrt(margins)
    assert -1 - 1e-12 <= found <= 1 + 1e-12
    if phi <= 0:
        assert found == pytest.approx(phi)
    else:
        assert found == pytest.approx(max(0, phi - size / 2 / math.sqrt(margins)))


def test_a_hair_of_correlation_is_none() -> None:
    """2 * 1 - 1 * 1: an excess of 1, of which the continuity correction takes half of the five documents."""
    assert correlation_of(2, 1, 1, 1) == 0


@given(st.floats(0, 1), st.floats(0, 1), st.floats(-1, 1), st.floats(0.5, 1.5), confidences)
def test_a_difference_lies_in_its_interval(
    first: float, second: float, correlation: float, times: float, confidence: float
) -> None:
    found = of_difference(
        first,
        wilson(first, 50, confidence),
        second,
        wilson(second, 50, confidence),
        correlation=correlation,
        times=times,
    )
    assert found.low <= first - times * second <= found.high


@given(st.floats(0.5, 0.9999), st.integers(1, 400))
def test_students_quantile_is_scipys(confidence: float, freedom: int) -> None:
    theirs = stats.t.ppf(confidence, freedom)
    assert student(confidence, freedom) == pytest.approx(theirs, rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 5, 8, 15, 30])
def test_students_distribution_is_scipys(freedom: int) -> None:
    for t in (0.0, 0.3, 1.0, 2.5, 12.0):
        assert _student_share(t, freedom) == pytest.approx(stats.t.cdf(t, freedom), abs=1e-12)


def test_a_standard_error_from_many_documents_is_no_guess() -> None:
    assert student(0.95, 10**6) == pytest.approx(quantile(0.95), abs=1e-5)


# ---- how many more documents -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("gap", "needed"), [(0.10, 1), (0.04, 150), (0.02, 870), (-0.02, 870), (0.01, 3800)])
def test_a_smaller_gap_needs_more_documents(gap: float, needed: int) -> None:
    """A standard error of 0.025 at 100 documents, four times out of five: 100 (0.025 (1.645 + 0.842) / gap)^2 - 100."""
    assert needed_for_gap(100, 0.025 * stats.norm.ppf(0.95), gap, 0.95) == needed


def test_less_certainty_needs_fewer_documents() -> None:
    """100 (2 * 0.05 / 0.0201)^2 - 100 at 80 %, where bound and power are as wide; at 50 % the bound has no width."""
    assert needed_for_gap(100, 0.05, 0.0201, 0.8) == 2400
    assert needed_for_gap(100, 0.05, 0.0101, 0.5) == 2400


def test_no_number_of_documents_tells_equals_apart() -> None:
    assert needed_for_gap(100, 0.05, 0.0, 0.95) == MOST_NEEDED
    assert needed_for_gap(100, 0.05, 1e-6, 0.95) == MOST_NEEDED
    assert needed_for_mcnemar(1000, 7, 7, 0.95) == MOST_NEEDED
    assert needed_for_gap(100, 0.0, 0.0, 0.95) == 1


def test_connors_formula() -> None:
    """10 % and 20 % of discordant documents: 234 pairs for 80 % power at 2.5 %, one-sided; 100 of them are there."""
    spread = quantile(0.975) * math.sqrt(0.3) + quantile(0.8) * math.sqrt(0.3 - 0.01)
    assert math.ceil((spread / 0.1) ** 2) == 234
    assert needed_for_mcnemar(100, 20, 10, 0.975) == needed_for_mcnemar(100, 10, 20, 0.975) == 140


def test_few_documents_of_which_many_are_discordant() -> None:
    """4 and 1 of 10: 0.5 discordant, 0.3 apart. ((1.645 sqrt(0.5) + 0.8416 sqrt(0.5 - 0.09)) / 0.3)^2 - 10 is 22.2."""
    assert needed_for_mcnemar(10, 4, 1, 0.95) == 23


@given(st.integers(1, 60), st.integers(1, 60), st.integers(200, 2000))
def test_as_many_more_documents_of_the_same_kind_settle_it(more: int, fewer: int, documents: int) -> None:
    assume(abs(more - fewer) > 2)
    needed = needed_for_mcnemar(documents, more, fewer, 0.95)
    assume(1 < needed < 20_000)
    grown = (documents + needed) / documents
    better, worse = round(max(more, fewer) * grown), round(min(more, fewer) * grown)
    assert mcnemar(better, worse) <= 0.06


@pytest.mark.parametrize(
    ("documents", "told"), [(0.2, 1), (7.5, 8), (99.5, 100), (101, 110), (12_345, 13_000), (2e6, 1_000_000)]
)
def test_two_digits_are_told_and_rounded_up(documents: float, told: int) -> None:
    assert at_most(documents) == told


@pytest.mark.parametrize("size", range(1, 60))
def test_no_share_is_above_one_not_by_a_hair_of_rounding(size: int) -> None:
    assert wilson(1.0, size, 0.95).high == 1


def test_an_interval_never_leaves_out_what_was_found() -> None:
    for hits in range(11):
        for confidence in (0.5, 0.6, 0.95, 0.999):
            bounds = wilson(hits / 10, 10, confidence)
            assert isinstance(bounds, Interval)
            assert 0 <= bounds.low <= hits / 10 <= bounds.high <= 1
