"""The README shows pictures of docs/report.html; that page itself is tested with the report."""

import struct

import pytest

from docs.report import PICTURES
from tests.contract.template import ROOT

README = (ROOT / "README.md").read_text()


@pytest.mark.parametrize("theme", PICTURES)
def test_a_picture_is_a_small_png_and_the_readme_shows_it(theme: str) -> None:
    content = PICTURES[theme].read_bytes()
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", content[16:24])
    assert 800 <= width <= 1400
    assert 800 <= height <= 1600
    assert len(content) < 250_000
    assert f"docs/{PICTURES[theme].name}" in README
