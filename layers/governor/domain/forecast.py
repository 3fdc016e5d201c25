"""What a batch would take on AWS, in time and money, where nothing has been measured yet.

How long a training takes Comprehend does not say beforehand, and its own examples have little to do with the number of
documents, so these are spans, of what was published. Prices are those of `pricing`.
"""

from dataclasses import dataclass

from governor.domain.pricing import training_cost


@dataclass(frozen=True)
class Span:
    """From `low` to `high`."""

    low: float
    high: float

    def __add__(self, other: "Span") -> "Span":
        """Return the sum of both ends."""
        return Span(self.low + other.low, self.high + other.high)


NOTHING = Span(0.0, 0.0)
ITERATION_SECONDS = Span(81 * 60, 143 * 60)
"""From creation to end of the two full iterations in the AWS CLI's examples (describe-flywheel-iteration and
list-flywheel-iteration-history, https://docs.aws.amazon.com/cli/latest/reference/comprehend/)."""
JOB_SECONDS = Span(6 * 60, 10 * 60)
"""The asynchronous jobs in the same examples (describe-document-classification-job, list-...-jobs)."""


@dataclass(frozen=True)
class Forecast:
    """Seconds and US dollars."""

    seconds: Span = NOTHING
    usd: Span = NOTHING

    def __add__(self, other: "Forecast") -> "Forecast":
        """Return both, one after the other."""
        return Forecast(self.seconds + other.seconds, self.usd + other.usd)


def forecast(*, trains: bool, exam_usd: float = 0.0) -> Forecast:
    """Return what one batch takes. `trains`: whether it trains a candidate. `exam_usd`: of both models' answers.

    A training is billed by the second, and no longer than its iteration takes. Both models' jobs run side by side.
    """
    training = Forecast()
    if trains:
        usd = Span(training_cost(ITERATION_SECONDS.low), training_cost(ITERATION_SECONDS.high))
        training = Forecast(ITERATION_SECONDS, usd)
    return training + Forecast(JOB_SECONDS, Span(exam_usd, exam_usd)) if exam_usd else training
