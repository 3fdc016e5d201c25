"""Papers and answers in the lake bucket, and what a batch's row keeps of them."""

import gzip
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from governor.domain.analysis import FEWEST_BYTES
from governor.domain.budget import Cost
from governor.domain.errors import TurnLostError, UnexpectedReplyError
from governor.domain.exam import Paper
from governor.ports import ExamRecord, Recheck, Sitting
from tests.doubles.data import FLYWHEEL, labelled, policy, train
from tests.doubles.stack import Stack

DIGEST = "d" * 64
MODEL = "arn:aws:comprehend:us-east-1:123456789012:document-classifier/alpha/version/1"
PAPER = Paper("golden", DIGEST, "MULTI_CLASS", ("a", "b"), 2, 6, {"a": 1, "b": 1}, left_out=3)
NOW = datetime(2026, 12, 1, 3, 4, 5, 123456, tzinfo=UTC)


def keys(stack: Stack) -> list[str]:
    return [item["Key"] for item in stack.s3.list_objects_v2(Bucket="lake", Prefix="exams/").get("Contents", [])]


def test_a_paper_is_there_only_when_it_was_written_to_its_end(stack: Stack) -> None:
    exams = stack.ports.exams
    assert exams.paper(FLYWHEEL, DIGEST) is None
    exams.write(FLYWHEEL, DIGEST, iter([(b"one\n", b"1\n"), (b"two\n", b"2\n")]))
    assert exams.paper(FLYWHEEL, DIGEST) is None
    exams.finish(FLYWHEEL, PAPER)
    assert exams.paper(FLYWHEEL, DIGEST) == PAPER
    assert list(exams.truth(FLYWHEEL, DIGEST)) == [b"1\n", b"2\n"]
    assert exams.documents_uri(FLYWHEEL, DIGEST) == f"s3://lake/exams/{FLYWHEEL}/{DIGEST}/documents/"


def test_what_a_job_reads_is_as_large_as_a_job_wants_it(stack: Stack) -> None:
    stack.ports.exams.write(FLYWHEEL, DIGEST, [(b"one\n", b"1\n")])
    listed = stack.s3.list_objects_v2(Bucket="lake", Prefix=f"exams/{FLYWHEEL}/{DIGEST}/documents/")["Contents"]
    assert [item["Key"].rpartition("/")[2] for item in listed] == ["00000.txt", "padding.txt"]
    assert sum(item["Size"] for item in listed) >= FEWEST_BYTES
    large = "e" * 64
    stack.ports.exams.write(FLYWHEEL, large, [(b"x" * FEWEST_BYTES, b"1\n")])
    assert f"exams/{FLYWHEEL}/{large}/documents/padding.txt" not in keys(stack)


def test_a_paper_whose_documents_break_off_leaves_nothing(stack: Stack) -> None:
    def broken() -> Iterator[tuple[bytes, bytes]]:
        yield b"one\n", b"1\n"
        raise LookupError("gone")

    with pytest.raises(LookupError):
        stack.ports.exams.write(FLYWHEEL, DIGEST, broken())
    assert keys(stack) == []


def test_answers_are_kept_by_model_and_the_same_twice(stack: Stack) -> None:
    exams = stack.ports.exams
    assert not exams.is_answered(FLYWHEEL, DIGEST, MODEL)
    exams.write_answers(FLYWHEEL, DIGEST, MODEL, iter([b'["a"]\n', b"null\n"]))
    (key,) = keys(stack)
    first = stack.s3.get_object(Bucket="lake", Key=key)["Body"].read()
    exams.write_answers(FLYWHEEL, DIGEST, MODEL, [b'["a"]\n', b"null\n"])
    assert stack.s3.get_object(Bucket="lake", Key=key)["Body"].read() == first
    assert first[4:8] == bytes(4), "no time is in it"
    assert exams.is_answered(FLYWHEEL, DIGEST, MODEL)
    assert not exams.is_answered(FLYWHEEL, DIGEST, f"{MODEL}0")
    assert list(exams.answers(FLYWHEEL, DIGEST, MODEL)) == [b'["a"]\n', b"null\n"]


@pytest.mark.parametrize("damage", [lambda whole: whole[:-9], lambda _: b"no gzip"])
def test_damaged_answers_are_an_error_and_not_fewer_answers(stack: Stack, damage: Callable[[bytes], bytes]) -> None:
    stack.ports.exams.write_answers(FLYWHEEL, DIGEST, MODEL, [b"null\n"] * 1000)
    (key,) = keys(stack)
    body = damage(gzip.compress(b"null\n" * 1000))
    stack.s3.put_object(Bucket="lake", Key=key, Body=body)
    with pytest.raises(UnexpectedReplyError, match="damaged"):
        list(stack.ports.exams.answers(FLYWHEEL, DIGEST, MODEL))


def test_a_batch_s_row_keeps_exam_sittings_costs_and_a_recheck_under_the_fence(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, policy())
    stack.upload(train(), labelled(1))
    execution = stack.machine.executions["alpha-1"].run_until("RegisterDatasets")
    batches, me = stack.ports.batches, execution.arn
    exam = ExamRecord("golden", DIGEST, "s3://lake/x/", 2, 6, "m" * 64, MODEL, 0.1 + 0.2)
    started = Sitting(DIGEST, MODEL, 6, 2, "job", NOW)
    other = Sitting("m" * 64, MODEL, 3)
    training, job = Cost("training", 2.25, NOW, 2700.0), Cost("exam", 0.003, NOW)
    recheck = Recheck(4, "FAIL", "no", "s3://records/x", "ab")

    batches.record_exam(FLYWHEEL, me, 1, exam)
    batches.record_sitting(FLYWHEEL, me, 1, Sitting(DIGEST, MODEL, 6))
    batches.record_sitting(FLYWHEEL, me, 1, started, job)
    batches.record_sitting(FLYWHEEL, me, 1, other)
    batches.record_training(FLYWHEEL, me, 1, 1, training)
    batches.record_recheck(FLYWHEEL, me, 1, recheck)

    record = batches.read(FLYWHEEL, 1)
    assert (record.exam, record.recheck, record.trains) == (exam, recheck, True)
    assert set(record.sittings) == {started, other}
    assert record.costs == (job, training)
    writes: list[Callable[[], None]] = [
        lambda: batches.record_exam(FLYWHEEL, "other", 1, exam),
        lambda: batches.record_sitting(FLYWHEEL, "other", 1, other),
        lambda: batches.record_training(FLYWHEEL, "other", 1, 1, training),
        lambda: batches.record_recheck(FLYWHEEL, "other", 1, recheck),
    ]
    for write in writes:
        with pytest.raises(TurnLostError):
            write()


def test_registered_uploads_are_listed_by_kind_the_newest_first(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, policy())
    for number, kind in enumerate(["train", "test", "test"], 1):
        stack.clock.advance(1)
        stack.upload(f"{FLYWHEEL}/{kind}/{number}.csv", labelled(number))
    assert stack.ports.uploads.registered(FLYWHEEL, 1, "test") == []
    stack.run()
    found = stack.ports.uploads.registered(FLYWHEEL, 1, "test")
    assert [upload.key for upload in found] == [f"{FLYWHEEL}/test/3.csv", f"{FLYWHEEL}/test/2.csv"]
    assert stack.ports.uploads.registered(FLYWHEEL, 2, "test") == []
    (part,) = stack.ports.staging.parts(found[0].staged or "")
    assert b"".join(part) == labelled(3)
