"""Must-pass documents: what has to come out, what is a slip in the file, and that nothing of a document is told."""

import json

import pytest

from governor.domain.exam import Question, Source, questions
from governor.domain.labelled_data import Wanted
from governor.domain.must_pass import MOST_DOCUMENTS, MOST_NAMED, demands, paper_of, result_of
from governor.domain.text_lines import BadData

CLASSES, LABELS, ENTITIES = Wanted("MULTI_CLASS"), Wanted("MULTI_LABEL", "+"), Wanted("ENTITIES")
SOURCE = Source("alpha/must-pass/core.csv", "v1")


def read(content: str, wanted: Wanted) -> list[Question]:
    _, lines = paper_of(demands([content.encode()], SOURCE, wanted), wanted, ())
    return list(questions(truth for _, truth in lines))


def test_a_classifier_s_document_has_its_label_and_its_line() -> None:
    found = read('praise,thank you\n\n"complaint","it broke\nat once"\nquestion,when?\n', CLASSES)
    assert [(each.line, each.truth) for each in found] == [(1, ["praise"]), (3, ["complaint"]), (5, ["question"])]
    assert (
        result_of(zip(found, [("praise",), ("complaint",), ("question",)], strict=True), recognizer=False).failures == 0
    )


@pytest.mark.parametrize("answer", [("complaint",), (), None])
def test_a_wrong_answer_and_none_are_named_by_file_and_line(answer: tuple[str, ...] | None) -> None:
    found = read("praise,thank you\npraise,very good\n", CLASSES)
    result = result_of(zip(found, [("praise",), answer], strict=True), recognizer=False)
    assert (result.documents, result.failed, result.failures) == (2, ("core.csv:2",), 1)


def test_all_labels_must_be_among_those_of_a_multi_label_answer() -> None:
    (found,) = read("praise+question,thank you and when?\n", LABELS)
    assert result_of([(found, ("a", "praise", "question"))], recognizer=False).failures == 0
    assert result_of([(found, ("praise",))], recognizer=False).failures == 1


def test_a_mention_is_found_where_its_words_stand_with_its_type() -> None:
    (found,) = read("PERSON=Ada|CITY=Oslo,Ada met Ada in Oslo\n", ENTITIES)
    right = ((8, 11, "PERSON"), (15, 19, "CITY"))
    assert result_of([(found, right)], recognizer=True).failures == 0
    assert result_of([(found, ((0, 3, "PERSON"), (15, 19, "CITY")))], recognizer=True).failures == 0
    assert result_of([(found, ((0, 3, "CITY"), (15, 19, "CITY")))], recognizer=True).failures == 1
    assert result_of([(found, ((0, 4, "PERSON"), (15, 19, "CITY")))], recognizer=True).failures == 1


@pytest.mark.parametrize(
    ("content", "wanted", "said"),
    [
        ("Ada,Ada met Ada\n", ENTITIES, "Line 1: write the mentions as TYPE=words"),
        ("PERSON=Grace,Ada met Ada\n", ENTITIES, "Line 1: the words of a mention are not in the text"),
        ("praise,secret\ncomplaint,secret\n", CLASSES, "Line 2: the same text as core.csv:1"),
        ("", CLASSES, "no documents"),
        ("".join(f"praise,{number}\n" for number in range(MOST_DOCUMENTS + 1)), CLASSES, "more than 1,000"),
    ],
)
def test_a_slip_is_told_with_its_line_and_quotes_nothing(content: str, wanted: Wanted, said: str) -> None:
    with pytest.raises(BadData, match=said) as raised:
        read(content, wanted)
    assert "secret" not in str(raised.value)
    assert "Grace" not in str(raised.value)


def test_the_paper_has_one_name_whatever_the_order_and_counts_a_copy_once() -> None:
    def digest(content: str) -> tuple[str, int, int]:
        paper, lines = paper_of(demands([content.encode()], SOURCE, CLASSES), CLASSES, ("praise", "complaint"))
        assert len(lines) == paper.documents
        return paper.digest, paper.documents, paper.units

    one = digest("praise,thank you\ncomplaint,it broke\n")
    assert digest("complaint,it broke\npraise,thank you\npraise,thank you\n") == one
    assert digest("praise,it broke\npraise,thank you\n")[0] != one[0]
    assert one[1:] == (2, 6)


def test_many_failures_are_counted_and_the_first_named() -> None:
    found = [Question(SOURCE, line, ["a"]) for line in range(1, MOST_NAMED + 10)]
    result = result_of(((each, None) for each in found), recognizer=False)
    assert (len(result.failed), result.failures) == (MOST_NAMED, MOST_NAMED + 9)
    assert json.dumps(result.failed)


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        ("praise,thank you\ncomplaimt,secret\n", CLASSES),
        ("praise,thank you\npraise+complaimt,secret\n", LABELS),
        ("praise=Ada,Ada met Ada\ncomplaimt=Ada,Ada came to secret\n", ENTITIES),
    ],
)
def test_a_label_that_no_model_can_give_is_a_slip_in_the_file(content: str, wanted: Wanted) -> None:
    with pytest.raises(BadData, match=r"^Line 2: it asks for a label that the flywheel does not have") as raised:
        paper_of(demands([content.encode()], SOURCE, wanted), wanted, ("praise", "complaint"))
    assert "complaimt" not in str(raised.value)
