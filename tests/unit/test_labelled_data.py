"""Labelled files of every form: what is taken, how it is staged, and what is refused with line and remedy."""

import csv
import io
import json
import zipfile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governor.domain import labelled_data
from governor.domain.labelled_data import Facts, Wanted, canonical_parts, check, documents, file_type, guess, wanted_of
from governor.domain.labelled_document import Document
from governor.domain.text_lines import BadData

MOST = 10_000_000
CLASSES, LABELS, ENTITIES = Wanted("MULTI_CLASS"), Wanted("MULTI_LABEL"), Wanted("ENTITIES")
TYPE = "Text,Type\nAda Lovelace,PERSON\nParis,CITY\nAda,CAT\n"


def manifest(*rows: dict[str, Any]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def classified(text: str, label: str) -> dict[str, Any]:
    return {"source": text, "topic": 0, "topic-metadata": {"class-name": label, "confidence": 0.9}}


def mentioning(text: str, *mentions: tuple[int, int, str]) -> dict[str, Any]:
    entities = [{"startOffset": begin, "endOffset": end, "label": label} for begin, end, label in mentions]
    return {"source": text, "names": {"annotations": {"entities": entities}}, "names-metadata": {"type": "x"}}


def zipped(**files: str | bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name if "." in name else name.replace("__", "/").replace("_", ".", 1), content)
    return buffer.getvalue()


def read(content: bytes, name: str, wanted: Wanted) -> list[Document]:
    return list(documents([content], file_type(name), wanted))


def test_labels_are_counted_by_documents_and_types_by_mentions() -> None:
    assert check([b"a+b,one\nb,two\n"], "csv", Wanted("MULTI_LABEL", "+"), MOST).counts == {"a": 1, "b": 2}
    twice = manifest(mentioning("Ada met Ada", (0, 3, "PERSON"), (8, 11, "PERSON")))
    assert check([twice], "manifest", ENTITIES, MOST).counts == {"PERSON": 2}


# ---- classifiers ---------------------------------------------------------------------------------------------------


def test_labels_are_told_apart_by_the_policy_s_delimiter() -> None:
    content = b"a+b,one\nb,two\nb+b+c,three\n"
    plus = Wanted("MULTI_LABEL", "+")

    assert [document.labels for document in read(content, "x.csv", plus)] == [("a", "b"), ("b",), ("b", "c")]
    assert check([content], "csv", plus, MOST) == Facts(check([content], "csv", plus, MOST).sha256, 26, 3, 3)
    assert check([content], "csv", CLASSES, MOST).labels == 3
    assert b"".join(canonical_parts([content], "csv", plus, MOST)) == b"a+b,one\nb,two\nb+c,three\n"


@pytest.mark.parametrize("column", ["a||b", "|a", "a| b"])
def test_empty_and_blank_labels_in_a_list_are_refused(column: str) -> None:
    with pytest.raises(BadData, match="Line 1: the label"):
        read(f"{column},text\n".encode(), "x.csv", LABELS)


@pytest.mark.parametrize(
    ("wanted", "row", "staged"),
    [
        (CLASSES, classified("a, text", "x"), b'x,"a, text"\n'),
        (LABELS, {"source": "t", "k": [0], "k-metadata": {"class-map": {"0": "x", "4": "y"}}}, b"x|y,t\n"),
    ],
)
def test_manifests_of_classifiers_are_staged_as_csv(wanted: Wanted, row: dict[str, Any], staged: bytes) -> None:
    assert b"".join(canonical_parts([manifest(row)], "manifest", wanted, MOST)) == staged


def test_of_several_attributes_the_last_is_believed_and_failed_lines_are_skipped() -> None:
    first = classified("t", "x") | {"second": 1, "second-metadata": {"class-name": "y"}}
    failed = {"source": "u", "topic-metadata": {"failure-reason": "no worker"}}

    assert [document.labels for document in read(manifest(first, failed), "m.jsonl", CLASSES)] == [("y",)]


def test_a_label_with_the_delimiter_in_it_is_refused_before_it_becomes_two() -> None:
    content = manifest({"source": "t", "k": [0], "k-metadata": {"class-map": {"0": "either|or"}}})

    with pytest.raises(BadData, match=r"Name another data\.label_delimiter"):
        check([content], "manifest", LABELS, MOST)


# ---- recognizers ---------------------------------------------------------------------------------------------------


def test_manifests_of_recognizers_come_back_as_they_are() -> None:
    content = manifest(mentioning("Ada in Paris 🐎", (0, 3, "PERSON"), (7, 12, "CITY")), mentioning("nobody"))

    staged = b"".join(canonical_parts([content], "manifest", ENTITIES, MOST))

    assert read(staged, "m.jsonl", ENTITIES) == read(content, "m.jsonl", ENTITIES)
    assert read(staged, "m.jsonl", ENTITIES)[0].mentions == ((0, 3, "PERSON"), (7, 12, "CITY"))
    assert b"Paris" in staged
    assert check([content], "manifest", ENTITIES, MOST).labels == 2


def test_annotated_lines_in_a_zip() -> None:
    rows = "File,Line,Begin Offset,End Offset,Type\ndocs.txt,0,0,3,PERSON\ndocs.txt, 2, 3, 8,CITY\n"
    content = zipped(data__docs_txt="Ada sings\n\nIn Paris\n", annotations_csv=rows)

    assert read(content, "x.zip", ENTITIES) == [
        Document("Ada sings", mentions=((0, 3, "PERSON"),)),
        Document("In Paris", mentions=((3, 8, "CITY"),)),
    ]


def test_annotated_files_in_a_zip_are_one_document_each() -> None:
    rows = "File,Begin Offset,End Offset,Type\na.txt,6,9,PERSON\n"
    content = zipped(a_txt="two\r\n Ada", b_txt="nobody", annotations_csv=rows)

    assert read(content, "x.zip", ENTITIES) == [
        Document("two\r\n Ada", mentions=((6, 9, "PERSON"),)),
        Document("nobody"),
    ]


def test_an_entity_list_marks_whole_words_the_longest_first() -> None:
    content = zipped(docs_txt="Ada Lovelace, Adam and Ada met in Paris.\nparis\n", entities_csv=TYPE)

    first, second = read(content, "x.zip", ENTITIES)

    assert [(first.text[begin:end], label) for begin, end, label in first.mentions] == [
        ("Ada Lovelace", "PERSON"),
        ("Ada", "CAT"),
        ("Paris", "CITY"),
    ]
    assert second.mentions == ()


def test_an_item_of_an_entity_list_may_be_cut_off_by_the_end_of_the_line() -> None:
    listed = "Text,Type\nAda Lovelace of London,PERSON\nAda,CAT\nLovelace,NAME\n"
    (found,) = read(zipped(docs_txt="of Ada Lovelace\n", entities_csv=listed), "x.zip", ENTITIES)
    assert found.mentions == ((3, 6, "CAT"), (7, 15, "NAME"))


def test_what_other_systems_put_into_a_zip_is_left_out() -> None:
    litter = {"__MACOSX/docs.txt": "x", "x/Thumbs.db": "x", ".DS_Store": "x"}
    content = zipped(docs_txt="Ada\n", entities_csv=TYPE, **litter)

    assert len(read(content, "x.zip", ENTITIES)) == 1


# ---- what is refused -----------------------------------------------------------------------------------------------

HEADER = "File,Line,Begin Offset,End Offset,Type\n"


@pytest.mark.parametrize(
    ("content", "name", "wanted", "told"),
    [
        (b"a,b\n", "x.csv", ENTITIES, "this flywheel is a recognizer. Upload an augmented manifest"),
        (zipped(a_txt="x"), "x.zip", CLASSES, "is for recognizers, and this flywheel is a classifier"),
        (b"{", "m.jsonl", CLASSES, "Line 1: not valid JSON"),
        (b"[" * 100_000, "m.jsonl", CLASSES, "Line 1: not valid JSON"),
        (b"[]\n", "m.jsonl", CLASSES, "Line 1: not a JSON object"),
        (b'{"source": NaN}\n', "m.jsonl", CLASSES, "Line 1: not valid JSON"),
        (b'{"source-ref": "s3://a/b"}\n', "m.jsonl", CLASSES, "Line 1: no text in `source`"),
        (b'{"source": "\\ud800"}\n', "m.jsonl", CLASSES, "Line 1: the text has half a character"),
        (b'{"source": "t"}\n', "m.jsonl", CLASSES, "Line 1: no `<attribute>-metadata`"),
        (manifest(mentioning("t")), "m.jsonl", CLASSES, "Line 1: no `class-name` in names-metadata"),
        (manifest(classified("t", "x")), "m.jsonl", LABELS, "Line 1: no `class-map` in topic-metadata"),
        (manifest(classified("t", "x")), "m.jsonl", ENTITIES, "Line 1: no readable `annotations.entities`"),
        (manifest(classified("t", " x")), "m.jsonl", CLASSES, "Line 1: the label begins or ends with a blank"),
        (manifest(mentioning("ab", (1, 3, "X"))), "m.jsonl", ENTITIES, "an entity lies outside of its text"),
        (manifest(mentioning("ab", (-1, 1, "X"))), "m.jsonl", ENTITIES, "an entity lies outside of its text"),
        (manifest(mentioning("abc", (0, 2, "X"), (1, 3, "Y"))), "m.jsonl", ENTITIES, "two entities overlap"),
        (manifest(mentioning("abc", (0, 2, "X,Y"))), "m.jsonl", ENTITIES, "an entity type is empty, longer than 64"),
        (manifest(mentioning("a" * 5121)), "m.jsonl", ENTITIES, "the document has 5,121 bytes"),
        (manifest({**mentioning("ab"), "names": 7}), "m.jsonl", ENTITIES, "no readable `annotations.entities`"),
        (manifest(mentioning("ab", (0.5, 1, "X"))), "m.jsonl", ENTITIES, "needs whole numbers"),  # type: ignore[arg-type]
        (b"PK", "x.zip", ENTITIES, "is no .zip that can be read"),
        (zipped(a_txt="x"), "x.zip", ENTITIES, "needs one annotations.csv or one entities.csv"),
        (zipped(entities_csv=TYPE), "x.zip", ENTITIES, "has no documents beside its annotations"),
        (zipped(a_txt="x", annotations_csv="A,B\n"), "x.zip", ENTITIES, "line 1: the header must be File,Line"),
        (zipped(a_txt="x", entities_csv="A,B\n"), "x.zip", ENTITIES, "line 1: the header must be Text,Type"),
        (zipped(a_txt="x", entities_csv="Text,Type\n,X\n"), "x.zip", ENTITIES, "entities.csv, line 2: a text and a"),
        (zipped(a_txt="x", annotations_csv=f"{HEADER}b.txt,0,0,1,X\n"), "x.zip", ENTITIES, "line 2: it names a file"),
        (zipped(a_txt="x", annotations_csv=f"{HEADER}a.txt,0,-1,1,X\n"), "x.zip", ENTITIES, "line 2: lines and off"),
        (zipped(a_txt="x", annotations_csv=f"{HEADER}a.txt,0,0\n"), "x.zip", ENTITIES, "line 2: 3 columns instead"),
        (zipped(a_txt="x", annotations_csv=f"{HEADER}a.txt,0,0,2,X\n"), "x.zip", ENTITIES, "a.txt, line 1: an entity"),
        (zipped(a_txt="x", annotations_csv=f"{HEADER}a.txt,4,0,1,X\n"), "x.zip", ENTITIES, "it names line 4 of a.txt"),
        (zipped(a_txt="x", x__a_txt="y", annotations_csv=HEADER), "x.zip", ENTITIES, "have the same name"),
        (zipped(a_txt=b"\xff", entities_csv=TYPE), "x.zip", ENTITIES, "a.txt, line 1: not UTF-8"),
        (zipped(a_txt=b"a\0", entities_csv=TYPE), "x.zip", ENTITIES, "a.txt, line 1: a NUL byte"),
    ],
)
def test_what_cannot_be_trained_on_is_refused_with_its_place(
    content: bytes, name: str, wanted: Wanted, told: str
) -> None:
    with pytest.raises(BadData) as refused:
        read(content, name, wanted)
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("content", "type_", "wanted", "told"),
    [
        (b"", "csv", CLASSES, "has no documents"),
        (b"a,b\n" * 3, "csv", LABELS, "All documents have the same label"),
        (manifest(mentioning("nobody")), "manifest", ENTITIES, "No document mentions an entity"),
        (b"".join(b"l%d,t\n" % n for n in range(1001)), "csv", CLASSES, "more than 1,000 different labels"),
        (b"".join(b"l%d,t\n" % n for n in range(101)), "csv", LABELS, "more than 100 different labels"),
        (manifest(*(mentioning("a", (0, 1, f"T{n}")) for n in range(26))), "manifest", ENTITIES, "more than 25 entity"),
        (b"a,b\n" * 10, "csv", CLASSES, "larger than 39 bytes"),
    ],
)
def test_a_file_as_a_whole(content: bytes, type_: Any, wanted: Wanted, told: str) -> None:
    with pytest.raises(BadData) as refused:
        check([content], type_, wanted, 39 if "39" in told else MOST)
    assert told in str(refused.value)


