"""What an exam tells of the two models, once both have sat it: numbers, the sheet, and the documents that flip."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import repeat
from typing import TypeVar

from governor.domain.answers import Answer, as_truth, from_line
from governor.domain.batch import NO_BASELINE
from governor.domain.errors import UnexpectedReplyError
from governor.domain.exam import Paper, Question, questions
from governor.domain.judgement.averages import averages
from governor.domain.marking import Marked, Marking, mark
from governor.domain.must_pass import result_of
from governor.domain.policy import Policy
from governor.domain.verdict import Exam, MustPass
from governor.ports import ExamRecord, Ports
from governor.usecases.batch_in_work import BatchInWork

Given = TypeVar("Given")


@dataclass(frozen=True)
class SatExam:
    """`marking` is None where there are no answers, but Comprehend's averages alone."""

    exam: Exam
    marking: Marking | None = None


def sat_exam(ports: Ports, flywheel: str, work: BatchInWork, policy: Policy, baseline: str) -> SatExam | None:
    """Return the exam of the batch's candidate and `baseline`; None if somebody has still to sit it."""
    record = work.record.exam
    if record is None or not _have_answered(ports, flywheel, record, baseline):
        return None
    must_pass = _must_pass(ports, flywheel, record)
    if record.kind == "golden":
        return _golden(ports, flywheel, record, policy, baseline, must_pass)
    return SatExam(_of_iteration(ports, flywheel, work, record, must_pass))


def _have_answered(ports: Ports, flywheel: str, record: ExamRecord, baseline: str) -> bool:
    wanted = [(record.must_pass, record.candidate)]
    if record.kind == "golden":
        wanted += [(record.digest, record.candidate), (record.digest, baseline)]
    return all(
        paper is None or model in {None, NO_BASELINE} or ports.exams.is_answered(flywheel, paper, model)
        for paper, model in wanted
    )


def _of_iteration(
    ports: Ports, flywheel: str, work: BatchInWork, record: ExamRecord, must_pass: MustPass | None
) -> Exam:
    iteration = ports.comprehend.describe_iteration(work.arn, work.record.iterations[work.batch.attempt])
    paper = _paper(ports, flywheel, record.digest) if record.digest is not None else None
    exam = iteration.exam
    return replace(
        exam,
        has_test_data=paper is not None,
        candidate_digest=record.digest if exam.candidate is not None else None,
        # One iteration scores both models on the same datasets.
        baseline_digest=record.digest if exam.scored_baseline is not None else None,
        documents=paper.documents or None if paper is not None else None,
        support=paper.support if paper is not None else {},
        must_pass=must_pass,
    )


def _golden(
    ports: Ports, flywheel: str, record: ExamRecord, policy: Policy, baseline: str, must_pass: MustPass | None
) -> SatExam:
    scored = None if baseline == NO_BASELINE else baseline
    if record.digest is None:
        return SatExam(Exam(record.candidate, None, scored, None, False, "golden", must_pass=must_pass))
    paper = _paper(ports, flywheel, record.digest)
    marked = _marked(ports, flywheel, paper, record.candidate, scored)
    marking = mark(paper.mode, paper.labels, marked, has_baseline=scored is not None)
    candidate, active = averages(marking.sheet, policy.overall)
    exam = Exam(
        candidate=record.candidate,
        candidate_metrics=candidate if record.candidate is not None else None,
        scored_baseline=scored,
        baseline_metrics=active,
        has_test_data=True,
        kind="golden",
        candidate_digest=record.digest if record.candidate is not None else None,
        baseline_digest=record.digest if scored is not None else None,
        documents=paper.documents,
        support=paper.support,
        must_pass=must_pass,
    )
    return SatExam(exam, marking if record.candidate is not None or scored is not None else None)


def _marked(ports: Ports, flywheel: str, paper: Paper, candidate: str | None, baseline: str | None) -> Iterator[Marked]:
    """Yield every document with both answers; whoever is not there has given none."""
    asked = questions(ports.exams.truth(flywheel, paper.digest))
    now, before = (_answers(ports, flywheel, paper, model) for model in (candidate, baseline))
    for question, answers in _aligned(paper, asked, zip(now, before, strict=True)):
        truth = as_truth(question.truth, paper.mode) or ()
        yield Marked(question.source, question.line, truth, *answers)


def _answers(ports: Ports, flywheel: str, paper: Paper, model: str | None) -> Iterator[Answer]:
    if model is None:
        yield from repeat(None, paper.documents)
        return
    for line in ports.exams.answers(flywheel, paper.digest, model):
        yield from_line(line, paper.mode)


def _aligned(paper: Paper, asked: Iterator[Question], answers: Iterator[Given]) -> Iterator[tuple[Question, Given]]:
    """Put answers beside their documents; raises UnexpectedReplyError if there are more of one than of the other."""
    try:
        yield from zip(asked, answers, strict=True)
    except ValueError as error:
        raise UnexpectedReplyError(f"Answers of the exam {paper.digest[:12]} are missing.") from error


def _must_pass(ports: Ports, flywheel: str, record: ExamRecord) -> MustPass | None:
    if record.must_pass is None or record.candidate is None:
        return None
    paper = _paper(ports, flywheel, record.must_pass)
    asked = questions(ports.exams.truth(flywheel, paper.digest))
    answered = _aligned(paper, asked, _answers(ports, flywheel, paper, record.candidate))
    return result_of(answered, recognizer=paper.mode == "ENTITIES")


def _paper(ports: Ports, flywheel: str, digest: str) -> Paper:
    paper = ports.exams.paper(flywheel, digest)
    if paper is None:
        raise UnexpectedReplyError(f"The exam {digest[:12]} is not in the lake bucket any more.")
    return paper
