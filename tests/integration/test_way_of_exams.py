"""Golden exams: both models answer the same documents, and everything is computed from their answers.

A docstring names the branches of the machine that its test takes.
"""

import gzip
import json
from typing import Any

import pytest

from comprehend_local import Settings
from governor.domain.errors import AnalysisFailedError
from governor.domain.judgement import judge
from governor.domain.judgement.averages import averages
from governor.ports import JobFacts
from governor.usecases.flywheel_status import status_of
from tests.doubles.data import FLYWHEEL, WORDS, exam, labelled, policy, train
from tests.doubles.exams import decisions, golden, models_that_sat, now_active, sat
from tests.doubles.people import datasets, iterations, promote_in_console
from tests.doubles.scenes import ends, first_model, holds, states
from tests.doubles.stack import ACCOUNT, Stack

SLOW_JOBS = Settings.instant(account=ACCOUNT, job_seconds=20)
ENDLESS_JOBS = Settings.instant(account=ACCOUNT, job_seconds=10**6)
GAIN = [{"metric": "f1", "at_least": 0.6}, {"metric": "accuracy", "gain_at_least": 0.0, "confidence": 0.95}]


def promoted(stack: Stack, **changes: Any) -> str:
    """Bring the flywheel to its first model by a golden exam and return the model."""
    stack.apply_policy(FLYWHEEL, golden(**changes))
    first_model(stack, labelled(1))
    assert ends(stack)[-1] == "ModelPromoted"
    return now_active(stack)


def test_the_first_model_sits_the_exam_and_no_test_slot_is_used(stack: Stack) -> None:
    """IsIterationFinished > PrepareExam, IsExamNeeded > StartExam, IsExamOver > CollectAnswers."""
    model = promoted(stack)

    assert models_that_sat(stack) == [model]
    assert [each["DatasetType"] for each in datasets(stack)] == ["TRAIN"]
    assert states(stack) == {train(): "REGISTERED", exam(): "REGISTERED"}
    (decision,) = decisions(stack)
    assert (decision.exam.kind, decision.exam.documents, decision.exam.has_test_data) == ("golden", 60, True)
    assert decision.exam.support == {"compute": 20, "queue": 20, "storage": 20}
    assert decision.sheet is not None
    assert (decision.sheet.documents, decision.sheet.has_baseline) == (60, False)
    assert averages(decision.sheet, "macro") == (decision.exam.candidate_metrics, None)
    assert decision.flips_uri is None


def test_what_was_decided_can_be_decided_again_from_the_record(stack: Stack) -> None:
    promoted(stack)
    stack.upload(train("more"), labelled(3))
    stack.run()
    found = decisions(stack)
    assert [record.uses for record in found] == [0, 1]
    for record in found:
        assert (
            judge(record.policy, record.exam, record.judged_against, record.sheet, uses=record.uses) == record.verdict
        )


def test_only_promotions_wear_an_exam_out(stack: Stack) -> None:
    promoted(stack)
    stack.apply_policy(FLYWHEEL, golden(gates=[{"metric": "f1", "gain_at_least": 0.5}]))
    for seed in (3, 4):
        stack.upload(train(f"more{seed}"), labelled(seed))
        stack.run()
    assert [record.uses for record in decisions(stack)] == [0, 1, 1]

    stack.apply_policy(FLYWHEEL, golden(rules={"warn_after": 1}))
    stack.upload(train("last"), labelled(5))
    stack.run()
    assert any("This exam has decided 1 promotion" in body for _, body in stack.notices.mails)


def test_a_model_that_sat_the_exam_is_not_examined_again(stack: Stack) -> None:
    first = promoted(stack)
    stack.upload(train("more"), labelled(3))
    stack.run()

    second = iterations(stack)[-1]["TrainedModelArn"]
    assert models_that_sat(stack) == [first, second]
    one, two = decisions(stack)
    assert one.exam.candidate_digest == two.exam.candidate_digest == two.exam.baseline_digest
    assert two.exam.scored_baseline == first
    assert two.exam.baseline_metrics == one.exam.candidate_metrics


