"""Every operation that is imitated, through every client."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from comprehend_local.control.client import Control
from tests.conformance.drivers import AWS, Boto, Cli, Driver, Http, InProcess, Refused, perform
from tests.conformance.script import NOWHERE, STORIES, example, operations

ENTITIES_JOBS = "*:entities-detection-job/*"
"""They are held, so that there is one that can be stopped."""


def tell(story: str, driver: Driver, looker: Driver | None = None) -> dict[str, Any]:
    """All calls of a story; what it kept."""
    names: dict[str, Any] = {}
    for act in STORIES[story]:
        perform(act, driver, names, looker)
    return names


def test_every_imitated_operation_has_its_example(server: InProcess) -> None:
    assert operations() == set(server.comprehend.operations())


@pytest.mark.parametrize("story", STORIES)
def test_raw_json(server: InProcess, story: str) -> None:
    Control(server.comprehend).hold("job", key=ENTITIES_JOBS, times=None)
    names = tell(story, server)

    assert set(names) <= set(NOWHERE)


@pytest.fixture(scope="module", autouse=True)
def held(url: str) -> None:
    """The module's server holds what has to be stopped."""
    Control(url).hold("job", key=ENTITIES_JOBS, times=None)


@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("client", [Boto, Http])
def test_boto3_and_plain_http(url: str, client: Callable[[str], Driver], story: str) -> None:
    tell(story, client(url))


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_the_aws_cli(url: str, tmp_path: Path) -> None:
    """Both stories side by side: most of the time is the start of programs."""
    assert AWS.exists(), "`make setup` installs the AWS CLI"
    cli, looker = Cli(url, tmp_path), Boto(url)
    with ThreadPoolExecutor(2) as threads:
        told = list(threads.map(lambda story: tell(story, cli, looker), STORIES))

    kept = [{name for act in acts for name in act.keep} for acts in STORIES.values()]
    assert [set(names) for names in told] == kept


def test_errors_reach_the_aws_cli(url: str, tmp_path: Path) -> None:
    cli = Cli(url, tmp_path)
    with pytest.raises(Refused) as caught:
        cli.call("DescribeFlywheel", {"FlywheelArn": NOWHERE["flywheel"]})

    assert caught.value.code == "ResourceNotFoundException"
    assert NOWHERE["flywheel"] in caught.value.message


def test_an_operation_without_example_is_told() -> None:
    with pytest.raises(KeyError, match=r"script\.py"):
        example("DetectSentiment")
