"""The files of a rehearsal: dealt out to drops, cut without losing a document, faults told all at once."""

import csv
import io
import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governor.domain.labelled_data import Wanted, documents, file_type
from governor.domain.labelled_document import Document
from governor.domain.policy import DataMode
from governor_cli.complaint import Complaint
from governor_cli.rehearsal.files import companions_of, drops_of
from tests.unit.policies import a_policy

LONG = "a text that is long enough to make a dataset of some hundred bytes "


def _csv(rows: list[tuple[str, str]]) -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue().encode()


def _good(folder: Path, name: str, documents: int = 12) -> Path:
    path = folder / name
    path.write_bytes(
        _csv([(("praise", "complaint")[number % 2], f"{name} {LONG}{number}") for number in range(documents)])
    )
    return path


def _read(content: bytes, name: str, wanted: Wanted) -> list[Document]:
    return list(documents([content], file_type(name), wanted))


def test_the_first_test_file_goes_with_the_first_train_file(tmp_path: Path) -> None:
    files = [_good(tmp_path, f"{name}.csv") for name in ("a", "b", "s", "t", "u")]

    drops = drops_of(files[:2], files[2:], Wanted())

    assert [[(file.kind, file.name) for file in drop.files] for drop in drops] == [
        [("train", "001-a.csv"), ("test", "001-s.csv")],
        [("train", "002-b.csv"), ("test", "002-t.csv")],
        [("test", "003-u.csv")],
    ]
    assert drops[0].files[0].content == files[0].read_bytes(), "what is not cut is dropped as it is"


@given(st.integers(2, 5), st.integers(10, 40), st.sampled_from(["MULTI_CLASS", "MULTI_LABEL", "ENTITIES"]))
def test_a_cut_file_has_every_document_once(
    tmp_path_factory: pytest.TempPathFactory, parts: int, number: int, mode: DataMode
) -> None:
    path, wanted = tmp_path_factory.mktemp("cut") / "all", Wanted(mode)
    if mode == "ENTITIES":
        path = path.with_suffix(".jsonl")
        rows = [
            {
                "source": f"Amazon S3 {LONG}{each}",
                "names": {"annotations": {"entities": [{"startOffset": 0, "endOffset": 9, "label": "SERVICE"}]}},
                "names-metadata": {"type": "groundtruth/custom"},
            }
            for each in range(number)
        ]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    else:
        path = path.with_suffix(".csv")
        labels = ("praise", "complaint|praise" if mode == "MULTI_LABEL" else "complaint")
        path.write_bytes(_csv(sorted((labels[each % 2], f'"{LONG}",\r {each}') for each in range(number))))
    whole = _read(path.read_bytes(), path.name, wanted)

    drops = drops_of([path], [], wanted, split=parts)

    found = [_read(file.content, file.name, wanted) for drop in drops for file in drop.files]
    assert len(found) == parts
    assert Counter(document for part in found for document in part) == Counter(whole)
    assert max(map(len, found)) - min(map(len, found)) <= 1
    assert [file.documents for drop in drops for file in drop.files] == [len(part) for part in found]


def test_every_fault_of_every_file_is_told_and_nothing_quoted(tmp_path: Path) -> None:
    bad, other = tmp_path / "bad.csv", tmp_path / "other.csv"
    bad.write_bytes(b"praise,a secret\nwithout a label\n")
    other.write_bytes(b"praise,another secret\nprai")

    with pytest.raises(Complaint) as told:
        drops_of([bad, _good(tmp_path, "same.csv")], [other, tmp_path / "same.csv"], Wanted())

    lines = str(told.value).splitlines()
    assert len(lines) == 4
    assert lines[1].startswith(f"  {bad}: Line 2: ")
    assert lines[2].startswith(f"  {other}: Line 2: ")
    assert "same.csv has the same content as same.csv" in lines[3]
    assert "secret" not in str(told.value)


def test_what_the_policy_names_lies_beside_it_as_in_the_inbox(tmp_path: Path) -> None:
    names = {"must-pass/a.csv": b"1", "exam/spring/x.csv": b"2", "exam/spring/y.csv": b"3", "smoke/s.csv": b"4"}
    for name, content in names.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    exam = {"kind": "golden", "set": "spring", "must_pass": ["a.csv"]}

    assert companions_of(a_policy(exam=exam, serving={"smoke": ["s.csv"]}), tmp_path) == names
    (tmp_path / "z.csv").write_bytes(b"5")
    assert companions_of(a_policy(serving={"smoke": ["z.csv"]}), tmp_path) == {"smoke/z.csv": b"5"}
    assert companions_of(a_policy(), tmp_path) == {}
    with pytest.raises(Complaint, match=r"must-pass/b\.csv"):
        companions_of(a_policy(exam={"must_pass": ["b.csv"]}), tmp_path)
    with pytest.raises(Complaint, match="the set autumn"):
        companions_of(a_policy(exam={"kind": "golden", "set": "autumn"}), tmp_path)