def test_fresh_test_documents_are_another_exam_which_both_sit(stack: Stack) -> None:
    first = promoted(stack)
    stack.deliver(stack.drop(train("more"), labelled(3)), stack.drop(exam("fresh"), labelled(4, per_label=5)))
    stack.inspect()
    stack.run()

    second = iterations(stack)[-1]["TrainedModelArn"]
    assert sorted(models_that_sat(stack)[1:]) == sorted([first, second])
    one, two = decisions(stack)
    assert one.exam.candidate_digest != two.exam.candidate_digest
    assert two.exam.documents == 75
    assert two.uses == 0


def test_an_exam_that_was_spread_over_other_files_is_the_same_exam(stack: Stack) -> None:
    first = promoted(stack)
    rows = labelled(2).splitlines(keepends=True)
    stack.deliver(stack.drop(exam("copy"), b"".join(reversed(rows))), stack.drop(train("more"), labelled(3)))
    stack.inspect()
    stack.run()
    assert states(stack)[exam("copy")] == "REGISTERED"
    assert models_that_sat(stack).count(first) == 1
    one, two = decisions(stack)
    assert one.exam.candidate_digest == two.exam.candidate_digest


def test_a_worse_candidate_fails_and_its_files_are_named(stack: Stack) -> None:
    first = promoted(stack)
    stack.upload(train("bad"), labelled(3, per_label=60, wrong=True))
    stack.upload(train("good"), labelled(5))
    stack.run()

    assert now_active(stack) == first
    assert holds(stack) == "Regression"
    record = decisions(stack)[-1]
    assert (record.verdict.word, record.verdict.regression) == ("FAIL", True)
    verdict = stack.ports.batches.history(FLYWHEEL)[-1][1][-1]
    assert [suspect.key for suspect in verdict.suspects] == [train("bad"), train("good")]
    assert set(verdict.suspects[0].affected) <= set(WORDS)
    for subject, body in stack.notices.mails[-2:]:
        assert subject in {"[alpha] Batch 2: FAIL", "[alpha] Held: Regression"}
        assert f"Look first at {train('bad')} (180 documents, of the labels that got worse: " in body


def test_documents_that_flip_are_listed_by_reference(stack: Stack) -> None:
    promoted(stack)
    stack.upload(train("bad"), labelled(3, per_label=60, wrong=True))
    stack.run()
    record = decisions(stack)[-1]
    assert record.flips_uri is not None
    flips = json.loads(stack.ports.records.get(record.flips_uri))
    wrong = flips["right_to_wrong"]
    assert wrong["count"] == len(wrong["documents"]) > 30
    content = labelled(2).decode().splitlines()
    upload = next(row for row in stack.rows() if row.get("key") == exam() and row["pk"].startswith("U#"))
    for flip in wrong["documents"]:
        assert (flip["key"], flip["version"]) == (exam(), upload["version"])
        assert content[flip["line"] - 1].partition(",")[0] == flip["truth"][0] == flip["baseline"][0]
        assert flip["candidate"] != flip["truth"]
    assert not any(word in json.dumps(flips) for words in WORDS.values() for word in words)


def test_too_few_documents_to_be_sure_by_are_inconclusive_and_say_how_many_more(stack: Stack) -> None:
    first = promoted(stack, gates=GAIN)
    stack.upload(train("more"), labelled(3))
    stack.run()

    assert now_active(stack) == first
    assert holds(stack) is None
    record = decisions(stack)[-1]
    assert record.verdict.word == "INCONCLUSIVE"
    (undecided,) = [gate for gate in record.verdict.gates if gate.word == "undecided"]
    assert undecided.needed
    assert "more test document" in record.verdict.reason


def test_test_data_alone_train_nothing_and_put_the_active_model_s_metrics_on_record(stack: Stack) -> None:
    """AreDatasetsReady > PrepareExam."""
    model = promoted(stack)
    stack.upload(exam("fresh"), labelled(4))
    stack.run()

    assert ends(stack)[-1] == "ActiveModelKept"
    assert len(iterations(stack)) == 1
    assert models_that_sat(stack) == [model, model]
    assert states(stack)[exam("fresh")] == "REGISTERED"
    record = decisions(stack)[-1]
    assert record.verdict.word == "NO_CHANGE"
    assert (record.exam.candidate, record.exam.scored_baseline, record.exam.documents) == (None, model, 120)
    assert record.exam.baseline_metrics is not None
    status = status_of(stack.ports, FLYWHEEL, stack.clock.now())
    assert status.metrics == record.exam.baseline_metrics


