"""Marking: answers in any order are put beside what is right, counted, and the documents that flip are named."""

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governor.domain.answers import Answer, answer_of, as_truth, from_line, in_order, to_line
from governor.domain.errors import UnexpectedReplyError
from governor.domain.exam import Source, Truth
from governor.domain.marking import MOST_FLIPS, Marked, mark
from governor.domain.predictions import Found, Prediction
from governor.domain.sheet import Row, from_json, to_json

LABELS = ("a", "b", "c")
SOURCE = Source("alpha/test/t.csv", "v1")
_labels = st.lists(st.sampled_from(LABELS), max_size=3, unique=True).map(lambda found: tuple(sorted(found)))
_mentions = st.lists(
    st.tuples(st.integers(0, 3), st.integers(4, 6), st.sampled_from(LABELS)), max_size=3, unique=True
).map(lambda found: tuple(sorted(found)))


def _marked(truths: st.SearchStrategy[Truth]) -> st.SearchStrategy[list[Marked]]:
    answers = st.none() | truths
    one = st.builds(Marked, st.just(SOURCE), st.integers(1, 9), truths, answers, answers)
    return st.lists(one, max_size=12)


@given(_marked(_labels))
def test_the_sheet_has_every_document_with_what_is_right_and_what_was_said(found: list[Marked]) -> None:
    sheet = mark("MULTI_LABEL", LABELS, found, has_baseline=True).sheet
    names = sheet.labels

    def named(numbers: tuple[int, ...]) -> tuple[str, ...]:
        return tuple(names[number] for number in numbers)

    rows = Counter({(named(row.truth), named(row.candidate), named(row.baseline)): row.count for row in sheet.rows})
    assert rows == Counter((each.truth, each.candidate or (), each.baseline or ()) for each in found)
    assert sheet.documents == len(found)
    assert sheet.unanswered_candidate == sum(each.candidate is None for each in found)
    assert sheet.unanswered_baseline == sum(each.baseline is None for each in found)
    assert from_json(json.loads(json.dumps(to_json(sheet)))) == sheet


@given(_marked(_mentions))
def test_a_mention_is_right_only_where_place_and_type_are_exact(found: list[Marked]) -> None:
    sheet = mark("ENTITIES", LABELS, found, has_baseline=True).sheet
    for which in ("candidate", "baseline"):
        hits = Counter(name for each in found for _, _, name in set(each.truth) & set(getattr(each, which) or ()))
        counted = Counter[str]()
        for row in sheet.rows:
            for number in getattr(row, f"{which}_hits"):
                counted[sheet.labels[number]] += row.count
        assert counted == hits


@given(_marked(_labels), st.randoms(use_true_random=False))
def test_the_order_of_documents_does_not_change_the_sheet(found: list[Marked], random: object) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert mark("MULTI_LABEL", LABELS, shuffled, has_baseline=True).sheet == (
        mark("MULTI_LABEL", LABELS, found, has_baseline=True).sheet
    )


@given(_marked(_labels))
def test_flips_are_the_documents_that_one_model_has_right_and_the_other_wrong(found: list[Marked]) -> None:
    marking = mark("MULTI_LABEL", LABELS, found, has_baseline=True)
    right = [each for each in found if each.baseline == each.truth != each.candidate]
    wrong = [each for each in found if each.candidate == each.truth != each.baseline]
    assert marking.right_to_wrong.count == len(right)
    assert marking.wrong_to_right.count == len(wrong)
    assert [each["line"] for each in marking.right_to_wrong.documents] == [each.line for each in right]


def test_of_many_flips_the_first_are_named_and_all_counted() -> None:
    found = [Marked(SOURCE, number, ("a",), ("b",), ("a",)) for number in range(1, MOST_FLIPS + 8)]
    flips = json.loads(mark("MULTI_CLASS", LABELS, found, has_baseline=True).flips_to_json())
    assert flips["right_to_wrong"]["count"] == MOST_FLIPS + 7
    assert len(flips["right_to_wrong"]["documents"]) == MOST_FLIPS
    assert flips["right_to_wrong"]["documents"][0] == {
        "key": SOURCE.key, "version": "v1", "line": 1, "truth": ["a"], "candidate": ["b"], "baseline": ["a"],
    }  # fmt: skip
    assert flips["wrong_to_right"] == {"count": 0, "documents": []}


