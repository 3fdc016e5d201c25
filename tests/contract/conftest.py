"""The template, once for all contract tests. They execute nothing and need no network."""

import pytest

from tests.contract import template as cloudformation


@pytest.fixture(scope="session")
def template() -> cloudformation.Tree:
    """template.yaml as it is written."""
    return cloudformation.parsed()


@pytest.fixture(scope="session")
def stack() -> cloudformation.Tree:
    """template.yaml as CloudFormation gets it after the SAM transform."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        return cloudformation.transformed(cloudformation.parsed())