def test_a_batch_that_trains_nothing_is_resumed_without_an_iteration(stack: Stack) -> None:
    model = promoted(stack)
    stack.upload(exam("fresh"), labelled(4))
    stack.machine.executions["alpha-2"].run_until("PrepareExam").die()
    stack.clock.advance(361)
    stack.sweep()
    stack.clock.advance(601)
    stack.sweep()
    stack.run()
    assert ends(stack)[-1] == "ActiveModelKept"
    assert len(iterations(stack)) == 1
    assert models_that_sat(stack) == [model, model]


def test_test_data_alone_wait_for_training_data_while_there_is_no_model(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, golden())
    stack.upload(exam(), labelled(2))
    stack.run()
    assert ends(stack) == ["WaitingForDocuments"]
    assert sat(stack) == []
    stack.upload(train(), labelled(1))
    stack.run()
    assert ends(stack) == ["WaitingForDocuments", "ModelPromoted"]


def test_without_any_test_document_nothing_passes(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, golden())
    stack.upload(train(), labelled(1))
    stack.run()
    assert decisions(stack)[0].verdict.word == "INCONCLUSIVE"
    assert not decisions(stack)[0].exam.has_test_data
    assert sat(stack) == []


def test_an_iteration_by_hand_without_anything_new_examines_nobody_twice(stack: Stack) -> None:
    promoted(stack)
    stack.start_by_hand({"flywheel": FLYWHEEL, "iterate": True})
    assert len(iterations(stack)) == 2
    assert len(sat(stack)) == 1
    assert decisions(stack)[-1].verdict.word == "NO_CHANGE"


def test_documents_with_labels_that_the_flywheel_does_not_know_are_left_out(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, golden())
    foreign = b"cooking,boil the soup\n" * 3
    stack.deliver(stack.drop(train(), labelled(1)), stack.drop(exam(), labelled(2) + foreign))
    stack.inspect()
    stack.run()
    record = decisions(stack)[0]
    assert record.exam.documents == 60
    paper = stack.ports.exams.paper(FLYWHEEL, record.exam.candidate_digest or "")
    assert paper is not None
    assert paper.left_out == 3


def test_a_golden_exam_takes_up_what_was_registered_before(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, policy())
    first_model(stack, labelled(1))
    first = now_active(stack)
    stack.apply_policy(FLYWHEEL, golden())
    stack.upload(train("more"), labelled(3))
    stack.run()
    record = decisions(stack)[-1]
    assert (record.exam.kind, record.exam.documents) == ("golden", 60)
    assert sorted(models_that_sat(stack)) == sorted([first, iterations(stack)[-1]["TrainedModelArn"]])


def test_no_text_of_a_document_is_in_the_ledger_or_the_records(stack: Stack) -> None:
    promoted(stack)
    stack.upload(train("bad"), labelled(3, per_label=30, wrong=True))
    stack.run()
    listed = stack.s3.list_objects_v2(Bucket="records")["Contents"]
    bodies = [stack.s3.get_object(Bucket="records", Key=item["Key"])["Body"].read().decode() for item in listed]
    told = [*bodies, *map(repr, stack.rows()), *(body for _, body in stack.notices.mails)]
    told += [repr(execution.output) for execution in stack.machine.executions.values()]
    assert not any("lifecycle" in text or "hibernate" in text for text in told)


# ---- a named set ---------------------------------------------------------------------------------------------------


def test_a_named_set_is_the_exam_whatever_else_was_dropped(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, golden(rules={"set": "spring"}))
    drops = [
        stack.drop(f"{FLYWHEEL}/exam/spring/a.csv", labelled(7, per_label=5)),
        stack.drop(f"{FLYWHEEL}/exam/spring/b.csv", labelled(8, per_label=5)),
        stack.drop(f"{FLYWHEEL}/exam/autumn/c.csv", labelled(9)),
        stack.drop(train(), labelled(1)),
        stack.drop(exam(), labelled(2)),
    ]
    assert stack.deliver(*drops) == []
    stack.inspect()
    stack.run()

    assert ends(stack) == ["ModelPromoted"]
    assert decisions(stack)[0].exam.documents == 30
    assert states(stack) == {train(): "REGISTERED", exam(): "REGISTERED"}, "files of an exam are no uploads"
    stack.sweep()
    assert set(states(stack)) == {train(), exam()}


