"""Gates: what a candidate must meet. And the exam: the documents on which that is found out.

Metrics are fractions between 0 and 1. `confidence` is one-sided: a gate is met when the data leave at most
`1 - confidence` of doubt. At 0.5 the bare numbers decide, as if they were exact.
"""

import math
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

MetricName = Literal["f1", "precision", "recall", "accuracy"]
Fraction = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Mode = Literal["enforce", "shadow"]
Overall = Literal["macro", "micro", "worst"]
EVERY_LABEL = "*"
OVERALL: tuple[str, ...] = ("macro", "micro", "worst")
"""What a gate's `label` may say besides `*` and the name of a label."""


class Part(BaseModel):
    """A block of a policy: fields that are not known are refused, and values are never repeated in errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def _amount(value: object) -> object:
    """Check a number (absolute, in points of the metric) or a text like `5%` (of the active model's value)."""
    if isinstance(value, str):
        try:
            number = float(value.removesuffix("%"))
        except ValueError:
            number = math.nan
        if not value.endswith("%") or not math.isfinite(number):
            raise ValueError("must be a number such as 0.02, or a share of the active model's value such as '2%'")
        return value
    return value


def _bounded(value: float | str) -> float | str:
    if not -1 <= share_or_points(value)[0] <= 1:
        raise ValueError("must lie between -1 and 1, or between '-100%' and '100%'")
    return value


def _not_negative(value: float | str) -> float | str:
    if share_or_points(value)[0] < 0:
        raise ValueError("must not be negative")
    return value


Amount = Annotated[
    Annotated[float, Field(allow_inf_nan=False)] | str, BeforeValidator(_amount), AfterValidator(_bounded)
]
Loss = Annotated[Amount, AfterValidator(_not_negative)]


def share_or_points(amount: float | str) -> tuple[float, bool]:
    """Return an amount as a fraction, and whether it is relative to the active model's value."""
    if isinstance(amount, str):
        return float(amount.removesuffix("%")) / 100, True
    return amount, False


class Gate(Part):
    """One rule: a floor, a gain over the active model, or a loss that is not exceeded; at least one of them.

    `label`: the metric of one label, of every label (`*`: each must meet the rule), the unweighted mean over the
    labels (`macro`), over all decisions (`micro`), or of the label that is worst. Left out, it is what Comprehend
    calls the model's metric: macro for classifiers, micro for recognizers. `min_support`: how many test documents
    (of recognizers: mentions) the metric must rest on.
    `mode`: a `shadow` gate is told and decides nothing.
    """

    metric: MetricName
    label: Annotated[str, Field(min_length=1, max_length=5000)] | None = None
    at_least: Fraction | None = None
    gain_at_least: Amount | None = None
    drop_at_most: Loss | None = None
    confidence: Annotated[float, Field(ge=0.5, lt=1, allow_inf_nan=False)] = 0.95
    min_support: int = Field(default=0, ge=0, le=1_000_000)
    mode: Mode = "enforce"

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if (self.at_least, self.gain_at_least, self.drop_at_most) == (None, None, None):
            raise ValueError("a gate needs at_least, gain_at_least or drop_at_most")
        if self.metric == "accuracy" and self.label is not None:
            raise ValueError("accuracy is of all documents together: leave label out, or gate f1, precision or recall")
        return self


class ExamRules(Part):
    """Which documents the candidate and the active model sit.

    `iteration`: the flywheel's TEST datasets, of which Comprehend tells averages alone. `golden`: all TEST uploads so
    far, or the files under `<flywheel>/exam/<set>/` in the inbox; both models answer them in asynchronous jobs, and
    everything is computed from the answers. `must_pass`: names of files under `<flywheel>/must-pass/` in the inbox,
    CSV like smoke files; one wrong answer of the candidate is a FAIL. `warn_after`: so many promotions decided by one
    and the same exam, people are told that it wears out.
    """

    kind: Literal["iteration", "golden"] = "iteration"
    set: Annotated[str, Field(pattern=r"^[a-zA-Z0-9](-*[a-zA-Z0-9])*$", max_length=63)] | None = None
    must_pass: tuple[Annotated[str, Field(pattern=r"^[^/\x00-\x1f\x7f]+\.csv$", max_length=200)], ...] = Field(
        default=(), max_length=10
    )
    warn_after: int = Field(default=5, ge=1, le=1000)

    @model_validator(mode="after")
    def _only_golden_has_a_set(self) -> Self:
        if self.set is not None and self.kind != "golden":
            raise ValueError("set names the documents of a golden exam: say kind: golden, or leave it out")
        return self
