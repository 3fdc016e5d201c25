"""Documents that are to be analysed, before they are: what is counted, staged, refused."""

import tracemalloc

import pytest

from governor.domain.analysis import AnalysisHead, Shape, choose, hold_after, may_start
from governor.domain.moments import OPEN_END, from_text
from governor.domain.text_lines import BadData
from governor.domain.turn import Hold
from governor.domain.unlabelled import canonical, check, shape_of
from governor.domain.upload import Place, Upload, place_of

NOW = from_text("2026-11-23T08:00:00Z")


@pytest.mark.parametrize(
    ("key", "shape"),
    [("alpha/documents/a.txt", "lines"), ("alpha/documents/A b.TXT", "lines"), ("alpha/documents/l/a.txt", "files")],
)
def test_a_key_says_what_a_document_is(key: str, shape: Shape) -> None:
    assert place_of(key) == Place("alpha", "documents")
    assert shape_of(key) == shape


@pytest.mark.parametrize(
    "key",
    [
        "alpha/documents/a.csv",
        "alpha/documents/.txt/",
        "alpha/documents/a/b/c.txt",
        "alpha/documents/",
        "-/documents/a.txt",
    ],
)
def test_other_keys_lead_nowhere(key: str) -> None:
    assert place_of(key) is None


def test_lines_end_as_comprehend_ends_them_and_keep_their_numbers() -> None:
    content = "\ufeffone\r\n\rthree\u2028still three\n\n \n".encode()

    facts = check([content], "lines", recognizer=False)
    staged = b"".join(canonical([content[:5], content[5:]], "lines"))

    assert facts.documents == 3
    assert facts.size == len(staged), "what a job gets, whose least size it is held against"
    assert staged.decode() == "one\n\nthree\u2028still three\n"


def test_a_file_is_one_document_without_its_mark() -> None:
    content = "\ufeffone\r\ntwo\n\n".encode()

    facts = check([content], "files", recognizer=False)
    assert (facts.documents, facts.size) == (1, len(b"one\r\ntwo\n\n"))
    assert b"".join(canonical([content], "files")) == b"one\r\ntwo\n\n"


@pytest.mark.parametrize("shape", ["lines", "files"])
def test_a_recognizer_takes_shorter_documents(shape: Shape) -> None:
    content = b"a\n" * (shape == "lines") + "\u00e4".encode() * 500_001

    assert check([content], shape, recognizer=False).documents
    with pytest.raises(BadData, match="Line 2: longer" if shape == "lines" else "The file: longer"):
        check([content], shape, recognizer=True)


def test_a_large_file_is_checked_and_staged_in_the_memory_of_a_piece() -> None:
    piece = b"a document of some words\n" * 40_000
    tracemalloc.start()
    try:
        assert check((piece for _ in range(6)), "lines", recognizer=False).documents == 240_000
        assert sum(len(line) for line in canonical((piece for _ in range(6)), "lines")) == 6 * len(piece)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * len(piece)


def test_more_lines_than_a_job_takes_are_refused() -> None:
    with pytest.raises(BadData, match="more than 1,000,000 lines"):
        check((b"a\n" * 100_001 for _ in range(10)), "lines", recognizer=False)


# ---- what is analysed together, and when


def _waiting(number: int, form: str = "lines", *, size: int = 10, documents: int = 1) -> Upload:
    key, pending = f"alpha/documents/{number}.txt", f"2026-11-23T08:00:{number % 60:02}Z#{number}"
    return Upload(
        "alpha", str(number), key, "v", "documents", "PENDING", NOW,
        form=form, pending=pending, size=size, documents=documents,
    )  # fmt: skip


def test_a_job_has_documents_of_one_shape_the_oldest_first() -> None:
    shape, chosen = choose([_waiting(3), _waiting(2, "files"), _waiting(1)])

    assert (shape, [upload.id for upload in chosen]) == ("lines", ["1", "3"])
    assert choose([]) == ("lines", [])


@pytest.mark.parametrize(("size", "documents"), [(2_000_000_000, 1), (10, 400_000)])
def test_a_job_has_no_more_than_comprehend_takes(size: int, documents: int) -> None:
    assert len(choose(_waiting(number, size=size, documents=documents) for number in range(5))[1]) == 2


def test_a_job_has_no_more_files_than_one_call_copies() -> None:
    assert len(choose(_waiting(number) for number in range(1001))[1]) == 1000


@pytest.mark.parametrize(
    ("hold", "has_model", "version", "starts"),
    [
        (None, False, 1, True),
        (Hold("NoActiveModel", OPEN_END, 1), False, 1, False),
        (Hold("NoActiveModel", OPEN_END, 1), True, 1, True),
        (Hold("NeedsYou", OPEN_END, 1), True, 1, False),
        (Hold("NeedsYou", OPEN_END, 1), True, 2, True),
        (Hold("Failure", OPEN_END, 1), True, 2, False),
        (Hold("Failure", NOW, 1), False, 1, True),
    ],
)
def test_a_hold_ends_by_what_it_waits_for(hold: Hold | None, has_model: bool, version: int, starts: bool) -> None:
    head = AnalysisHead(number=3, hold=hold)

    asked = may_start(head, anything_pending=True, has_model=has_model, policy_version=version, now=NOW)

    assert asked is starts
    nothing = may_start(head, anything_pending=False, has_model=has_model, policy_version=version, now=NOW)
    assert nothing is False


@pytest.mark.parametrize(
    ("error", "failures", "reason"),
    [
        ("TurnLostError", 0, None),
        ("NoActiveModelError", 0, "NoActiveModel"),
        ("QuotaFullError", 0, "QuotaFull"),
        ("Aborted", 1, "Aborted"),
        ("AccessRefusedError", 2, "Failure"),
        ("AccessRefusedError", 3, "NeedsYou"),
        ("AnalysisFailedError", 7, "Failure"),
    ],
)
def test_what_failed_says_what_follows(error: str, failures: int, reason: str | None) -> None:
    hold = hold_after(error, failures=failures, backoff_base_seconds=60, policy_version=1, now=NOW)

    assert (hold.reason if hold is not None else None) == reason
