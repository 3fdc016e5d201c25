"""What the flywheel has spent this month, and what the next step would cost."""

from dataclasses import dataclass

from governor.domain.budget import Cost, likely_training, spent_in_month
from governor.domain.decision import Spent
from governor.domain.policy import Policy
from governor.domain.pricing import FEWEST_UNITS, UNIT_CHARACTERS, job_cost
from governor.domain.upload import Upload
from governor.ports import BatchRecord, Ports


@dataclass(frozen=True)
class Estimate:
    """What a batch will cost, in US dollars: its training, and the exam of the models that have still to sit it."""

    training: float
    exam: float

    @property
    def usd(self) -> float:
        """Both together."""
        return self.training + self.exam


def all_costs(ports: Ports, flywheel: str) -> list[Cost]:
    """Return the costs of all batches."""
    return [cost for record, _ in ports.batches.history(flywheel) for cost in record.costs]


def spent_this_month(ports: Ports, flywheel: str) -> float:
    """Return the dollars that trainings and exams have cost since the month began."""
    return spent_in_month(all_costs(ports, flywheel), ports.clock.now())


def likely_cost(
    ports: Ports, flywheel: str, policy: Policy, chosen: tuple[Upload, ...], *, trains: bool, has_active: bool
) -> Estimate:
    """Estimate what a batch will cost: a training as dear as earlier ones, and the golden exam.

    The first training is taken to cost what AWS's published ones do (`budget.FIRST_TRAINING`). An exam whose documents
    are not known yet counts as nothing. `has_active`: whether there is an active model, which sits a new exam, too.
    """
    history = [record for record, _ in ports.batches.history(flywheel)]
    costs = [cost for record in history for cost in record.costs]
    training = likely_training(costs) if trains else 0.0
    if policy.exam.kind != "golden":
        return Estimate(training, 0.0)
    # A set that the policy names stays as it is, whatever is dropped.
    tests = () if policy.exam.set is not None else tuple(upload for upload in chosen if upload.kind == "test")
    return Estimate(training, _likely_exam(history, tests, trains=trains, has_active=has_active))


def _likely_exam(history: list[BatchRecord], tests: tuple[Upload, ...], *, trains: bool, has_active: bool) -> float:
    """The last exam with the new TEST files; as long as it stays the same the active model has sat it already."""
    last = next((record.exam.units for record in reversed(history) if record.exam is not None), 0)
    new = sum(max(upload.size // UNIT_CHARACTERS, FEWEST_UNITS * upload.documents) for upload in tests)
    models = int(trains) + (has_active and bool(tests))
    return models * job_cost(last + new)


def spent_on(record: BatchRecord) -> Spent:
    """Return what a batch has cost by now."""
    trainings = [cost for cost in record.costs if cost.kind == "training"]
    jobs = [cost for cost in record.costs if cost.kind == "exam"]
    seconds = [sitting.seconds for sitting in record.sittings if sitting.seconds is not None]
    return Spent(
        training_usd=sum(cost.usd for cost in trainings) if trainings else None,
        exam_usd=sum(cost.usd for cost in jobs) if jobs else None,
        training_seconds=sum(cost.seconds or 0.0 for cost in trainings) if trainings else None,
        exam_seconds=sum(seconds) if seconds else None,
    )
