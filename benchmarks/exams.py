"""Simulated exams of two models whose difference is known, judged by gates and by simpler rules."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import binomtest

from benchmarks.measuring import measured
from governor.domain.judgement import judge
from governor.domain.policy import Policy
from governor.domain.sheet import Row, Sheet, sheet_of
from governor.domain.verdict import Exam, Verdict

CONFIDENCE = 0.95
PRECISION = 0.6
_EXAM = Exam("new", None, "old", None, has_test_data=True, kind="golden", candidate_digest="d", baseline_digest="d")


@dataclass(frozen=True)
class Kind:
    """A kind of exam. `gain`: how much more often than the active model the candidate is right, as a fraction.

    `accuracy`: the active model's. `flips`: how many documents exactly one of the two answers right. `skewed`: label
    number k has a share that goes with 1/k. `tilt`: of the documents of every other label that exactly one model
    answers right, the candidate's share; of the others, the active model's.
    """

    documents: int
    labels: int
    skewed: bool = False
    gain: float = 0.0
    accuracy: float = 0.85
    flips: float = 0.08
    mode: str = "MULTI_CLASS"
    tilt: float = 0.5

    @property
    def shares(self) -> Any:
        """How frequent each label is."""
        weights = 1 / np.arange(1, self.labels + 1) if self.skewed else np.ones(self.labels)
        return weights / weights.sum()


def exam_of(kind: Kind, draw: Any) -> Sheet:
    """Draw an exam. Wrong answers go to the other labels as often as these occur; seven of ten are common to both."""
    if kind.mode != "MULTI_CLASS":
        return _exam_of_many(kind, random.Random(int(draw.integers(2**63))))
    size, shares = kind.documents, kind.shares
    truth = draw.choice(kind.labels, size, p=shares)
    both = kind.accuracy - (kind.flips - kind.gain) / 2
    chance = draw.random(size)
    common, flipped = chance < both, (chance >= both) & (chance < both + kind.flips)
    lean = np.where(truth % 2 == 0, kind.tilt, 1 - kind.tilt) + kind.gain / kind.flips / 2
    won = draw.random(size) < lean
    mine, other = common | (flipped & won), common | (flipped & ~won)

    def wrong() -> Any:
        answer = draw.choice(kind.labels, size, p=shares)
        return np.where(answer == truth, (answer + 1) % kind.labels, answer)

    slip = wrong()
    own = np.where(draw.random(size) < 0.7, slip, wrong())
    answers = np.stack([truth, np.where(mine, truth, slip), np.where(other, truth, own)], axis=1)
    found, counts = np.unique(answers, axis=0, return_counts=True)
    rows = [Row(int(count), *((int(place),) for place in row)) for row, count in zip(found, counts, strict=True)]
    return sheet_of("MULTI_CLASS", names(kind), rows, has_baseline=True)


def _exam_of_many(kind: Kind, draw: random.Random) -> Sheet:
    """Documents with one to three labels (mentions): some are missed and some made up, by both models or by one."""
    places, shares = range(kind.labels), list(kind.shares)
    rows: Counter[tuple[tuple[int, ...], ...]] = Counter()
    recognizer = kind.mode == "ENTITIES"
    for _ in range(kind.documents):
        truth = draw.choices(places, shares, k=draw.choice([1, 1, 2, 3]))
        truth = sorted(truth if recognizer else {*truth})
        kept = [place for place in truth if draw.random() > 0.1]
        extra = draw.choices(places, shares) if draw.random() < 0.1 else []
        parts = [tuple(truth)]
        hits = []
        for _ in range(2):
            hit = [place for place in kept if draw.random() > 0.04]
            more = extra + (draw.choices(places, shares) if draw.random() < 0.05 else [])
            answer = hit + more if recognizer else {*hit, *more}
            parts.append(tuple(sorted(answer)))
            hits.append(tuple(hit))
        rows[*parts, *(hits if recognizer else ())] += 1
    content = (Row(count, *parts) for parts, count in rows.items())
    return sheet_of("ENTITIES" if recognizer else "MULTI_LABEL", names(kind), content, has_baseline=True)


def exam_of_precision(documents: int, mine: float, other: float, draw: Any) -> Sheet:
    """Draw an exam of two models that are equally precise about one label, and name it in other shares of documents.

    Three of ten documents have the label; six of ten that either model gives it to have it. `mine`, `other`: the share
    of the documents to which the candidate and the active model give it.
    """
    has = 0.3
    truth = np.where(draw.random(documents) < has, 0, draw.integers(1, 3, documents))
    answers = [truth]
    for named in (mine, other):
        chance = np.where(truth == 0, named * PRECISION / has, named * (1 - PRECISION) / (1 - has))
        elsewhere = np.where(truth == 0, draw.integers(1, 3, documents), truth)
        answers.append(np.where(draw.random(documents) < chance, 0, elsewhere))
    found, counts = np.unique(np.stack(answers, axis=1), axis=0, return_counts=True)
    rows = [Row(int(count), *((int(place),) for place in row)) for row, count in zip(found, counts, strict=True)]
    return sheet_of("MULTI_CLASS", names(Kind(documents, 3)), rows, has_baseline=True)


def names(kind: Kind) -> list[str]:
    """Return the labels' names."""
    return [f"label {number:03}" for number in range(kind.labels)]


