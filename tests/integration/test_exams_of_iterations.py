"""What is known of the exam that Comprehend itself sets in an iteration, and what an exam is expected to cost."""

import dataclasses

import pytest

from governor.domain.budget import FIRST_TRAINING
from governor.domain.exam import set_digest
from governor.domain.policy import Policy
from governor.domain.pricing import job_cost
from governor.domain.upload import Upload
from governor.usecases.spending import Estimate, likely_cost
from tests.doubles.data import FLYWHEEL, exam, labelled, policy, train
from tests.doubles.exams import decisions, golden, sat
from tests.doubles.people import datasets
from tests.doubles.scenes import first_model, promoted
from tests.doubles.stack import Stack


def test_the_exam_is_all_test_datasets_that_were_there_before_the_iteration(stack: Stack) -> None:
    promoted(stack)
    stack.deliver(stack.drop(train("more"), labelled(3)), stack.drop(exam("more"), labelled(4, per_label=15)))
    stack.inspect()
    stack.run()
    one, two = decisions(stack)
    names = [each["DatasetName"] for each in datasets(stack) if each["DatasetType"] == "TEST"]
    assert (one.exam.candidate_digest, one.exam.baseline_digest) == (set_digest(names[:1]), None)
    assert two.exam.candidate_digest == two.exam.baseline_digest == set_digest(names)
    assert (one.exam.documents, two.exam.documents) == (60, 105)
    assert two.exam.support == {"compute": 35, "queue": 35, "storage": 35}
    assert [record.sheet for record in (one, two)] == [None, None]
    assert sat(stack) == []


def test_training_data_alone_leave_the_exam_as_it_was(stack: Stack) -> None:
    promoted(stack)
    stack.upload(train("more"), labelled(3))
    stack.run()
    one, two = decisions(stack)
    assert one.exam.candidate_digest == two.exam.candidate_digest
    assert two.uses == 1


def test_a_dataset_that_somebody_else_made_has_labels_that_nobody_counted(stack: Stack) -> None:
    promoted(stack)
    stack.s3.put_object(Bucket="lake", Key="staging/foreign/t.csv", Body=labelled(7))
    stack.comprehend.create_dataset(
        FlywheelArn=stack.ports.comprehend.flywheel_arn(FLYWHEEL),
        DatasetName="foreign",
        DatasetType="TEST",
        InputDataConfig={
            "DataFormat": "COMPREHEND_CSV",
            "DocumentClassifierInputDataConfig": {"S3Uri": "s3://lake/staging/foreign/t.csv"},
        },
    )
    stack.clock.advance(60)
    stack.upload(train("more"), labelled(3))
    stack.run()
    record = decisions(stack)[-1]
    assert (record.exam.documents, record.exam.support) == (120, {})


def test_labels_that_the_inspection_did_not_keep_are_counted_from_the_documents(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark_pending = stack.ports.uploads.mark_pending

    def without_counts(upload: Upload) -> bool:
        return mark_pending(dataclasses.replace(upload, counts={}))

    monkeypatch.setattr(stack.ports.uploads, "mark_pending", without_counts)
    promoted(stack)
    (record,) = decisions(stack)
    assert record.exam.support == {"compute": 20, "queue": 20, "storage": 20}
    assert all(upload.labels == {} for upload in record.uploads)


def test_a_batch_is_expected_to_cost_as_much_as_earlier_trainings_and_the_exam_of_whoever_has_not_sat_it(
    stack: Stack,
) -> None:
    stack.apply_policy(FLYWHEEL, golden())
    first_model(stack, labelled(1))
    ports, by_answers = stack.ports, Policy.model_validate(golden())
    (training,) = [cost for cost in ports.batches.read(FLYWHEEL, 1).costs if cost.kind == "training"]
    more = Upload(FLYWHEEL, "id", "key", "v", "train", "PENDING", stack.clock.now(), size=500, documents=10)
    fresh = dataclasses.replace(more, kind="test", size=9000)
    last, new = 180, 90

    def expected(*chosen: Upload, trains: bool = True, rules: Policy = by_answers, has_active: bool = True) -> float:
        return likely_cost(ports, FLYWHEEL, rules, chosen, trains=trains, has_active=has_active).usd

    assert expected(more) == pytest.approx(training.usd + job_cost(last))
    assert expected(more, fresh) == pytest.approx(training.usd + 2 * job_cost(last + new))
    assert expected(fresh, trains=False) == pytest.approx(job_cost(last + new))
    small = dataclasses.replace(fresh, size=50)
    assert expected(small, trains=False) == pytest.approx(job_cost(last + 30)), "three units a document"
    assert expected(more, fresh, rules=Policy.model_validate(policy())) == pytest.approx(training.usd)
    alone = expected(more, fresh, has_active=False)
    assert alone == pytest.approx(training.usd + job_cost(last + new)), "no active model could sit it"
    a_set = Policy.model_validate(golden(rules={"set": "core"}))
    assert expected(more, fresh, rules=a_set) == pytest.approx(training.usd + job_cost(last)), "fresh is not in the set"


def test_a_first_batch_is_expected_to_cost_a_first_training_and_what_its_candidate_sits(stack: Stack) -> None:
    rules = Policy.model_validate(golden())
    more = Upload(FLYWHEEL, "id", "key", "v", "train", "PENDING", stack.clock.now(), size=500, documents=10)
    fresh = dataclasses.replace(more, kind="test", size=9000)

    def expected(*chosen: Upload, trains: bool = True) -> Estimate:
        return likely_cost(stack.ports, FLYWHEEL, rules, chosen, trains=trains, has_active=False)

    assert expected(more) == Estimate(FIRST_TRAINING, 0.0), "nothing is known yet"
    assert expected(more, trains=False) == Estimate(0.0, 0.0)
    assert expected(more, fresh) == Estimate(FIRST_TRAINING, job_cost(90))