def test_the_set_is_the_one_that_lay_there_when_the_exam_was_made(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, golden(rules={"set": "spring"}))
    stack.drop(f"{FLYWHEEL}/exam/spring/a.csv", labelled(7))
    stack.upload(train(), labelled(1))
    execution = stack.machine.executions["alpha-1"].run_until("StartExam")
    stack.drop(f"{FLYWHEEL}/exam/spring/b.csv", labelled(8))
    execution.die()
    stack.clock.advance(361)
    stack.sweep()
    stack.clock.advance(601)
    stack.sweep()
    stack.run()
    assert decisions(stack)[0].exam.documents == 60


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({"kind": "golden", "set": "spring"}, "no file under alpha/exam/spring/"),
        ({"kind": "golden", "must_pass": ["core.csv"]}, "alpha/must-pass/core.csv is not in the inbox"),
        ({"kind": "iteration", "must_pass": ["core.csv"]}, "alpha/must-pass/core.csv is not in the inbox"),
    ],
)
def test_a_file_that_is_missing_is_told_before_a_training_is_paid_for(
    stack: Stack, rules: dict[str, Any], said: str
) -> None:
    stack.apply_policy(FLYWHEEL, golden(rules=rules))
    first_model(stack, labelled(1))
    execution = stack.machine.executions["alpha-1"]
    assert execution.error == "ExamUnavailableError"
    assert said in str(execution.cause)
    assert datasets(stack) == []
    assert holds(stack) == "Failure"
    assert states(stack)[train()] == "PENDING"


def test_a_set_that_is_malformed_is_told_with_its_line_and_the_batch_goes_on_when_it_is_right(stack: Stack) -> None:
    """AtWhichPhase > PrepareExam."""
    key = f"{FLYWHEEL}/exam/spring/a.csv"
    stack.apply_policy(FLYWHEEL, golden(rules={"set": "spring"}))
    stack.drop(key, labelled(7) + b"queue,one,column,too,many\n")
    stack.upload(train(), labelled(1))
    stack.run()
    execution = stack.machine.executions["alpha-1"]
    assert (execution.error, execution.state) == ("ExamUnavailableError", "TurnFailed")
    assert f"{key} cannot be used for the exam: Line 61: 5 columns" in str(execution.cause)

    stack.drop(key, labelled(7))
    stack.clock.advance(601)
    stack.sweep()
    stack.run()
    assert ends(stack) == ["TurnFailed", "ModelPromoted"]
    assert len(iterations(stack)) == 1


# ---- documents that must be right ----------------------------------------------------------------------------------

RIGHT = b"queue,visibility redrive receive fifo\nstorage,bucket object lifecycle archive\n"
WRONG = RIGHT + b"queue,launch reboot capacity fleet\n"


@pytest.mark.parametrize("kind", ["iteration", "golden"])
def test_one_wrong_answer_to_a_document_that_must_be_right_fails(stack: Stack, kind: str) -> None:
    stack.apply_policy(FLYWHEEL, golden(rules={"kind": kind, "must_pass": ["core.csv"]}))
    stack.drop(f"{FLYWHEEL}/must-pass/core.csv", WRONG)
    first_model(stack, labelled(1))

    assert ends(stack) == ["ActiveModelKept"]
    (record,) = decisions(stack)
    assert record.verdict.word == "FAIL"
    assert record.exam.must_pass is not None
    assert (record.exam.must_pass.documents, record.exam.must_pass.failed) == (3, ("core.csv:3",))
    assert "core.csv:3" in stack.notices.mails[0][1]
    assert holds(stack) is None, "no regression: nobody was better"
    assert len(sat(stack)) == (1 if kind == "iteration" else 2)


@pytest.mark.parametrize("kind", ["iteration", "golden"])
def test_when_all_of_them_are_right_the_gates_decide(stack: Stack, kind: str) -> None:
    stack.apply_policy(FLYWHEEL, golden(rules={"kind": kind, "must_pass": ["core.csv"]}))
    stack.drop(f"{FLYWHEEL}/must-pass/core.csv", RIGHT)
    first_model(stack, labelled(1))
    assert ends(stack) == ["ModelPromoted"]
    (record,) = decisions(stack)
    assert record.exam.must_pass is not None
    assert record.exam.must_pass.failures == 0
    assert record.exam.kind == kind


