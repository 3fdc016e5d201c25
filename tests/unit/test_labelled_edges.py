"""Labelled files at the edges: what just fits, what is kept as it is, and names inside folders of an archive."""

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Iterable
from typing import Any
from unittest.mock import Mock

import pytest

from governor.domain import labelled_csv, labelled_data, labelled_document, labelled_manifest, labelled_zip
from governor.domain.labelled_data import DEFAULT_DELIMITER, Wanted, check, file_type, guess, wanted_by
from governor.domain.labelled_document import Document, fault_of_label, fault_of_mentions
from governor.domain.text_lines import BadData
from tests.unit.policies import a_policy
from tests.unit.test_labelled_data import (
    CLASSES,
    ENTITIES,
    HEADER,
    LABELS,
    MOST,
    TYPE,
    classified,
    manifest,
    mentioning,
    read,
    zipped,
)


def refused(content: bytes, name: str, wanted: Wanted) -> str:
    with pytest.raises(BadData) as raised:
        read(content, name, wanted)
    return str(raised.value)


# ---- CSV -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'a,one\n"b"c,two\n', "Line 2: not valid CSV"),
        (b"a,one\nb,two,three\n", "Line 2: 3 columns instead of two"),
        (b"a,one\nb\n", "Line 2: 1 columns instead of two"),
        (b"a,one\nb, \n", "Line 2: the text is empty"),
        (b"a,one\n ,two\n", "Line 2: the label is empty"),
    ],
)
def test_a_bad_row_is_refused_with_its_line(content: bytes, told: str) -> None:
    assert told in refused(content, "x.csv", CLASSES)


def test_a_row_is_known_by_the_line_that_it_begins_in_and_blank_lines_end_nothing() -> None:
    content = b'a,one\n\n"b","two\nlines"\n\n\nc,three\n'
    assert [(each.text, each.line) for each in read(content, "x.csv", CLASSES)] == [
        ("one", 1),
        ("two\nlines", 3),
        ("three", 7),
    ]


@pytest.mark.parametrize("label", ["two words", "a|b"])
def test_a_label_of_one_class_is_taken_as_it_is(label: str) -> None:
    assert read(f"{label},text\n".encode(), "x.csv", CLASSES)[0].labels == (label,)


@pytest.mark.parametrize("row", [("a", "one\rtwo"), ("a\rb", "one"), ("a", "one\r\ntwo"), ("a", 'say "one", two')])
def test_a_row_is_staged_so_that_it_reads_the_same(row: tuple[str, str]) -> None:
    label, text = row
    following = Document("two", ("c",))
    staged = b"".join(labelled_csv.parts([Document(text, (label,)), following], "|", MOST))
    assert read(staged, "x.csv", CLASSES) == [Document(text, (label,)), following]
    assert staged.endswith(b"\nc,two\n")


def test_a_carriage_return_is_staged_in_quotes_and_nothing_else_is() -> None:
    found = [Document("o\rp", ("a",)), Document("q", ("b",))]
    assert b"".join(labelled_csv.parts(found, "|", MOST)) == b'"a","o\rp"\nb,q\n'


@pytest.mark.parametrize(("text", "bytes_of_a_row"), [("t", 2 * 2 + 8), ("\u00e4", 4 * 2 + 8)])
def test_parts_are_as_full_as_the_limit_allows_and_never_empty(text: str, bytes_of_a_row: int) -> None:
    found = [Document(text, ("a",))] * 60
    row = f"a,{text}\n".encode()
    assert list(labelled_csv.parts(found, "|", 20 * bytes_of_a_row)) == [row * 20] * 3
    assert list(labelled_csv.parts(found[:21], "|", 20 * bytes_of_a_row)) == [row * 20, row]
    assert list(labelled_csv.parts([], "|", MOST)) == []


# ---- manifests -----------------------------------------------------------------------------------------------------


