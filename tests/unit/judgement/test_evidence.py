"""Which labels a rule is about, and how many documents an average is worth."""

import pytest

from governor.domain.judgement.evidence import Answered, Average, Averages
from governor.domain.judgement.statistics import Drawn
from governor.domain.verdict import Exam, Metrics
from tests.unit.judgement.sheets import counted

ANSWERS = counted((30, "bug", "bug", "idea"), (9, "idea", "idea", "bug"), (1, "praise", "bug", "praise"))


def averages(documents: int | None, **support: int) -> Averages:
    metrics = Metrics(0.8, 0.8, 0.8, 0.8)
    return Averages(
        Exam("new", metrics, "old", metrics, has_test_data=True, documents=documents, support=support), "macro"
    )


# ---- answers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("least", "enough", "left_out"),
    [
        (0, ["bug", "idea", "praise"], ["question"]),
        (1, ["bug", "idea", "praise"], ["question"]),
        (9, ["bug", "idea"], ["praise", "question"]),
        (10, ["bug"], ["idea", "praise", "question"]),
    ],
)
def test_every_label_is_each_with_as_many_documents_as_are_asked_for(
    least: int, enough: list[str], left_out: list[str]
) -> None:
    assert Answered(ANSWERS).labels(least) == (enough, left_out)


@pytest.mark.parametrize(
    ("label", "least", "places"),
    [
        ("worst", 0, (0, 1, 2)),
        ("worst", 9, (0, 1)),
        ("worst", 10, (0,)),
        ("macro", 10, (0, 1, 2)),
        ("micro", 10, (0, 1, 2)),
    ],
)
def test_the_worst_is_of_labels_with_enough_documents_and_a_mean_of_all(
    label: str, least: int, places: tuple[int, ...]
) -> None:
    found = Answered(ANSWERS).statistic("recall", label, least)
    assert isinstance(found, Drawn)
    assert found.measure.places == places


def test_a_label_that_the_exam_does_not_know_has_no_documents() -> None:
    evidence = Answered(ANSWERS)
    assert [evidence.support(label) for label in ("bug", "question", "unheard of")] == [30, 0, 0]
    assert evidence.of_label("f1", "unheard of") is None


# ---- averages --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("support", "size"),
    [
        ({"a": 100, "b": 50, "c": 1}, 9 / (0.01 + 0.02 + 1)),
        ({"a": 100, "b": 50, "c": 0}, 4 / (0.01 + 0.02)),
        ({"a": 151}, 151),
        ({"a": 0}, None),
        ({}, None),
    ],
)
def test_a_mean_over_labels_is_worth_as_many_documents_as_its_rarest_labels_allow(
    support: dict[str, int], size: float | None
) -> None:
    """The mean of shares of n documents each has the variance p (1 - p) / k^2 * (1/n + 1/n + ...) of k labels."""
    found = averages(151, **support).statistic("f1", "macro", 0)
    assert found is not None
    assert found.size == (None if size is None else pytest.approx(size))


def test_averages_know_how_many_documents_a_label_has() -> None:
    evidence = averages(30, a=20, b=10)
    assert [evidence.support(label) for label in ("a", "b", "c")] == [20, 10, 0]


@pytest.mark.parametrize(
    ("candidate", "baseline", "size", "higher", "lower"),
    [
        (0.9, 0.8, 2000, True, False),
        (0.8, 0.9, 2000, False, True),
        (0.9, 0.8, 20, False, False),
        (0.8, 0.9, 20, False, False),
        (0.9, 0.8, None, False, False),
        (0.8, 0.9, None, False, False),
    ],
)
def test_averages_of_many_documents_say_which_model_is_better(
    candidate: float, baseline: float, size: float | None, higher: bool, lower: bool
) -> None:
    found = Average(candidate, baseline, size, None)
    assert (found.surely_higher(0.95), found.surely_lower(0.95)) == (higher, lower)
