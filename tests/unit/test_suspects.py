"""Which files of a batch are looked at first after a regression."""

from governor.domain.decision import UploadFacts
from governor.domain.suspects import sentence, suspects


def upload(name: str, documents: int = 10, kind: str = "train", **labels: int) -> UploadFacts:
    return UploadFacts(f"alpha/{kind}/{name}.csv", "v1", kind, documents, labels)  # type: ignore[arg-type]


def test_files_that_carry_most_of_the_labels_that_got_worse_come_first() -> None:
    found = suspects(
        [upload("some", queue=2, storage=8), upload("most", queue=9, storage=1), upload("none", storage=10)], {"queue"}
    )
    assert [each.key for each in found] == ["alpha/train/most.csv", "alpha/train/some.csv", "alpha/train/none.csv"]
    assert [each.share for each in found] == [0.9, 0.2, 0.0]
    assert found[0].affected == {"queue": 9}


def test_test_files_are_no_suspects() -> None:
    assert suspects([upload("t", kind="test", queue=10)], {"queue"}) == []


def test_where_no_label_is_known_to_be_worse_the_largest_file_comes_first() -> None:
    found = suspects([upload("small", 5, queue=5), upload("large", 50, queue=50)], ())
    assert [each.documents for each in found] == [50, 5]
    assert sentence(found) == "Look first at alpha/train/large.csv (50 documents); alpha/train/small.csv (5 documents)."


def test_the_sentence_names_files_and_counts() -> None:
    found = suspects([upload("a", 1, a=1, b=2, c=3, d=4, e=5), *(upload(f"x{number}") for number in range(6))], "abcd")
    assert sentence(found, 2) == (
        "Look first at alpha/train/a.csv (1 document, of the labels that got worse: d 4, c 3, b 2 and 1 more); "
        "alpha/train/x0.csv (10 documents); and 5 more files."
    )
    assert sentence([]) == ""


def test_a_key_cannot_write_into_the_mail() -> None:
    assert "\n" not in sentence(suspects([upload("a\nBcc: x")], ()))
