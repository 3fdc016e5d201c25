"""Sheets for tests of the judgement: documents as hypothesis draws them, and exams with a known outcome."""

from collections.abc import Sequence
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from governor.domain.judgement import judge
from governor.domain.policy import Policy
from governor.domain.sheet import Row, Sheet, sheet_of
from governor.domain.verdict import Exam, Verdict
from tests.unit.policies import a_policy

searched = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A judgement resamples: milliseconds each, or more on a busy machine."""
NEW, OLD = "arn:new", "arn:old"
EXAM = Exam(NEW, None, OLD, None, has_test_data=True, kind="golden", candidate_digest="d", baseline_digest="d")
FIRST = Exam(NEW, None, None, None, has_test_data=True, kind="golden", candidate_digest="d")
LABELS = ("bug", "idea", "praise", "question")

Document = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]
"""Truth, the candidate's answer and the active model's: positions in `LABELS`."""

one_label = st.integers(0, len(LABELS) - 1).map(lambda place: (place,))
some_labels = st.sets(st.integers(0, len(LABELS) - 1)).map(lambda places: tuple(sorted(places)))
multi_class = st.lists(st.tuples(one_label, one_label, one_label), min_size=1, max_size=60)
multi_label = st.lists(st.tuples(some_labels, some_labels, some_labels), min_size=1, max_size=60)


def sheet(documents: Sequence[Document], mode: str = "MULTI_CLASS", labels: Sequence[str] = LABELS) -> Sheet:
    rows = [Row(1, *document) for document in documents]
    return sheet_of("MULTI_LABEL" if mode == "MULTI_LABEL" else "MULTI_CLASS", labels, rows, has_baseline=True)


def counted(*rows: tuple[int, str, str, str]) -> Sheet:
    """Return an exam from lines such as (90, "bug", "bug", "idea"): documents, truth, candidate, active model."""

    def part(label: str) -> tuple[int, ...]:
        return (LABELS.index(label),) if label else ()

    content = [Row(count, part(truth), part(new), part(old)) for count, truth, new, old in rows]
    return sheet_of("MULTI_CLASS", LABELS, content, has_baseline=True)


def flipping(documents: int, better: int, worse: int, *, wrong: int = 0) -> Sheet:
    """Return an exam of two equally frequent labels.

    Of `documents`, only the candidate answers `better` right, only the active model `worse`, and none `wrong`.
    """
    rows: list[tuple[int, str, str, str]] = []
    for truth, other, half in (("bug", "idea", 0), ("idea", "bug", 1)):
        share = [(number + half) // 2 for number in (documents - better - worse - wrong, better, worse, wrong)]
        answers = [(truth, truth), (truth, other), (other, truth), (other, other)]
        rows += [(count, truth, *pair) for count, pair in zip(share, answers, strict=True) if count]
    return counted(*rows)


def golden(gates: list[dict[str, Any]], **changes: Any) -> Policy:
    definition = {"language": "en", "mode": "MULTI_CLASS", "labels": list(LABELS)}
    return a_policy(**({"flywheel": definition, "exam": {"kind": "golden"}, "gates": gates} | changes))


def judged(gates: list[dict[str, Any]], answers: Sheet, **changes: Any) -> Verdict:
    return judge(golden(gates, **changes), EXAM, OLD, answers)


amounts = st.sampled_from([0.0, 0.01, 0.05, 0.2, "5%", "20%"])
confidences = st.sampled_from([0.5, 0.6, 0.9, 0.95, 0.99])


@st.composite
def gates(draw: st.DrawFn) -> dict[str, Any]:
    metric = draw(st.sampled_from(["f1", "precision", "recall", "accuracy"]))
    rule = draw(st.sampled_from(["at_least", "gain_at_least", "drop_at_most"]))
    amount = draw(st.sampled_from([0.2, 0.5, 0.8]) if rule == "at_least" else amounts)
    gate = {"metric": metric, rule: amount, "confidence": draw(confidences)}
    if metric != "accuracy":
        gate["label"] = draw(st.sampled_from([None, "*", "macro", "micro", "worst", *LABELS[:2]]))
    if draw(st.booleans()):
        gate["min_support"] = draw(st.sampled_from([1, 5, 40]))
    return gate


some_gates = st.lists(gates(), min_size=1, max_size=4)


@st.composite
def exams(draw: st.DrawFn) -> Sheet:
    """Documents as they come, times a number: so that some gates are surely met and others surely missed."""
    documents = draw(multi_class)
    content = [Row(draw(st.sampled_from([1, 3, 50])), *document) for document in documents]
    return sheet_of("MULTI_CLASS", LABELS, content, has_baseline=True)
