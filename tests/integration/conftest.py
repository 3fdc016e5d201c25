import re
from collections.abc import Iterator

import pytest

from tests.doubles.stack import Stack, deployed

_BRANCH = re.compile(r"\b(\w+) > (\w+)\b")


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", "CRITICAL")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "test")


@pytest.fixture
def stack(request: pytest.FixtureRequest) -> Iterator[Stack]:
    """A deployment, with the Comprehend settings of an indirect parameter.

    The branches that the test's docstring names (`IsQuiet > EndTurn`) must have been taken at its end.
    """
    with deployed(getattr(request, "param", None)) as deployment:
        yield deployment
        taken: set[tuple[str, str]] = set()
        both = (deployment.machine, deployment.analysis_machine)
        for execution in (each for machine in both for each in machine.executions.values()):
            taken |= set(zip(execution.visited, execution.visited[1:], strict=False))
        missing = set(_BRANCH.findall(request.function.__doc__ or "")) - taken
        assert not missing, f"no execution took {missing}"
