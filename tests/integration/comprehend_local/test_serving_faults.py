"""Endpoints and jobs that do what the control API wants, and what is left of them after a restart."""

from collections.abc import Callable
from pathlib import Path

import pytest

from comprehend_local import Settings
from comprehend_local.control import Control

from .lab import MISLABELLED, WORDS, Lab, code_of, rows
from .serving import (
    classification,
    create_endpoint,
    endpoint,
    job_request,
    predictions,
    start_classification,
    status,
    top_class,
)

LINES = b"".join(f"{words}\n".encode() for _ in range(20) for words in WORDS.values())


def test_an_endpoint_stays_updating_until_it_is_let_go(lab: Lab) -> None:
    control = Control(lab.server)
    flywheel, first = lab.flywheel_with_model()
    arn = create_endpoint(lab, FlywheelArn=flywheel)
    lab.create_dataset(flywheel, "train-2", rows(200, first=1000, labels=MISLABELLED))
    second = lab.iterate(flywheel)["TrainedModelArn"]
    control.hold("endpoint")

    lab.promote(flywheel, second)

    found = endpoint(lab, arn)
    assert (found["Status"], found["ModelArn"], found["DesiredModelArn"]) == ("UPDATING", first, second)
    assert top_class(lab, arn, WORDS["pets"]) == "pets"
    control.clear()
    assert status(lab, arn) == "IN_SERVICE"
    assert top_class(lab, arn, WORDS["pets"]) == "food"


def test_an_endpoint_fails_when_it_is_told_to(lab: Lab) -> None:
    control = Control(lab.server)
    flywheel, _ = lab.flywheel_with_model()
    control.end("endpoint", "FAILED", message="INSUFFICIENT_CAPACITY: There is no room.")

    arn = create_endpoint(lab, FlywheelArn=flywheel)

    found = endpoint(lab, arn)
    assert (found["Status"], found["Message"]) == ("FAILED", "INSUFFICIENT_CAPACITY: There is no room.")
    lab.client.delete_endpoint(EndpointArn=arn)
    assert code_of(lambda: endpoint(lab, arn)) == "ResourceNotFoundException"


def test_a_job_fails_when_it_is_told_to(lab: Lab) -> None:
    control = Control(lab.server)
    _, model = lab.flywheel_with_model()
    control.end("job", "FAILED", message="INTERNAL_SERVER_ERROR: Try again.")
    source = lab.put("texts/day.txt", LINES)

    first, second = (start_classification(lab, source, DocumentClassifierArn=model)["JobId"] for _ in range(2))

    found = classification(lab, first)
    assert (found["JobStatus"], found["Message"]) == ("FAILED", "INTERNAL_SERVER_ERROR: Try again.")
    assert classification(lab, second)["JobStatus"] == "COMPLETED"


@pytest.mark.parametrize("moment", [0, 20])
def test_endpoints_and_jobs_go_on_after_a_restart(build: Callable[..., Lab], tmp_path: Path, moment: float) -> None:
    times = Settings.instant(endpoint_update_seconds=60, job_seconds=60)
    before = build(times, state=tmp_path)
    flywheel, first = before.flywheel_with_model()
    arn = create_endpoint(before, FlywheelArn=flywheel, ClientRequestToken="once")
    before.create_dataset(flywheel, "train-2", rows(200, first=1000, labels=MISLABELLED))
    second = before.iterate(flywheel)["TrainedModelArn"]
    source = before.put("texts/day.txt", LINES)
    started = job_request(source, DocumentClassifierArn=first, ClientRequestToken="once")
    job = before.client.start_document_classification_job(**started)["JobId"]
    before.promote(flywheel, second)
    before.clock.advance(moment)
    before.server.run_due()
    before.server.close()

    after = build(times, state=tmp_path, clock=before.clock)

    assert top_class(after, arn, WORDS["pets"]) == "pets"
    assert after.client.start_document_classification_job(**started)["JobId"] == job
    before.clock.advance(60)
    assert endpoint(after, arn)["ModelArn"] == second
    assert top_class(after, arn, WORDS["pets"]) == "food"
    assert len(predictions(after, classification(after, job))) == 60