def policy_of(kind: Kind, gates: list[dict[str, Any]]) -> Policy:
    """Return a policy for such exams."""
    definition: dict[str, Any] = {"language": "en", "mode": kind.mode, "labels": names(kind)}
    if kind.mode == "ENTITIES":
        definition = {"model_type": "ENTITY_RECOGNIZER", "language": "en", "entity_types": names(kind)}
    return Policy.model_validate({"flywheel": definition, "exam": {"kind": "golden"}, "gates": gates})


def judged(policy: Policy, sheet: Sheet) -> Verdict:
    """Judge a simulated exam."""
    return judge(policy, _EXAM, "old", sheet)


# ---- what runs in a process of its own -------------------------------------------------------------------------------


def rates(kind: dict[str, Any], gates: list[dict[str, Any]], exams: int, seed: int) -> dict[str, Any]:
    """Return how often each gate's rule is met, how often the bare number is higher, and how often McNemar's test is.

    Shares of `exams` simulated exams.
    """
    case = Kind(**kind)
    policy, draw = policy_of(case, gates), np.random.default_rng(seed)
    met, higher = Counter[int](), Counter[int]()
    tested = 0
    with measured():
        for _ in range(exams):
            sheet = exam_of(case, draw)
            for number, result in enumerate(judged(policy, sheet).gates):
                met[number] += result.word == "met"
                assert result.candidate is not None
                assert result.baseline is not None
                higher[number] += result.candidate > result.baseline
            tested += _mcnemar(sheet)
    order = range(len(gates))
    return {
        "met": [met[number] / exams for number in order],
        "higher": [higher[number] / exams for number in order],
        "mcnemar": tested / exams,
    }


def precise(documents: int, mine: float, other: float, exams: int, seed: int) -> dict[str, Any]:
    """Return how often a gate on the precision of one label is met by an as precise model, and the naive rule."""
    gates = [{"metric": "precision", "label": "label 000", "gain_at_least": 0.0, "confidence": CONFIDENCE}]
    policy, draw = policy_of(Kind(documents, 3), gates), np.random.default_rng(seed)
    met = higher = regressions = 0
    with measured():
        for _ in range(exams):
            (result,) = judged(policy, exam_of_precision(documents, mine, other, draw)).gates
            met += result.word == "met"
            regressions += result.regression
            higher += (result.candidate or 0.0) > (result.baseline or 0.0)
    return {"met": met / exams, "higher": higher / exams, "regressions": regressions / exams}


def _mcnemar(sheet: Sheet) -> bool:
    """The exact one-sided test, by scipy."""
    more = sum(row.count for row in sheet.rows if row.candidate == row.truth != row.baseline)
    fewer = sum(row.count for row in sheet.rows if row.baseline == row.truth != row.candidate)
    if more + fewer == 0:
        return False
    return bool(binomtest(more, more + fewer, alternative="greater").pvalue <= 1 - CONFIDENCE)


def truth(kind: dict[str, Any], gates: list[dict[str, Any]], seed: int) -> dict[str, Any]:
    """Return both models' metrics in one exam, for one so large that chance plays no part."""
    case = Kind(**kind)
    bare = [gate | {"confidence": 0.5} for gate in gates]
    with measured():
        results = judged(policy_of(case, bare), exam_of(case, np.random.default_rng(seed))).gates
    return {"metrics": [[result.candidate, result.baseline] for result in results]}


def large(kind: dict[str, Any], gates: list[dict[str, Any]], seed: int) -> dict[str, Any]:
    """Judge one exam; its making is not measured."""
    case = Kind(**kind)
    policy, sheet = policy_of(case, gates), exam_of(case, np.random.default_rng(seed))
    with measured():
        verdict = judged(policy, sheet)
    return {"rows": len(sheet.rows), "word": verdict.word}


def many(kind: dict[str, Any], gates: list[dict[str, Any]], exams: int, seed: int) -> dict[str, Any]:
    """Judge several exams one after the other, as a backtest does."""
    case, draw = Kind(**kind), np.random.default_rng(seed)
    policy, sheets = policy_of(case, gates), [exam_of(case, draw) for _ in range(exams)]
    with measured():
        for sheet in sheets:
            judged(policy, sheet)
    return {}
