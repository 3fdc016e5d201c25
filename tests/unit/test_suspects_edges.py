"""How many files and labels a person is told of."""

import pytest

from governor.domain.suspects import sentence, suspects
from tests.unit.test_suspects import upload


@pytest.mark.parametrize(("files", "end"), [(5, "x4.csv (10 documents)."), (6, "; and 1 more files.")])
def test_five_files_are_named_and_the_rest_counted(files: int, end: str) -> None:
    assert sentence(suspects([upload(f"x{number}") for number in range(files)], ())).endswith(end)


@pytest.mark.parametrize(("labels", "end"), [("abc", "a 10, b 10, c 10)."), ("abcd", "a 10, b 10, c 10 and 1 more).")])
def test_three_labels_are_named_and_the_rest_counted(labels: str, end: str) -> None:
    assert sentence(suspects([upload("x", 10, "train", **dict.fromkeys(labels, 10))], labels)).endswith(end)


def test_what_cannot_be_printed_is_a_question_mark() -> None:
    assert "alpha/train/a?b.csv (" in sentence(suspects([upload("a\nb")], ()))


def test_a_suspect_is_one_version_of_a_file() -> None:
    assert [(each.key, each.version) for each in suspects([upload("x")], ())] == [("alpha/train/x.csv", "v1")]


def test_of_a_file_whose_labels_nobody_counted_no_share_is_known() -> None:
    assert [each.share for each in suspects([upload("x")], ("a",))] == [0]
