from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from moto import mock_aws

from .lab import Lab


@pytest.fixture
def build() -> Iterator[Callable[..., Lab]]:
    """Makes servers with settings of one's own; they are closed, and their answers were right, at the end."""
    with mock_aws(), ExitStack() as stack:

        def make(*arguments: Any, **options: Any) -> Lab:
            made = Lab(*arguments, **options)
            stack.callback(made.close)
            return made

        yield make


@pytest.fixture
def lab(build: Callable[..., Lab]) -> Lab:
    """A server on which nothing takes time."""
    return build()
