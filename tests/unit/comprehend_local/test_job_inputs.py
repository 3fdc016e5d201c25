"""Documents of a job, whatever the blocks in which their bytes arrive."""

import re
from collections.abc import Iterator
from typing import IO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comprehend_local.service.data_access import AnyRole, DataAccess, DataError
from comprehend_local.service.inputs import Limits, documents, limits
from comprehend_local.service.storage import Found
from comprehend_local.settings import Settings

WIDE = Limits(document=10**6, total=10**9, documents=10**6, least_total=0)


class Blocks:
    """A storage with one object that arrives in given pieces."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.pieces = pieces
        self.taken = 0

    def list(self, bucket: str, prefix: str, most: int | None = None) -> list[Found]:
        return [Found("in/text.txt", sum(len(piece) for piece in self.pieces))]

    def stream(self, bucket: str, key: str) -> Iterator[bytes]:
        for piece in self.pieces:
            self.taken += 1
            yield piece

    def read(self, bucket: str, key: str, most: int) -> bytes:
        raise AssertionError("a job's input is not read as a whole")

    def write(self, bucket: str, key: str, content: bytes | IO[bytes]) -> None:
        raise AssertionError("reading writes nothing")


def read(pieces: list[bytes], *, per_file: bool = False, limits: Limits = WIDE) -> list[str]:
    access = DataAccess(Blocks(pieces), AnyRole(), "role", "job")
    return [item.text for item in documents(access, "s3://b/in/", per_file=per_file, limits=limits)]


@given(st.lists(st.sampled_from(["a", "ü", "\r", "\n", "\r\n", "\u2028", "\x85"])).map("".join), st.data())
def test_lines_do_not_depend_on_the_blocks(text: str, data: st.DataObject) -> None:
    content = text.encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(content)), max_size=6)))
    pieces = [content[start:end] for start, end in zip([0, *cuts], [*cuts, len(content)], strict=True)]

    *expected, last = re.split("\r\n|\r|\n", text)

    assert read(pieces) == [*expected, *([last] if last else [])]


@pytest.mark.parametrize("cut", range(4))
def test_a_byte_order_mark_is_no_part_of_the_text(cut: int) -> None:
    content = "\ufeffcat".encode()

    assert read([content[:cut], content[cut:]]) == ["cat"]
    assert read([content[:cut], content[cut:]], per_file=True) == ["cat"]


def test_a_file_of_its_own_is_one_document() -> None:
    assert read([b"cat\r\n", b"dog\n"], per_file=True) == ["cat\r\ndog\n"]
    assert read([], per_file=True) == [""]


@pytest.mark.parametrize("per_file", [True, False])
def test_an_endless_line_is_refused_before_it_is_read(per_file: bool) -> None:
    endless = Blocks([b"x" * 1000] * 1000)
    access = DataAccess(endless, AnyRole(), "role", "job")

    with pytest.raises(DataError, match=r"DOCUMENT_SIZE_EXCEEDED: .*s3://b/in/text.txt has more than 5000 bytes"):
        list(documents(access, "s3://b/in/", per_file=per_file, limits=WIDE._replace(document=5000)))

    assert endless.taken == 6


def test_a_document_may_have_the_limit_itself() -> None:
    assert read([b"x" * 5000 + b"\n"], limits=WIDE._replace(document=5000)) == ["x" * 5000]
    with pytest.raises(DataError):
        read([b"x" * 5001], limits=WIDE._replace(document=5000))


def test_limits_of_the_two_kinds_of_job() -> None:
    settings = Settings()

    assert limits("document-classification", settings) == (10 * 1024**2, 5 * 1024**3, 1_000_000, 500)
    assert limits("entities-detection", settings).document == 1024**2
