"""The report of a verdict as a value: everything that the page and the JSON show, and nothing that either works out.

`docs/report.schema.json` is made of these classes: a docstring below a field is its description there. Metrics are
fractions between 0 and 1, differences are candidate minus active model. No text of a document is in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from governor.domain.gates import MetricName, Mode
from governor.domain.outcome import Action
from governor.domain.policy import DataMode
from governor.domain.upload import Kind
from governor.domain.verdict import Word

SCHEMA: Literal[1] = 1
"""A field that is added leaves it as it is, every other change makes a new one."""


class Part:
    """What the schema says of every object: it has these fields and no others."""

    __pydantic_config__: ClassVar[Mapping[str, Any]] = {
        "extra": "forbid",
        "json_schema_serialization_defaults_required": True,
        "use_attribute_docstrings": True,
    }


@dataclass(frozen=True)
class Estimate(Part):
    """A number and how sure it is."""

    value: float
    low: float | None = None
    """The number is above this with the report's confidence; null where that is not known."""
    high: float | None = None
    """The number is below this with the report's confidence; null where that is not known."""

    @property
    def sign(self) -> Literal["better", "worse", "unsure"]:
        """Of a difference: which way it certainly goes, if any."""
        if self.low is not None and self.low > 0:
            return "better"
        return "worse" if self.high is not None and self.high < 0 else "unsure"


@dataclass(frozen=True)
class Comparison(Part):
    """One number of both models."""

    candidate: Estimate | None = None
    baseline: Estimate | None = None
    """The active model's; null if there was none, or if it did not sit this exam."""
    difference: Estimate | None = None


@dataclass(frozen=True)
class MetricLine(Part):
    """A metric of both models over the whole exam."""

    metric: MetricName
    over: Literal["macro", "micro", "documents"]
    """`macro`: the mean over labels. `micro`: all decisions together. `documents`: the share of documents."""
    numbers: Comparison


@dataclass(frozen=True)
class LabelLine(Part):
    """A label (a recognizer's entity type) of the exam."""

    label: str
    support: int
    """Test documents that have the label; of a recognizer, mentions of the type."""
    f1: Comparison = Comparison()
    precision: Comparison = Comparison()
    recall: Comparison = Comparison()


@dataclass(frozen=True)
class GateLine(Part):
    """One rule of one gate of the policy."""

    metric: MetricName
    label: str | None
    """What the gate asks about: a label, `*`, `macro`, `micro`, `worst`; null is the model's own average."""
    rule: Literal["at_least", "gain_at_least", "drop_at_most"]
    threshold: float | str
    """As the policy has it; a text like `5%` is a share of the active model's value."""
    confidence: float
    mode: Mode
    word: Literal["met", "missed", "undecided", "unknown"]
    regression: bool
    """Worse than the active model by more than the policy's margin."""
    asks: str
    """The rule in words."""
    words: str
    """What was found, in words."""
    candidate: float | None = None
    baseline: float | None = None
    decided_by: str | None = None
    """Of `*` and `worst`: the label that decides."""
    low: float | None = None
    """Of the candidate's value for `at_least`, of the difference otherwise: it is above this with `confidence`."""
    high: float | None = None
    """The same from above."""
    support: int | None = None
    needed: int | None = None
    """About how many more test documents would settle it."""


@dataclass(frozen=True)
class ConfusionLine(Part):
    """A kind of mistake, and how often each model made it."""

    truth: str | None
    """What is right; null: nothing, the answer is one too many."""
    answer: str | None
    """What was answered; null: nothing, it was missed."""
    candidate: int
    baseline: int | None = None


@dataclass(frozen=True)
class Flip(Part):
    """A document that one model got right and the other did not, by its place in its file."""

    line: int
    truth: tuple[str, ...]
    candidate: tuple[str, ...]
    baseline: tuple[str, ...]


@dataclass(frozen=True)
class FlipsOfFile(Part):
    """Flips of one version of one object of the inbox."""

    key: str
    version: str
    command: str
    """Fetches the file, for those who may read it."""
    documents: tuple[Flip, ...]


@dataclass(frozen=True)
class Flips(Part):
    """Documents that flipped one way."""

    count: int
    """How many there are; not all of them are listed when they are many."""
    files: tuple[FlipsOfFile, ...] = ()

    @property
    def listed(self) -> int:
        return sum(len(file.documents) for file in self.files)


@dataclass(frozen=True)
class AddedFile(Part):
    """A file that the batch added."""

    key: str
    version: str
    kind: Kind
    documents: int
    labels: Mapping[str, int] = field(default_factory=dict)
    """Documents of each label (recognizers: mentions of each type); empty if they were not counted."""
    suspect: str | None = None
    """After a regression: why this file may be its cause."""


@dataclass(frozen=True)
class MustPassPart(Part):
    """Documents that the candidate must get right."""

    documents: int
    failures: int
    failed: tuple[str, ...] = ()
    """`<file>:<line>` of the first hundred."""


@dataclass(frozen=True)
class Cost(Part):
    """What the batch cost so far, in US dollars and seconds; null where it is not known."""

    training_usd: float | None = None
    exam_usd: float | None = None
    training_seconds: float | None = None
    exam_seconds: float | None = None


@dataclass(frozen=True)
class Decision(Part):
    """The verdict and what follows it."""

    verdict: Word
    regression: bool
    action: Action
    """What the application does next: make the candidate active, ask people, or keep the active model."""
    hold: str | None
    """Why the flywheel rests afterwards, if it does."""
    headline: str
    """The decision in one sentence."""
    follows: str
    """What happens next."""
    because: str
    """Why, in short."""
    reason: str
    """Why, with the words of every gate that decided."""
    remarks: tuple[str, ...] = ()
    """What people should know besides."""


@dataclass(frozen=True)
class ExamPart(Part):
    """The documents that both models sat."""

    kind: Literal["iteration", "golden"]
    """`iteration`: Comprehend told averages alone. `golden`: everything is computed from the answers."""
    documents: int | None
    digest: str | None
    """sha256 of the documents and what is right."""
    uses: int
    """How many promotions the same exam had decided before."""
    confidence: float
    """Of every interval in this report but those of gates, at each end."""
    unanswered_candidate: int = 0
    """Documents that the candidate gave no answer to, which counts as wrong."""
    unanswered_baseline: int = 0


@dataclass(frozen=True)
class Lineage(Part):
    """Where everything came from."""

    candidate: str | None
    baseline: str | None
    iteration: str | None
    datasets: tuple[str, ...]
    manifest_uri: str
    manifest_sha256: str
    decision_uri: str
    decision_sha256: str
    policy_version: int
    code_version: str


@dataclass(frozen=True)
class Report(Part):
    """All there is to know about one verdict."""

    schema: Literal[1]
    flywheel: str
    batch: int
    reached_at: str | None
    """When the verdict was reached, UTC; null in records of the first form."""
    data_mode: DataMode
    decision: Decision
    exam: ExamPart
    metrics: tuple[MetricLine, ...]
    gates: tuple[GateLine, ...]
    labels: tuple[LabelLine, ...]
    """What lost most comes first; empty where only averages are known."""
    confusions_gained: tuple[ConfusionLine, ...]
    """Mistakes that the candidate makes more often than the active model; of a first model, all of its mistakes."""
    confusions_lost: tuple[ConfusionLine, ...]
    """Mistakes that it makes less often."""
    right_to_wrong: Flips | None
    """Null where the answers are not known, or there was no active model."""
    wrong_to_right: Flips | None
    added: tuple[AddedFile, ...]
    must_pass: MustPassPart | None
    cost: Cost
    lineage: Lineage
