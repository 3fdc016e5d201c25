"""What a batch would take on AWS, and what an exam's jobs are called."""

import hashlib

import pytest

from governor.domain.batch import digest_of
from governor.domain.forecast import ITERATION_SECONDS, JOB_SECONDS, NOTHING, Forecast, Span, forecast
from governor.domain.sitting import job_name, job_token


def test_nothing_is_needed_for_nothing() -> None:
    assert forecast(trains=False) == Forecast(NOTHING, NOTHING)


def test_a_training_is_billed_for_as_long_as_its_iteration_takes() -> None:
    training = forecast(trains=True)
    assert training.seconds == ITERATION_SECONDS
    assert (training.usd.low, training.usd.high) == pytest.approx((81 / 60 * 3, 143 / 60 * 3))


def test_an_exam_comes_after_the_training() -> None:
    assert forecast(trains=False, exam_usd=2.5) == Forecast(JOB_SECONDS, Span(2.5, 2.5))
    both, training = forecast(trains=True, exam_usd=2.5), forecast(trains=True)
    assert both.seconds == Span(81 * 60 + 6 * 60, 143 * 60 + 10 * 60)
    assert both.usd == Span(training.usd.low + 2.5, training.usd.high + 2.5)


def test_an_exam_s_job_is_named_by_flywheel_paper_model_and_attempt() -> None:
    paper, model = digest_of(b"paper"), "arn:model"
    assert job_name("reviews", paper, model, 2) == f"reviews-exam-{paper[:12]}-{digest_of(b'arn:model')[:8]}-2"
    told = "\0".join(("arn:flywheel", "exam", paper, model, "2"))
    assert job_token("arn:flywheel", paper, model, 2) == hashlib.sha256(told.encode()).hexdigest()