def test_lines_that_are_left_out_end_nothing() -> None:
    failed = {"source": "u", "topic-metadata": {"failure-reason": "no worker"}}
    content = b" \n" + manifest(classified("t", "x"), failed, classified("v", "y"))
    found = read(content, "m.jsonl", CLASSES)
    assert [(each.text, each.labels, each.line) for each in found] == [("t", ("x",), 2), ("v", ("y",), 4)]


def test_a_mention_s_line_is_known() -> None:
    assert [each.line for each in read(manifest(mentioning("a"), mentioning("b")), "m.jsonl", ENTITIES)] == [1, 2]


@pytest.mark.parametrize(
    ("row", "wanted", "told"),
    [
        (classified("t", "\ud800"), CLASSES, "Line 1: the label is no text"),
        ({"source": "t", "k-metadata": {"class-map": {"0": 5}}}, LABELS, "Line 1: no `class-map`"),
    ],
)
def test_a_label_that_is_no_text_is_refused(row: dict[str, Any], wanted: Wanted, told: str) -> None:
    assert told in refused(json.dumps(row).encode(), "m.jsonl", wanted)


LINE = (
    '{"source":"\u00e4b","entities":{"annotations":{"entities":[{"startOffset":0,"endOffset":1,"label":"X"}]}},'
    '"entities-metadata":{"type":"groundtruth/text-span"}}\n'
).encode()


@pytest.mark.parametrize(("most", "sizes"), [(2, [2, 2, 1]), (3, [3, 2]), (5, [5])])
def test_a_manifest_is_staged_in_parts_of_whole_lines(most: int, sizes: list[int]) -> None:
    found = [Document("\u00e4b", mentions=((0, 1, "X"),))] * 5
    assert list(labelled_manifest.parts(found, most * len(LINE))) == [LINE * size for size in sizes]
    assert list(labelled_manifest.parts(found, most * len(LINE) + 1)) == [LINE * size for size in sizes]
    assert list(labelled_manifest.parts(found[:2], 1)) == [LINE, LINE], "a line is never cut"
    assert list(labelled_manifest.parts([], MOST)) == []


# ---- archives ------------------------------------------------------------------------------------------------------

DEEP = "a/b/docs.txt"


def test_files_lie_in_folders_and_are_named_without_them() -> None:
    rows = f"{HEADER}x/y/docs.txt,0,0,3,PERSON\ndocs.txt,1,0,5,CITY\n"
    content = zipped(**{DEEP: "Ada\nParis\n", "c/d/annotations.csv": rows})
    assert [each.mentions for each in read(content, "x.zip", ENTITIES)] == [((0, 3, "PERSON"),), ((0, 5, "CITY"),)]
    listed = zipped(**{DEEP: "Ada\n\nParis\n", "c/d/entities.csv": "Text,Type\nParis,CITY\n"})
    assert [each.mentions for each in read(listed, "x.zip", ENTITIES)] == [(), ((0, 5, "CITY"),)]


