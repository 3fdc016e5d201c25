"""Numbers of two models' answers that several gates ask for."""

from typing import Any

import pytest

from governor.domain.judgement.answers import Answers
from governor.domain.judgement.measures import ONE, Measure
from tests.unit.judgement.sheets import counted

EXAM = counted(
    (30, "bug", "bug", "bug"),
    (10, "bug", "idea", "bug"),
    (6, "bug", "praise", "praise"),
    (20, "idea", "idea", "idea"),
    (7, "idea", "bug", "praise"),
    (9, "idea", "idea", "bug"),
    (12, "praise", "praise", "praise"),
    (5, "praise", "idea", "bug"),
    (3, "praise", "praise", "idea"),
)
METRICS: Any = ("f1", "precision", "recall")
MEASURES = [
    Measure(metric, of, places)
    for metric in METRICS
    for of, places in (("macro", (0, 1, 2)), ("micro", (0, 1, 2)), ("worst", (0, 1, 2)), (ONE, (0,)), (ONE, (1,)))
]


def told(answers: Answers, measure: Measure) -> tuple[Any, ...]:
    return (
        answers.value("candidate", measure),
        answers.value("baseline", measure),
        answers.spread("candidate", measure),
        answers.spread("baseline", measure),
        answers.correlation(measure),
        *answers.error(measure, 1.0),
        *answers.error(measure, 0.95),
        answers.swapped(measure, 0.05).tolist(),
        answers.swapped(measure, 0.002).tolist(),
    )


def test_no_number_depends_on_what_was_asked_before() -> None:
    """Gates share what is worked out: each must still get the number of its own metric and its own label."""
    asked = Answers(EXAM)
    for measure in MEASURES:
        assert told(asked, measure) == told(Answers(EXAM), measure)


@pytest.mark.parametrize(("metric", "worst"), [("precision", 1), ("recall", 2)])
def test_the_worst_value_is_as_sure_as_the_worst_labels_own(metric: Any, worst: int) -> None:
    """Far below the others in every exam like this: idea in precision, praise in recall. In F1 it is bug."""
    answers = Answers(
        counted(
            (500, "bug", "bug", "bug"),
            (450, "bug", "idea", "idea"),
            (50, "bug", "idea", "bug"),
            (380, "idea", "idea", "idea"),
            (380, "praise", "praise", "praise"),
            (500, "praise", "bug", "bug"),
            (100, "praise", "idea", "idea"),
            (20, "praise", "idea", "praise"),
        )
    )
    of_label, of_all = Measure(metric, ONE, (worst,)), Measure(metric, "worst", (0, 1, 2))
    assert answers.value("candidate", of_all) == answers.value("candidate", of_label)
    assert answers.error(of_all, 1.0) == pytest.approx(answers.error(of_label, 1.0))
    assert answers.error(of_all, 0.9) == pytest.approx(answers.error(of_label, 0.9))


def test_degrees_of_freedom_are_two_a_document_of_equal_pull() -> None:
    """Recall of bug: each of 100 documents is right in one model alone, so that it moves the difference by 0.01.

    Half a document more each way counts as one: 202 degrees of freedom, and a variance of 101 steps of 0.01.
    """
    answers = Answers(counted((50, "bug", "bug", "idea"), (50, "bug", "idea", "bug"), (5, "idea", "idea", "idea")))
    variance, freedom = answers.error(Measure("recall", ONE, (0,)), 1.0)
    assert freedom == pytest.approx(202)
    assert variance == pytest.approx(101 * 0.01**2, rel=0.15)
