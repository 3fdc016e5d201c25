"""The exam: its name does not depend on order, files or copies, and its lines keep documents and offsets apart."""

import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governor.domain.errors import UnexpectedReplyError
from governor.domain.exam import (
    Found,
    PaperWriter,
    Selection,
    Source,
    job_line,
    known_part,
    paper_from_json,
    paper_to_json,
    questions,
    set_digest,
    truth_line,
    truth_of,
)
from governor.domain.labelled_document import Document

LABELS = ("praise", "complaint", "question")
SOURCE = Source("alpha/test/t.csv", "v1")
texts = st.text(alphabet='ab \n\r\ufeff,"é', min_size=1, max_size=6)
documents = st.builds(
    Document, texts, st.lists(st.sampled_from(LABELS), min_size=1, max_size=2, unique=True).map(tuple)
)
files = st.lists(st.lists(documents, max_size=6), max_size=4)


def select(found: Sequence[Sequence[Document]]) -> Selection:
    selection = Selection()
    for number, file in enumerate(found):
        for document in file:
            selection.add(number, document)
    return selection


def taken(found: Sequence[Sequence[Document]]) -> list[Document]:
    selection = select(found)
    return [document for number, file in enumerate(found) for document in file if selection.takes(number, document)]


def content(chosen: Sequence[Document]) -> list[tuple[str, object]]:
    """What the exam asks: of copies that name the same labels in another order any may be taken."""
    return sorted((each.text, truth_of(each)) for each in chosen)


@given(files, st.randoms(use_true_random=False))
def test_the_digest_does_not_depend_on_the_order_inside_files(found: list[list[Document]], random: object) -> None:
    shuffled = [list(file) for file in found]
    for file in shuffled:
        random.shuffle(file)  # type: ignore[attr-defined]
    assert select(shuffled).digest() == select(found).digest()
    assert content(taken(shuffled)) == content(taken(found))


@given(files)
def test_the_order_in_which_files_are_looked_at_does_not_matter(found: list[list[Document]]) -> None:
    backwards = Selection()
    for number, file in reversed(list(enumerate(found))):
        for document in file:
            backwards.add(number, document)
    assert backwards.digest() == select(found).digest()


@given(files)
def test_a_text_is_asked_once_and_the_newest_file_says_what_is_right(found: list[list[Document]]) -> None:
    chosen = taken(found)
    assert sorted(each.text for each in chosen) == sorted({each.text for file in found for each in file})
    for document in chosen:
        newest = next(file for file in found if any(each.text == document.text for each in file))
        assert truth_of(document) in [truth_of(each) for each in newest if each.text == document.text]


@given(files)
def test_copies_change_nothing(found: list[list[Document]]) -> None:
    assert select([*found, *found]).digest() == select(found).digest()
    assert len(select([*found, *found])) == len(select(found))


@given(documents, documents)
def test_another_text_or_another_truth_is_another_exam(one: Document, other: Document) -> None:
    same = (one.text, truth_of(one)) == (other.text, truth_of(other))
    assert (select([[one]]).digest() == select([[other]]).digest()) == same


def test_of_one_text_with_two_truths_in_one_file_the_same_counts_whichever_is_looked_at_first() -> None:
    one, other, older = (Document("a", (label,)) for label in LABELS)
    there, back = select([[one, other], [older]]), select([[other, one], [older]])
    assert there.digest() == back.digest() != select([[older]]).digest()
    assert there.digest() in {select([[one]]).digest(), select([[other]]).digest()}
    assert [there.takes(0, each) for each in (one, other)] == [back.takes(0, each) for each in (one, other)]


def test_mentions_are_part_of_the_digest() -> None:
    here, there = (Document("Ada and Ada", mentions=((begin, begin + 3, "PERSON"),)) for begin in (0, 8))
    assert select([[here]]).digest() != select([[there]]).digest()
    assert truth_of(here) == ((0, 3, "PERSON"),)


@given(st.lists(st.text()), st.randoms(use_true_random=False))
def test_a_set_of_datasets_has_one_name(names: list[str], random: object) -> None:
    shuffled = list(names)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert set_digest(shuffled) == set_digest(names)


@given(texts)
def test_a_document_is_one_line_and_its_offsets_stay(text: str) -> None:
    line = job_line(text).decode()
    assert line.endswith("\n")
    assert len(line) == len(text) + 1
    assert not {"\r", "\n", "\ufeff"} & set(line[:-1])
    assert all(one == other for one, other in zip(line, text, strict=False) if other not in "\r\n\ufeff")


@given(st.lists(documents, max_size=5))
def test_a_paper_counts_what_is_written(found: list[Document]) -> None:
    writer = PaperWriter("golden", "d", "MULTI_LABEL", LABELS)
    pairs = [writer.lines(Found(SOURCE, number, document)) for number, document in enumerate(found, 1)]
    paper = writer.paper(left_out=2)

    assert (paper.documents, paper.left_out, paper.units) == (len(found), 2, 3 * len(found))
    assert sum(paper.support.values()) == sum(len(document.labels) for document in found)
    assert paper.labels == tuple(sorted(LABELS))
    assert paper_from_json(paper_to_json(paper)) == paper
    read = list(questions(truth for _, truth in pairs))
    assert [(each.source, each.line, tuple(each.truth)) for each in read] == [
        (SOURCE, number, truth_of(document)) for number, document in enumerate(found, 1)
    ]


def test_no_text_is_in_a_paper_s_truth() -> None:
    writer = PaperWriter("golden", "d", "ENTITIES", ("PERSON",))
    _, truth = writer.lines(Found(SOURCE, 7, Document("secret Ada", mentions=((7, 10, "PERSON"),))))
    assert json.loads(truth) == {"key": SOURCE.key, "version": "v1", "line": 7, "truth": [[7, 10, "PERSON"]]}
    assert writer.paper().support == {"PERSON": 1}


@pytest.mark.parametrize(
    ("document", "mode", "left"),
    [
        (Document("a", ("praise",)), "MULTI_CLASS", Document("a", ("praise",))),
        (Document("a", ("soup",)), "MULTI_CLASS", None),
        (Document("a", ("soup", "praise")), "MULTI_LABEL", Document("a", ("praise",))),
        (Document("a b", (), ((0, 1, "SOUP"), (2, 3, "praise"))), "ENTITIES", Document("a b", (), ((2, 3, "praise"),))),
        (Document("a b", mentions=((0, 1, "SOUP"),)), "ENTITIES", Document("a b")),
    ],
)  # fmt: skip
def test_labels_that_the_flywheel_does_not_know_are_left_out(document: Document, mode: str, left: Document) -> None:
    assert known_part(document, frozenset(LABELS), mode) == left  # type: ignore[arg-type]
    assert known_part(document, frozenset(), mode) == document  # type: ignore[arg-type]


@pytest.mark.parametrize("damaged", [b"{}\n", b"no json\n", b'{"key":1}\n'])
def test_truth_that_was_changed_is_an_error(damaged: bytes) -> None:
    with pytest.raises(UnexpectedReplyError, match="changed"):
        list(questions([truth_line(SOURCE, 1, ["praise"]), damaged]))
    with pytest.raises(UnexpectedReplyError, match="changed"):
        paper_from_json(damaged)