def test_a_zip_bomb_is_counted_while_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labelled_data, "MOST_RECOGNIZER_BYTES", 1_000_000)
    content = zipped(docs_txt=("a" * 999 + "\n") * 50_000, entities_csv=TYPE)
    assert len(content) < 200_000

    with pytest.raises(BadData, match=r"holds more than 1,000,000 bytes"):
        check([content], "zip", ENTITIES, MOST)


@pytest.mark.parametrize(
    ("name", "beginning", "wanted"),
    [
        ("x.csv", b"", CLASSES),
        ("x.ZIP", b"", ENTITIES),
        ("x.jsonl", manifest(classified("t", "x"))[:-1], CLASSES),
        ("x.manifest", manifest(mentioning("t")), ENTITIES),
        ("x.manifest", manifest({"source": "t", "k-metadata": {"class-map": {}}}), LABELS),
        ("x.manifest", b"nonsense", CLASSES),
    ],
)
def test_without_a_policy_the_kind_is_guessed(name: str, beginning: bytes, wanted: Wanted) -> None:
    assert guess(file_type(name), beginning) == wanted


# ---- parts ---------------------------------------------------------------------------------------------------------

MOST_BYTES = 10_000


@pytest.mark.parametrize("character", ["a", '"', "\u00e9", "\u8a9e", "\U0001f40e"])
def test_a_part_is_never_larger_than_wanted_by_more_than_a_row(character: str) -> None:
    row = ["label", character * 200]
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\n").writerow(row)
    line = buffer.getvalue().encode()

    parts = list(canonical_parts([line * 200], "csv", CLASSES, MOST_BYTES))

    assert b"".join(parts) == line * 200
    assert max(len(part) for part in parts) <= MOST_BYTES + len(line)


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1).filter(str.strip)


@given(st.lists(st.tuples(texts, st.sets(st.sampled_from("abc"), min_size=1)), min_size=1, max_size=20))
def test_staged_documents_read_the_same(rows: list[tuple[str, set[str]]]) -> None:
    content = manifest(
        *({"source": text, "k": 0, "k-metadata": {"class-map": dict(enumerate(sorted(own)))}} for text, own in rows)
    )

    staged = b"".join(canonical_parts([content], "manifest", LABELS, 300))

    assert read(staged, "x.csv", LABELS) == read(content, "x.jsonl", LABELS)


@pytest.mark.parametrize("wanted", [CLASSES, LABELS, Wanted("MULTI_LABEL", "+"), ENTITIES])
def test_staged_data_say_how_they_are_read(wanted: Wanted) -> None:
    assert wanted_of(wanted.form) == wanted
