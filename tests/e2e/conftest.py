"""One rig for all end-to-end tests of a run: starting it takes longer than most of them."""

from collections.abc import Iterator

import pytest

from governor_local.rig import Rig


@pytest.fixture(scope="session")
def rig() -> Iterator[Rig]:
    """The template deployed to the laptop's cloud."""
    with Rig() as started:
        yield started
