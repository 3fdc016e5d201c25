"""Must-pass documents at the edges: mentions with signs in them, the last document that fits, the paper's name."""

import hashlib

import pytest

from governor.domain.must_pass import MOST_DOCUMENTS, demands, paper_of
from governor.domain.text_lines import BadData
from tests.unit.test_must_pass import CLASSES, ENTITIES, SOURCE, read


def test_the_words_of_a_mention_may_have_the_sign_in_them() -> None:
    assert read("RULE=a=b,so a=b here\n", ENTITIES)[0].truth == [[[3, 6, "RULE"]]]


def test_the_words_of_a_mention_are_found_from_the_first_sign_to_the_last() -> None:
    (found,) = read("X=aa,aaaa\n", ENTITIES)
    assert found.truth == [[[0, 2, "X"], [1, 3, "X"], [2, 4, "X"]]]


@pytest.mark.parametrize("mention", ["PERSON", "PERSON="])
def test_a_mention_without_words_is_a_slip(mention: str) -> None:
    with pytest.raises(BadData, match="Line 1: write the mentions as TYPE=words"):
        read(f"{mention},Ada met Ada\n", ENTITIES)


def test_there_are_as_many_documents_as_are_taken() -> None:
    assert len(read("".join(f"praise,{number}\n" for number in range(MOST_DOCUMENTS)), CLASSES)) == MOST_DOCUMENTS


def test_the_paper_says_what_it_is() -> None:
    paper, _ = paper_of(demands([b"b,two\na,one\n"], SOURCE, CLASSES), CLASSES, ["b", "a"])
    hashes = sorted(hashlib.sha256(each).digest() for each in (b'two\0["b"]', b'one\0["a"]'))
    assert (paper.kind, paper.mode, paper.labels) == ("must-pass", "MULTI_CLASS", ("a", "b"))
    assert paper.digest == hashlib.sha256(b"".join(hashes)).hexdigest()