def test_only_the_candidate_is_asked_what_must_be_right(stack: Stack) -> None:
    stack.drop(f"{FLYWHEEL}/must-pass/core.csv", RIGHT)
    first = promoted(stack, rules={"must_pass": ["core.csv"]})
    stack.upload(train("more"), labelled(3))
    stack.run()
    assert models_that_sat(stack).count(first) == 2
    assert models_that_sat(stack).count(iterations(stack)[-1]["TrainedModelArn"]) == 2


# ---- jobs ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stack", [SLOW_JOBS], indirect=True)
def test_jobs_are_waited_for(stack: Stack) -> None:
    """IsExamOver > WaitForExam."""
    promoted(stack)
    assert stack.machine.executions["alpha-1"].visited.count("CheckExam") > 2


@pytest.mark.parametrize("stack", [ENDLESS_JOBS], indirect=True)
def test_a_job_without_end_ends_the_turn_and_the_next_goes_on_waiting(stack: Stack) -> None:
    """IsExamOver > EndTurn."""
    stack.apply_policy(FLYWHEEL, golden())
    first_model(stack, labelled(1))
    assert stack.machine.executions["alpha-1"].error == "WaitOverdueError"
    stack.clock.advance(10**6)
    stack.sweep()
    stack.run()
    assert ends(stack) == ["TurnFailed", "ModelPromoted"]
    assert len(sat(stack)) == 1


def test_a_job_that_fails_is_tried_again_with_a_new_attempt(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, golden())
    stack.roles.refused = "jobs/"
    first_model(stack, labelled(1))
    assert stack.machine.executions["alpha-1"].error == "ExamFailedError"
    assert holds(stack) == "Failure"
    stack.roles.refused = None
    stack.clock.advance(601)
    stack.sweep()
    stack.run()
    assert ends(stack) == ["TurnFailed", "ModelPromoted"]
    assert [(job["JobStatus"], job["JobName"].rpartition("-")[2]) for job in sat(stack)] == [
        ("FAILED", "1"),
        ("COMPLETED", "2"),
    ]
    assert len(iterations(stack)) == 1


def test_jobs_that_go_on_failing_wait_for_a_person_and_pay_for_no_more(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, golden())
    stack.roles.refused = "jobs/"
    first_model(stack, labelled(1))
    for _ in range(40):
        stack.clock.advance(700)
        stack.sweep()
        stack.run()
    assert len(sat(stack)) == 3
    assert holds(stack) == "NeedsYou"


def test_documents_without_an_answer_count_as_wrong(stack: Stack) -> None:
    model = promoted(stack)
    (record,) = decisions(stack)
    digest = record.exam.candidate_digest or ""
    answers = list(stack.ports.exams.answers(FLYWHEEL, digest, model))
    stack.ports.exams.write_answers(FLYWHEEL, digest, model, [*answers[:-20], *[b"null\n"] * 20])
    stack.upload(train("more"), labelled(3))
    stack.run()
    later = decisions(stack)[-1]
    assert later.sheet is not None
    assert (later.sheet.unanswered_candidate, later.sheet.unanswered_baseline) == (0, 20)
    assert later.exam.baseline_metrics is not None
    assert (later.exam.baseline_metrics.accuracy or 1) <= 40 / 60
    assert any("gave no answer to 20 documents" in remark for remark in later.verdict.remarks)


def test_answers_that_were_cut_off_are_an_error_and_no_verdict(stack: Stack) -> None:
    model = promoted(stack)
    digest = decisions(stack)[0].exam.candidate_digest or ""
    answers = list(stack.ports.exams.answers(FLYWHEEL, digest, model))
    stack.ports.exams.write_answers(FLYWHEEL, digest, model, answers[:-1])
    stack.upload(train("more"), labelled(3))
    stack.run()
    assert stack.machine.executions["alpha-2"].error == "UnexpectedReplyError"
    assert "Answers of the exam" in str(stack.machine.executions["alpha-2"].cause)
    assert len(decisions(stack)) == 1