@pytest.mark.parametrize("litter", ["a/b/.hidden", "a/b/desktop.ini", "Desktop.ini", "a/b/THUMBS.DB"])
def test_litter_in_folders_is_left_out(litter: str) -> None:
    assert len(read(zipped(**{DEEP: "Ada\n", litter: "x", "entities.csv": TYPE}), "x.zip", ENTITIES)) == 1


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({DEEP: "Ada\n", "q/annotations.csv": f"{HEADER}docs.txt,0,0,9,X\n"}, "docs.txt, line 1: an entity lies"),
        ({DEEP: "Ada\n", "q/annotations.csv": f"{HEADER}docs.txt,7,0,1,X\n"}, "it names line 7 of docs.txt, which"),
        ({DEEP: "Ada\n", "annotations.csv": f"{HEADER}docs.txt,x,0,1,X\n"}, "annotations.csv, line 2: lines and off"),
        ({DEEP: "Ada\n", "annotations.csv": f"{HEADER}docs.txt,0,0,x,X\n"}, "annotations.csv, line 2: lines and off"),
        ({DEEP: "Ada\n", "x/annotations.csv": ""}, "annotations.csv, line 1: the header must be File,Line"),
        ({DEEP: "Ada\n", "x/annotations.csv": b"\xff"}, "annotations.csv, line 1: not UTF-8"),
        ({DEEP: "Ada\n", "x/annotations.csv": f'{HEADER}"docs.txt"a,0,0,1,X\n'}, "annotations.csv, line 2: not valid"),
        ({DEEP: b"Ada\n\xff", "x/entities.csv": TYPE}, "docs.txt, line 2: not UTF-8"),
        ({DEEP: f"Ada\n{'a' * 5121}\n", "entities.csv": TYPE}, "docs.txt, line 2: the document has 5,121 bytes"),
        ({DEEP: "Ada\n", "entities.csv": "Text,Type\nAda\n"}, "entities.csv, line 2: a text and a type are needed"),
        ({DEEP: "Ada\n", "entities.csv": "Text,Type\nA,B,C\n"}, "entities.csv, line 2: a text and a type are needed"),
        ({DEEP: "x", "b/c/docs.txt": "y", "annotations.csv": HEADER}, "Two documents in the .zip have the same name"),
    ],
)
def test_what_is_wrong_in_an_archive_is_told_with_file_and_line(files: dict[str, str | bytes], told: str) -> None:
    assert refused(zipped(**files), "x.zip", ENTITIES).removeprefix("annotations.csv: ").startswith(told)


def test_blanks_at_the_end_of_a_line_belong_to_the_text() -> None:
    found = read(zipped(docs_txt="Ada \t\r\nOslo\rParis\n", entities_csv=TYPE), "x.zip", ENTITIES)
    assert [each.text for each in found] == ["Ada \t", "Oslo", "Paris"]


@pytest.mark.parametrize("left", [0, -1])
def test_an_archive_is_as_large_as_is_taken(left: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labelled_data, "MOST_RECOGNIZER_BYTES", len(TYPE) + len("Ada\n") + left)
    content = zipped(docs_txt="Ada\n", entities_csv=TYPE)
    if left:
        assert "holds more than" in refused(content, "x.zip", ENTITIES)
    else:
        assert len(read(content, "x.zip", ENTITIES)) == 1


def test_an_archive_that_is_large_is_laid_down_and_unpacked_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    pieces: list[int] = []
    unpack = zipfile.ZipExtFile.read

    def watched(self: zipfile.ZipExtFile, size: int | None = -1) -> bytes:
        piece = unpack(self, size)
        pieces.append(len(piece))
        return piece

    on_disk = Mock(wraps=tempfile.TemporaryFile)
    monkeypatch.setattr(tempfile, "TemporaryFile", on_disk)
    monkeypatch.setattr(zipfile.ZipExtFile, "read", watched)
    monkeypatch.setattr(labelled_zip, "_CHUNK", 50)
    content = zipped(docs_txt="Ada met Ada.\n" * 100, entities_csv=TYPE)
    assert len(read(content, "x.zip", ENTITIES)) == 100
    assert max(pieces) == 50
    on_disk.assert_not_called()
    monkeypatch.setattr(labelled_data, "_IN_MEMORY", len(content) - 1)
    assert len(read(content, "x.zip", ENTITIES)) == 100
    on_disk.assert_called_once()


def test_an_archive_has_as_many_files_as_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labelled_zip, "MOST_FILES", 2)
    assert len(read(zipped(docs_txt="Ada\n", entities_csv=TYPE), "x.zip", ENTITIES)) == 1
    assert "more than 2 files" in refused(zipped(a_txt="a", b_txt="b", entities_csv=TYPE), "x.zip", ENTITIES)


# ---- a file as a whole ---------------------------------------------------------------------------------------------


