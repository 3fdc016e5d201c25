from typing import Any

import pytest

from comprehend_local import Settings
from comprehend_local.settings import TIMES


def test_times_are_the_services_and_the_factor_makes_them_bearable() -> None:
    real, usual = Settings(time_factor=1).durations, Settings().durations

    assert real.training == Settings().training_seconds == 25 * 60
    assert real.flywheel_copy > real.flywheel_creation
    assert all(0 < seconds <= 2 for seconds in usual), "a laptop shows every state, and nobody waits"
    assert usual.dataset_ingestion + usual.training + usual.evaluation <= 2, "a whole turn of a flywheel"


def test_at_once_is_without_any_time_but_for_what_is_named() -> None:
    assert Settings.instant().time_factor == 0
    assert set(Settings.instant().durations) == {0.0}
    some = Settings.instant(training_seconds=60, region="eu-west-1").durations
    assert (some.training, sum(some)) == (60, 60), "a time that is named is real"
    assert Settings(time_factor=0).durations == Settings.instant().durations


def test_every_time_is_scaled() -> None:
    assert [getattr(Settings(), name) for name in TIMES] == list(Settings(time_factor=1).durations)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"account": "12"}, "account: 12 digits"),
        ({"workers": 0}, "workers: from 1 up"),
        ({"seed": -1}, "seed: from 0 up"),
        ({"maximum_jobs": -1}, "maximum_jobs: from 0 up"),
        ({"hold_out_share": 1.0}, "hold_out_share: from 0 to below 1"),
        ({"recognizer_hold_out_share": -0.1}, "recognizer_hold_out_share: from 0 to below 1"),
    ],
)
def test_what_no_server_can_work_with_is_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Settings(**wrong)
