"""What a measure is worth, how it answers to one answer more or less, and what few documents leave open."""

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from governor.domain.judgement import scores
from governor.domain.judgement.answers import Answers
from governor.domain.judgement.measures import ONE, Measure
from governor.domain.judgement.scores import Sums
from governor.domain.sheet import Row, Sheet, sheet_of
from governor.domain.verdict import Interval
from tests.unit.judgement.sheets import LABELS, counted

METRICS: Any = ("f1", "precision", "recall")
EVERY = (0, 1, 2)
THREE = Sums(np.array([10.0, 20.0, 40.0]), np.array([8.0, 25.0, 30.0]), np.array([6.0, 10.0, 24.0]))
"""Three labels. Recall 0.6, 0.5 and 0.6, precision 0.75, 0.4 and 0.8."""


def value(measure: Measure, sums: Sums) -> float:
    return float(measure.chosen(measure.values(sums, scores.per_label(sums, measure.metric))))


def wilson(hits: float, size: float) -> Interval:
    found = stats.binomtest(int(hits), int(size)).proportion_ci(0.9, method="wilson")
    return Interval(found.low, found.high)


# ---- values ----------------------------------------------------------------------------------------------------------


def several_labels() -> Sheet:
    """Four documents with two labels: 5 labels are right, 4 are answered, 3 of them hits."""
    rows = [Row(2, (0, 1), (0,), ()), Row(1, (1,), (1,), (0,)), Row(1, (), (0,), (1,))]
    return sheet_of("MULTI_LABEL", LABELS[:2], rows, has_baseline=True)


@pytest.mark.parametrize(("metric", "expected"), [("precision", 3 / 4), ("recall", 3 / 5), ("f1", 6 / 9)])
def test_micro_averages_are_over_all_decisions(metric: Any, expected: float) -> None:
    assert Answers(several_labels()).value("candidate", Measure(metric, "micro", (0, 1))) == pytest.approx(expected)


def test_a_label_with_one_document_counts_as_much_as_any_other() -> None:
    answers = Answers(counted((9, "bug", "bug", "bug"), (1, "idea", "bug", "idea")))
    assert answers.value("candidate", Measure("recall", "macro", (0, 1))) == pytest.approx(0.5)
    assert answers.value("baseline", Measure("recall", "macro", (0, 1))) == pytest.approx(1.0)


# ---- slopes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(("of", "places"), [("macro", EVERY), ("micro", EVERY), ("worst", EVERY), (ONE, (2,))])
def test_slopes_are_what_a_little_more_of_each_number_changes(metric: Any, of: str, places: tuple[int, ...]) -> None:
    measure = Measure(metric, of, places)
    slopes = measure.slopes(THREE, scores.per_label(THREE, metric))
    for block, part in enumerate(THREE):
        for label in places:
            little = np.zeros(3)
            little[label] = 1e-5
            more, less = (THREE._replace(**{Sums._fields[block]: part + sign * little}) for sign in (1, -1))
            expected = (value(measure, more) - value(measure, less)) / 2e-5
            assert slopes[block][label] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(("metric", "worst"), [("precision", 1), ("recall", 2), ("f1", 0)])
def test_the_worst_label_alone_moves_the_worst_value(metric: Any, worst: int) -> None:
    sums = Sums(np.array([20.0, 12.0, 30.0]), np.array([20.0, 30.0, 18.0]), np.array([8.0, 9.0, 11.0]))
    slopes = Measure(metric, "worst", EVERY).slopes(sums, scores.per_label(sums, metric))
    assert np.flatnonzero(slopes.hits).tolist() == [worst]


# ---- few documents ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("metric", "size"), [("precision", 63), ("recall", 70)])
def test_micro_averages_are_as_sure_as_a_share_of_all_decisions(metric: Any, size: int) -> None:
    found, share = Measure(metric, "micro", EVERY).guard(THREE, 0.95), wilson(40, size)
    assert (found.low, found.high) == pytest.approx((share.low, share.high))


def test_a_single_document_is_a_share_of_one() -> None:
    one = Sums(np.array([1.0]), np.array([1.0]), np.array([1.0]))
    found = Measure("recall", ONE, (0,)).guard(one, 0.95)
    assert (found.low, found.high) == pytest.approx((wilson(1, 1).low, 1.0))


def test_of_a_label_that_was_never_answered_nothing_is_known() -> None:
    """Precision 0, and anything from 0 to 1; together with 6 of 8 the mean is 0.375, as sure as both allow."""
    sums = Sums(np.array([10.0, 5.0]), np.array([8.0, 0.0]), np.array([6.0, 0.0]))
    alone = Measure("precision", ONE, (1,)).guard(sums, 0.95)
    assert (alone.low, alone.high) == (0, 1)
    found, other = Measure("precision", "macro", (0, 1)).guard(sums, 0.95), wilson(6, 8)
    assert found.low == pytest.approx(0.375 - (0.75 - other.low) / 2)
    assert found.high == pytest.approx(0.375 + math.hypot(other.high - 0.75, 1) / 2)