def test_the_policy_says_what_is_wanted() -> None:
    assert wanted_by(a_policy()) == Wanted("MULTI_CLASS", DEFAULT_DELIMITER)
    several = a_policy(flywheel={"language": "en", "mode": "MULTI_LABEL", "labels": ["a", "b"]})
    assert wanted_by(several.model_copy(update={"data": several.data.model_copy(update={"label_delimiter": "+"})})) == (
        Wanted("MULTI_LABEL", "+")
    )


def test_a_kind_is_guessed_by_the_first_line_of_a_beginning_that_may_be_cut_anywhere() -> None:
    content = manifest(mentioning("t"), classified("t", "x"), {"source": "\u00e4"})
    beginning = content[: content.index("\u00e4".encode()) + 1]
    assert guess(file_type("m.jsonl"), beginning) == ENTITIES


@pytest.mark.parametrize(("wanted", "name"), [(CLASSES, "x.csv"), (ENTITIES, "m.jsonl")])
@pytest.mark.parametrize("pieces", [1, 3])
def test_a_file_is_as_large_as_is_taken_however_it_comes(
    wanted: Wanted, name: str, pieces: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = b"a,one\nb,two\n" if wanted is CLASSES else manifest(mentioning("ab", (0, 1, "X")))
    size = -(-len(content) // pieces)
    chunks = [content[start : start + size] for start in range(0, len(content), size)]
    facts = check(chunks, file_type(name), wanted, len(content))
    assert (facts.size, facts.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    with pytest.raises(BadData, match=f"larger than {len(content) - 1} bytes"):
        check(chunks, file_type(name), wanted, len(content) - 1)

    # A recognizer's data have a limit of their own, whatever the caller's is.
    monkeypatch.setattr(labelled_data, "MOST_RECOGNIZER_BYTES", len(content) - 1)
    if wanted is ENTITIES:
        with pytest.raises(BadData, match=f"larger than {len(content) - 1} bytes"):
            check(chunks, file_type(name), wanted, MOST)
    else:
        assert check(chunks, file_type(name), wanted, MOST) == facts


def of_labels(count: int, wanted: Wanted) -> bytes:
    if wanted is ENTITIES:
        return manifest(*(mentioning("a", (0, 1, f"T{number}")) for number in range(count)))
    return b"".join(b"l%d,t\n" % number for number in range(count))


@pytest.mark.parametrize(
    ("wanted", "type_", "most"), [(CLASSES, "csv", 1000), (LABELS, "csv", 100), (ENTITIES, "manifest", 25)]
)
def test_there_are_as_many_labels_as_comprehend_takes(wanted: Wanted, type_: Any, most: int) -> None:
    assert check([of_labels(most, wanted)], type_, wanted, MOST).labels == most
    with pytest.raises(BadData) as raised:
        check([of_labels(most + 1, wanted)], type_, wanted, MOST)
    assert ("first column" in str(raised.value)) == (wanted is not ENTITIES)
    assert str(raised.value).endswith("entity types." if wanted is ENTITIES else "the second.")


@pytest.mark.parametrize(("length", "is_good"), [(labelled_document.LONGEST_LABEL, True), (5001, False)])
def test_a_label_is_as_long_as_comprehend_takes(length: int, is_good: bool) -> None:
    assert (fault_of_label("a" * length) is None) == is_good


@pytest.mark.parametrize(
    ("text", "mentions", "told"),
    [
        ("\u00e4" * 2560, [], None),
        ("\u00e4" * 2560 + "a", [], "5,121 bytes"),
        ("ab", [(0, 2, "X" * 64)], None),
        ("ab", [(0, 2, "X" * 65)], "longer than 64"),
        ("ab", [(0, 2, "")], "is empty"),
        ("ab", [(1, 1, "X")], "outside of its text"),
        ("ab", [(0, 1, "X"), (1, 2, "Y")], None),
    ],
)
def test_a_document_is_what_a_recognizer_takes(text: str, mentions: Iterable[Any], told: str | None) -> None:
    fault = fault_of_mentions(text, list(mentions))
    assert fault is None if told is None else fault is not None and told in fault