def test_without_a_baseline_nothing_flips_and_nothing_is_missing() -> None:
    marking = mark("MULTI_CLASS", LABELS, [Marked(SOURCE, 1, ("a",), ("a",), None)], has_baseline=False)
    assert (marking.sheet.unanswered_baseline, marking.wrong_to_right.count) == (0, 0)
    assert marking.sheet.rows == (Row(1, (0,), (0,), ()),)


def test_a_label_that_only_a_document_names_is_among_the_sheet_s() -> None:
    marking = mark("MULTI_CLASS", ("a",), [Marked(SOURCE, 1, ("z",), ("a",), ("a",))], has_baseline=True)
    assert marking.sheet.labels == ("a", "z")


def test_of_entities_a_flip_shows_types_alone() -> None:
    found = [Marked(SOURCE, 1, ((0, 3, "a"),), ((0, 4, "a"),), ((0, 3, "a"),))]
    flip = mark("ENTITIES", LABELS, found, has_baseline=True).right_to_wrong.documents[0]
    assert (flip["truth"], flip["candidate"], flip["baseline"]) == (["a"], ["a"], ["a"])


# ---- answers -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prediction", "mode", "answer"),
    [
        (Prediction("k", 1, (Found("b", 0.2), Found("a", 0.7))), "MULTI_CLASS", ("a",)),
        (Prediction("k", 1, (Found("b", 0.6), Found("a", 0.7), Found("c", 0.4)), True), "MULTI_LABEL", ("a", "b")),
        (Prediction("k", 1, several=True), "MULTI_LABEL", ()),
        (Prediction("k", 1, (Found("a", 0.9, "Ada", 4, 7), Found("a", 0.8, "Ada", 4, 7))), "ENTITIES", ((4, 7, "a"),)),
        (Prediction("k", 1, error="INTERNAL: no"), "MULTI_CLASS", None),
    ],
)  # fmt: skip
def test_a_prediction_is_an_answer(prediction: Prediction, mode: str, answer: Answer) -> None:
    assert answer_of(prediction, mode) == answer  # type: ignore[arg-type]
    assert from_line(to_line(answer), mode) == answer  # type: ignore[arg-type]


@given(st.lists(_labels, min_size=1, max_size=9), st.randoms(use_true_random=False), st.data())
def test_answers_come_in_the_order_of_the_documents(
    found: list[tuple[str, ...]], random: object, data: st.DataObject
) -> None:
    predictions = [
        Prediction("k", line, tuple(Found(name, 0.9) for name in labels), several=True)
        for line, labels in enumerate(found, 1)
    ]
    silent = data.draw(st.integers(1, len(found)))
    random.shuffle(predictions)  # type: ignore[attr-defined]
    lines = list(in_order((each for each in predictions if each.line != silent), len(found), "MULTI_LABEL"))
    answers = [from_line(line, "MULTI_LABEL") for line in lines]
    assert answers == [None if line == silent else labels for line, labels in enumerate(found, 1)]


def test_a_recognizer_s_answers_are_its_mentions() -> None:
    found = Prediction("k", 2, (Found("a", 0.9, "Ada", 4, 7),))
    assert list(in_order([found], 2, "ENTITIES")) == [b"null\n", b'[[4,7,"a"]]\n']


@pytest.mark.parametrize("line", [None, 0, 3])
def test_an_answer_about_a_document_that_is_not_there_is_an_error(line: int | None) -> None:
    with pytest.raises(UnexpectedReplyError, match="not given"):
        list(in_order([Prediction("k", line)], 2, "MULTI_CLASS"))


@pytest.mark.parametrize(
    ("damaged", "told"),
    [
        (b"no json\n", "answers were changed"),
        (b"[[1]]\n", "neither labels nor mentions"),
        (b"3\n", "neither labels nor mentions"),
    ],
)
def test_answers_that_were_changed_are_an_error(damaged: bytes, told: str) -> None:
    with pytest.raises(UnexpectedReplyError, match=told):
        from_line(damaged, "ENTITIES")
    assert as_truth(None, "ENTITIES") is None