# ---- the active model changes while the candidate is examined ------------------------------------------------------


def _forget_jobs(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Comprehend not know the jobs any more that are over."""
    describe, known = stack.ports.jobs.describe, {job["JobId"] for job in sat(stack)}

    def forgetful(job: str, *, recognizer: bool) -> JobFacts:
        if job in known:
            raise AnalysisFailedError(f"Comprehend does not know the job {job} any more.")
        return describe(job, recognizer=recognizer)

    monkeypatch.setattr(stack.ports.jobs, "describe", forgetful)


def test_a_model_that_became_active_meanwhile_sits_the_exam_too(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """IsVerdictReached > WhatFollows, WhatFollows > PrepareExam."""
    first = promoted(stack)
    stack.upload(train("more"), labelled(3))
    stack.run()
    second = now_active(stack)
    stack.apply_policy(FLYWHEEL, golden(rules={"set": "new"}))
    stack.drop(f"{FLYWHEEL}/exam/new/a.csv", labelled(6))
    stack.upload(train("third"), labelled(4))
    execution = stack.machine.executions["alpha-3"].run_until("PromoteModel")
    assert models_that_sat(stack).count(second) == 2
    promote_in_console(stack, first)
    _forget_jobs(stack, monkeypatch)
    execution.run()

    assert execution.visited.count("CompareModels") == 3
    assert execution.visited.count("PrepareExam") == 2
    assert [models_that_sat(stack).count(model) for model in (first, second)] == [2, 2]
    assert [record.baseline for record in decisions(stack)[-2:]] == [second, first]
    assert decisions(stack)[-1].exam.scored_baseline == first
    assert execution.state == "ModelPromoted"


def test_an_active_model_that_changes_again_and_again_is_not_examined_for_ever(stack: Stack) -> None:
    """WhatFollows > EndTurn."""
    promoted(stack)
    stack.upload(train("more"), labelled(3))
    execution = stack.machine.executions["alpha-2"].run_until("CompareModels")
    digest = (stack.ports.batches.read(FLYWHEEL, 2).exam or pytest.fail("no exam")).digest or ""
    while execution.can_go_on:
        # Whoever has sat the exam is forgotten before each look.
        listed = stack.s3.list_objects_v2(Bucket="lake", Prefix=f"exams/{FLYWHEEL}/{digest}/answers/")
        if execution.state == "CompareModels":
            for item in listed.get("Contents", []):
                stack.s3.delete_object(Bucket="lake", Key=item["Key"])
        execution.step()
    assert execution.error == "WaitOverdueError"
    assert execution.visited.count("PrepareExam") == 4


# ---- multi-label classifiers and recognizers -----------------------------------------------------------------------

LABELS = sorted(WORDS)
MULTI_LABEL = {"language": "en", "mode": "MULTI_LABEL", "labels": LABELS}
RECOGNIZER = {"language": "en", "model_type": "ENTITY_RECOGNIZER", "entity_types": ["PERSON", "CITY"]}
PEOPLE, CITIES = ("Ada", "Grace", "Alan", "Barbara", "Edsger"), ("Paris", "Lima", "Oslo", "Quito")
OF_RECOGNIZERS = [{"metric": "f1", "at_least": 0.5}, {"metric": "f1", "gain_at_least": -0.05}]


def several(number: int, first: int = 0, *, wrong: bool = False) -> bytes:
    """Documents with one or two labels, which their words say."""
    rows = []
    for n in range(first, first + number):
        own = [LABELS[n % 3]] if n % 2 else [LABELS[n % 3], LABELS[(n + 1) % 3]]
        told = [LABELS[(LABELS.index(name) + 1) % 3] for name in own] if wrong else own
        words = " ".join(" ".join(WORDS[name][:4]) for name in own)
        rows.append(f"{'|'.join(told)},{words} {n}\n")
    return "".join(rows).encode()


def mentioning(number: int, first: int = 0, *, wrong: bool = False) -> bytes:
    """An augmented manifest of sentences; `wrong` takes cities for people."""
    lines = []
    for n in range(first, first + number):
        person, city = PEOPLE[n % 5], CITIES[n % 4]
        text = f"On day {n} {person} went to {city} by train"
        found = [(person, "CITY" if wrong else "PERSON"), (city, "PERSON" if wrong else "CITY")]
        entities = [
            {"startOffset": text.index(words), "endOffset": text.index(words) + len(words), "label": type_}
            for words, type_ in found
        ]
        lines.append(
            json.dumps({"source": text, "n": {"annotations": {"entities": entities}}, "n-metadata": {"type": "x"}})
            + "\n"
        )
    return "".join(lines).encode()


def test_a_multi_label_classifier_goes_through_the_same_exam(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, golden(flywheel=MULTI_LABEL))
    stack.deliver(stack.drop(train(), several(90)), stack.drop(exam(), several(30, 500)))
    stack.inspect()
    stack.run()
    assert ends(stack) == ["ModelPromoted"]
    (record,) = decisions(stack)
    assert record.sheet is not None
    assert record.sheet.mode == "MULTI_LABEL"
    assert {len(row.truth) for row in record.sheet.rows} == {1, 2}
    assert sum(record.exam.support.values()) == 45

    stack.upload(train("bad"), several(300, 900, wrong=True))
    stack.run()
    record = decisions(stack)[-1]
    assert (record.verdict.word, record.verdict.regression) == ("FAIL", True)
    assert holds(stack) == "Regression"


def test_a_recognizer_goes_through_the_same_exam(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, golden(flywheel=RECOGNIZER, gates=OF_RECOGNIZERS))
    drops = (
        stack.drop(f"{FLYWHEEL}/train/a.jsonl", mentioning(60)),
        stack.drop(f"{FLYWHEEL}/test/t.jsonl", mentioning(20, 500)),
    )
    stack.deliver(*drops)
    stack.inspect()
    stack.run()
    assert ends(stack) == ["ModelPromoted"]
    (record,) = decisions(stack)
    assert record.sheet is not None
    assert record.exam.support == {"CITY": 20, "PERSON": 20}
    assert sum(row.count * len(row.candidate_hits) for row in record.sheet.rows) > 30
    assert record.exam.candidate_metrics is not None
    assert record.exam.candidate_metrics.accuracy is None

    stack.upload(f"{FLYWHEEL}/train/bad.jsonl", mentioning(240, 900, wrong=True))
    stack.run()
    record = decisions(stack)[-1]
    assert (record.verdict.word, record.verdict.regression) == ("FAIL", True)


def test_a_recognizer_s_mentions_must_be_right_too(stack: Stack) -> None:
    rules = {"must_pass": ["core.csv"]}
    stack.apply_policy(FLYWHEEL, golden(flywheel=RECOGNIZER, gates=OF_RECOGNIZERS[:1], rules=rules))
    stack.drop(
        f"{FLYWHEEL}/must-pass/core.csv",
        b"PERSON=Ada|CITY=Oslo,On day 7 Ada went to Oslo by train\nCITY=day,On day 8 Alan went to Lima by train\n",
    )
    drops = (
        stack.drop(f"{FLYWHEEL}/train/a.jsonl", mentioning(60)),
        stack.drop(f"{FLYWHEEL}/test/t.jsonl", mentioning(20, 500)),
    )
    stack.deliver(*drops)
    stack.inspect()
    stack.run()
    (record,) = decisions(stack)
    assert record.exam.must_pass is not None
    assert record.exam.must_pass.failed == ("core.csv:2",)
    assert record.verdict.word == "FAIL"


def test_a_text_of_several_lines_is_one_document(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, golden())
    rows = [f'queue,"message visibility{number}\ndelay redrive\r\nreceive"\n' for number in range(9)]
    content = "".join(rows) + labelled(2).decode()
    stack.deliver(stack.drop(train(), labelled(1)), stack.drop(exam(), content.encode()))
    stack.inspect()
    stack.run()
    (record,) = decisions(stack)
    assert record.sheet is not None
    assert (record.sheet.documents, record.sheet.unanswered_candidate) == (69, 0)
    listed = stack.s3.list_objects_v2(Bucket="lake", Prefix=f"exams/{FLYWHEEL}/")["Contents"]
    truth = next(item["Key"] for item in listed if item["Key"].endswith("truth.jsonl.gz"))
    packed: bytes = stack.s3.get_object(Bucket="lake", Key=truth)["Body"].read()
    assert len(gzip.decompress(packed).splitlines()) == 69
