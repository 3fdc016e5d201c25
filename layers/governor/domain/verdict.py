"""What a judgement is made of: what an exam tells of both models, and the verdict with a line per rule.

The judgement itself is `governor.domain.judgement`, which only steps that judge import.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Literal

from governor.domain.gates import MetricName, Mode

Word = Literal["PASS", "FAIL", "INCONCLUSIVE", "NO_CHANGE"]

SHOWN: dict[MetricName, str] = {"f1": "F1", "precision": "Precision", "recall": "Recall", "accuracy": "Accuracy"}
"""How a metric is called in sentences."""


@dataclass(frozen=True)
class Metrics:
    """One model's averages on the exam, fractions between 0 and 1; None where Comprehend gave none.

    Source: https://docs.aws.amazon.com/comprehend/latest/APIReference/API_FlywheelModelEvaluationMetrics.html
    """

    f1: float | None = None
    precision: float | None = None
    recall: float | None = None
    accuracy: float | None = None

    def value(self, metric: MetricName) -> float | None:
        """Return the metric if it is a number that can be compared (finite, 0 to 1), else None."""
        number: float | None = getattr(self, metric)
        return number if number is not None and math.isfinite(number) and 0 <= number <= 1 else None


@dataclass(frozen=True)
class Interval:
    """Where a number lies with the gate's confidence, as fractions (a difference: -1 to 1).

    Each end is a one-sided bound: the number is above `low` with that confidence, and below `high` with the same.
    """

    low: float
    high: float


@dataclass(frozen=True)
class GateResult:
    """How one rule of one gate was met, in numbers and in words.

    `label`: what the gate asks about, see `Gate.label`; of `*` and `worst` the numbers are those of `decided_by`, the
    label that decides. `rule` and `threshold`: the rule as the policy has it. `interval`: of the candidate's value for
    a floor, of the difference (candidate minus active model) otherwise. `support`: the documents (mentions) that the
    numbers rest on. `word`: `met` and `missed` are certain at `confidence`; `undecided` is not, and then `needed` says
    about how many more test documents would settle it; `unknown`: a number is missing. `regression`: worse than the
    active model by more than the policy's margin, see `judge`.
    """

    metric: MetricName
    candidate: float | None
    baseline: float | None
    word: Literal["met", "missed", "undecided", "unknown"]
    regression: bool
    words: str
    label: str | None = None
    decided_by: str | None = None
    rule: Literal["at_least", "gain_at_least", "drop_at_most"] = "at_least"
    threshold: float | str = 0.0
    confidence: float = 0.95
    mode: Mode = "enforce"
    interval: Interval | None = None
    support: int | None = None
    needed: int | None = None


@dataclass(frozen=True)
class Verdict:
    """The judgement of one candidate against one baseline.

    `regression`: worse than the baseline by more than the policy's margin. `remarks`: what people should know besides
    (the exam wears out, a shadow gate would have said no).
    """

    word: Word
    reason: str
    regression: bool = False
    gates: tuple[GateResult, ...] = ()
    remarks: tuple[str, ...] = ()

    def digest(self) -> str:
        """Return the sha256 that an approval is bound to."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class MustPass:
    """The candidate's answers to the documents that it must get right: `failed` names them, never quotes them."""

    documents: int
    failed: tuple[str, ...] = ()
    """`<file>:<line>`, at most the first hundred."""
    failures: int = 0


@dataclass(frozen=True)
class Exam:
    """What both models' exam tells, without the answers themselves (`sheet.Sheet`).

    `candidate`: the trained model's ARN, None if nothing was trained. `scored_baseline`: the ARN of the model that sat
    the exam beside it, None if there was none. The metrics are Comprehend's averages (`iteration`) or ours (`golden`).
    `has_test_data`: whether both sat documents that were meant for it. `candidate_digest` and `baseline_digest`: the
    sha256 of the documents that each sat; None if that is not known. `documents` and `support`: how many test documents
    there are, in all and of each label (recognizers: mentions of each type); empty if that is not known. `obstacle`:
    why these numbers cannot decide, whatever they are.
    """

    candidate: str | None
    candidate_metrics: Metrics | None
    scored_baseline: str | None
    baseline_metrics: Metrics | None
    has_test_data: bool
    kind: Literal["iteration", "golden"] = "iteration"
    candidate_digest: str | None = None
    baseline_digest: str | None = None
    documents: int | None = None
    support: Mapping[str, int] = field(default_factory=dict)
    must_pass: MustPass | None = None
    obstacle: str | None = None
