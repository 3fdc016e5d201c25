"""What a batch would take on AWS: spans of time and money."""

import pytest

from governor.domain.forecast import ITERATION_SECONDS, JOB_SECONDS, NOTHING, Forecast, Span, forecast


def test_a_training_takes_what_published_iterations_took() -> None:
    training = forecast(trains=True)

    assert training.seconds == ITERATION_SECONDS == Span(4860, 8580)
    assert (training.usd.low, training.usd.high) == pytest.approx((4.05, 7.15))


def test_an_exam_costs_what_it_was_estimated_at() -> None:
    assert forecast(trains=False, exam_usd=1.5) == Forecast(JOB_SECONDS, Span(1.5, 1.5))
    assert forecast(trains=False, exam_usd=0.001) == Forecast(JOB_SECONDS, Span(0.001, 0.001))


def test_both_come_one_after_the_other() -> None:
    both = forecast(trains=True, exam_usd=1.5)

    assert both.seconds == Span(4860 + 360, 8580 + 600)
    assert (both.usd.low, both.usd.high) == pytest.approx((5.55, 8.65))


def test_nothing_to_do_takes_nothing() -> None:
    assert forecast(trains=False) == Forecast() == Forecast(NOTHING, NOTHING)
    assert Span(0, 0) == NOTHING
