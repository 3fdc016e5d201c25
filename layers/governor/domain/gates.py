"""Gates: what a candidate must meet. And the exam: the documents on which that is found out.

Metrics are fractions between 0 and 1. `confidence` is one-sided: a gate is met when the data leave at most
`1 - confidence` of doubt. At 0.5 the bare numbers decide, as if they were exact.
"""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from governor.domain.part import Contradiction, Fraction, Number, Part, Whole

MetricName = Literal["f1", "precision", "recall", "accuracy"]
Mode = Literal["enforce", "shadow"]
Overall = Literal["macro", "micro", "worst"]
EVERY_LABEL = "*"
OVERALL: tuple[str, ...] = ("macro", "micro", "worst")
"""What a gate's `label` may say besides `*` and the name of a label."""
RULES = ("at_least", "gain_at_least", "drop_at_most")
_SHARE = re.compile(r"[+-]?[0-9]{1,3}(\.[0-9]+)?%")
_NO_AMOUNT = "must be a number such as 0.02, or a share of the active model's value such as '2%'"


def _amount(value: object) -> object:
    """Check a number (absolute, in points of the metric) or a text like `5%` (of the active model's value)."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(_NO_AMOUNT)
    if isinstance(value, str) and not _SHARE.fullmatch(value):
        raise ValueError(_NO_AMOUNT)
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(_NO_AMOUNT)
    number, _ = share_or_points(value)
    # Of a whole number with hundreds of digits only Python's own comparison can tell that it is too large.
    if not -1 <= number <= 1:
        raise ValueError("must lie between -1 and 1, or between '-100%' and '100%'")
    return value


def _not_negative(value: float | str) -> float | str:
    if share_or_points(value)[0] < 0:
        raise ValueError("must not be negative: it is how much worse the candidate may be")
    return value


def share_or_points(amount: float | str) -> tuple[float, bool]:
    """Return an amount as a fraction, and whether it is relative to the active model's value."""
    if isinstance(amount, str):
        return float(amount.removesuffix("%")) / 100, True
    return amount, False


def _shown(lowest: int, sign: str) -> WithJsonSchema:
    """What an editor is told of an amount."""
    pattern = rf"^{sign}(100(\.0+)?|[0-9]{{1,2}}(\.[0-9]+)?)%$"
    number = {"type": "number", "minimum": lowest, "maximum": 1}
    return WithJsonSchema({"anyOf": [number, {"type": "string", "pattern": pattern}]})


Amount = Annotated[float | str, BeforeValidator(_amount), _shown(-1, "[+-]?")]
Loss = Annotated[float | str, BeforeValidator(_amount), AfterValidator(_not_negative), _shown(0, "[+]?")]


class Gate(Part):
    """One rule: a floor, a gain over the active model, or a loss that is not exceeded; at least one of them.

    `label`: the metric of one label, of every label (`*`: each must meet the rule), the unweighted mean over the
    labels (`macro`), over all decisions (`micro`), or of the label that is worst. Left out, it is what Comprehend
    calls the model's metric: macro for classifiers, micro for recognizers. `min_support`: how many test documents
    (of recognizers: mentions) the metric must rest on.
    `mode`: a `shadow` gate is told and decides nothing.
    """

    metric: MetricName = Field(description="What is measured. accuracy is the share of documents answered right.")
    label: Annotated[str, Field(min_length=1, max_length=5000)] | None = Field(
        default=None,
        description="Of what: a label's name, '*' (every label must meet the rule), macro (mean over the labels), "
        "micro (all decisions together) or worst (the lowest of all labels). Left out: what Comprehend calls the "
        "model's metric, macro for classifiers and micro for recognizers. Anything else needs a golden exam.",
    )
    at_least: Fraction | None = Field(
        default=None, description="A floor, 0 to 1. The only rule that a first model is judged by."
    )
    gain_at_least: Amount | None = Field(
        default=None,
        description="How much better than the active model: points such as 0.02, or a share such as '2%'. 0 means "
        "surely better, and at confidence 0.5 at least as good; a negative number allows a loss.",
    )
    drop_at_most: Loss | None = Field(
        default=None, description="How much worse than the active model it may be: points such as 0.01, or '1%'."
    )
    confidence: Annotated[Number, Field(ge=0.5, lt=1)] = Field(
        default=0.95,
        description="How sure the data must make one that the rule is met. At 0.5 the bare numbers decide.",
    )
    min_support: Annotated[Whole, Field(ge=0, le=1_000_000)] = Field(
        default=0, description="How many test documents (recognizers: mentions) the metric must rest on."
    )
    mode: Mode = Field(default="enforce", description="A shadow gate is reported and decides nothing.")

    @classmethod
    def contradictions(cls, given: Mapping[str, Any]) -> Iterator[Contradiction]:
        """A gate without a rule, and accuracy of a label."""
        if all(given.get(rule) is None for rule in RULES):
            yield (), "a gate needs at_least, gain_at_least or drop_at_most"
        if given.get("metric") == "accuracy" and given.get("label") is not None:
            yield ("label",), "accuracy is of all documents: leave label out, or gate f1, precision or recall"


class ExamRules(Part):
    """Which documents the candidate and the active model sit.

    `iteration`: the flywheel's TEST datasets, of which Comprehend tells averages alone. `golden`: all TEST uploads so
    far, or the files under `<flywheel>/exam/<set>/` in the inbox; both models answer them in asynchronous jobs, and
    everything is computed from the answers. `must_pass`: names of files under `<flywheel>/must-pass/` in the inbox,
    CSV like smoke files; one wrong answer of the candidate is a FAIL. `warn_after`: so many promotions decided by one
    and the same exam, people are told that it wears out.
    """

    kind: Literal["iteration", "golden"] = Field(
        default="iteration",
        description="iteration: Comprehend scores both models on the TEST datasets and tells averages alone. golden: "
        "both models answer all TEST documents in asynchronous jobs (which cost money), and everything is computed "
        "from the answers.",
    )
    set: Annotated[str, Field(pattern=r"^[a-zA-Z0-9](-*[a-zA-Z0-9])*$", max_length=63)] | None = Field(
        default=None,
        description="A golden exam of the files under <name>/exam/<set>/ in the inbox, instead of all TEST uploads.",
    )
    must_pass: tuple[Annotated[str, Field(pattern=r"^[^/\x00-\x1f\x7f]+\.csv$", max_length=200)], ...] = Field(
        default=(),
        max_length=10,
        description="Names of CSV files under <name>/must-pass/ in the inbox. One wrong answer of the candidate fails "
        "it, whatever its metrics.",
    )
    warn_after: Annotated[Whole, Field(ge=1, le=1000)] = Field(
        default=5, description="After so many promotions by one and the same exam people are told that it wears out."
    )

    @classmethod
    def contradictions(cls, given: Mapping[str, Any]) -> Iterator[Contradiction]:
        """Only a golden exam has a set."""
        if given.get("set") is not None and given.get("kind", "iteration") == "iteration":
            yield ("set",), "names the documents of a golden exam: say kind: golden, or leave it out"
