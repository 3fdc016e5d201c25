"""Golden exams in tests: policies, the jobs that they cost, and what the ledger says of them."""

from typing import Any

from governor.domain.decision import DecisionRecord
from governor.usecases.decisions import read_decision_record, verdicts_of
from tests.doubles.data import FLYWHEEL, policy
from tests.doubles.people import active
from tests.doubles.stack import Stack


def golden(**changes: Any) -> dict[str, Any]:
    """A policy whose exam is all TEST uploads so far. `rules`: of the exam."""
    rules = changes.pop("rules", {})
    return policy(**{"exam": {"kind": "golden"} | rules} | changes)


def sat(stack: Stack) -> list[dict[str, Any]]:
    """Return the jobs in which models sat exams, oldest first."""
    jobs: list[dict[str, Any]] = []
    for operation, member in (
        (stack.comprehend.list_document_classification_jobs, "DocumentClassificationJobPropertiesList"),
        (stack.comprehend.list_entities_detection_jobs, "EntitiesDetectionJobPropertiesList"),
    ):
        jobs += [job for job in operation()[member] if "-exam-" in job.get("JobName", "")]
    return sorted(jobs, key=lambda job: (job["SubmitTime"], job["JobName"]))


def models_that_sat(stack: Stack) -> list[str]:
    """Return the model of each of those jobs."""
    return [job.get("DocumentClassifierArn") or job["EntityRecognizerArn"] for job in sat(stack)]


def decisions(stack: Stack, flywheel: str = FLYWHEEL) -> list[DecisionRecord]:
    """Return the record of every verdict, oldest first."""
    return [
        read_decision_record(stack.ports.records, verdict.decision_uri, verdict.decision_sha256)
        for _, verdict in verdicts_of(stack.ports, flywheel)
    ]


def now_active(stack: Stack) -> str:
    """Return the active model's ARN; there is one."""
    model = active(stack)
    assert model is not None
    return model
