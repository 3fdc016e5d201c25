"""Analyses: who may start one, which hold follows a failure, what it consists of, and what its job is called."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest

from governor.domain import analysis
from governor.domain.analysis import (
    AnalysisHead,
    OpenAnalysis,
    choose,
    counts_as_failure,
    execution_name,
    hold_after,
    job_name,
    job_token,
    manifest_of,
    may_start,
    results_key,
)
from governor.domain.moments import OPEN_END
from governor.domain.turn import Hold
from governor.domain.upload import Upload

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
OPEN = OpenAnalysis(3, "lines", "s3://records/m.json", "d" * 64, attempt=2)
BASE = 60


def a_document(number: int = 0, **changes: Any) -> Upload:
    upload = Upload(
        flywheel="reviews",
        id=f"id{number:04}",
        key=f"reviews/documents/{number}.txt",
        version="v1",
        kind="documents",
        state="PENDING",
        recorded_at=NOW,
        size=100,
        staged=f"s3://lake/staging/{number}",
        documents=10,
        form="lines",
        pending=f"2026-11-23T12:00:00.{number:06}Z",
    )
    return replace(upload, **changes)


@pytest.mark.parametrize(
    ("head", "pending", "may"),
    [
        (None, True, True),
        (None, False, False),
        (AnalysisHead(), True, True),
        (AnalysisHead(), False, False),
        (AnalysisHead(open=OPEN), False, True),
        (AnalysisHead(state="RUNNING"), True, False),
        (AnalysisHead(state="RUNNING", open=OPEN), False, False),
        (AnalysisHead(hold=Hold("Failure", NOW)), True, True),
        (AnalysisHead(hold=Hold("Failure", OPEN_END)), True, False),
    ],
)
def test_an_execution_is_asked_for_when_there_is_work_and_nobody_does_it(
    head: AnalysisHead | None, pending: bool, may: bool
) -> None:
    assert may_start(head, anything_pending=pending, has_model=True, policy_version=1, now=NOW) == may


@pytest.mark.parametrize(
    ("reason", "has_model", "policy_version", "may"),
    [
        ("NoActiveModel", True, 1, True),
        ("NoActiveModel", False, 1, False),
        ("QuotaFull", True, 1, False),
        ("NeedsYou", True, 1, False),
        ("NeedsYou", False, 2, True),
        ("Failure", True, 2, False),
    ],
)
def test_what_ends_a_hold_early(reason: Any, has_model: bool, policy_version: int, may: bool) -> None:
    head = AnalysisHead(hold=Hold(reason, OPEN_END, policy_version=1))
    started = may_start(head, anything_pending=True, has_model=has_model, policy_version=policy_version, now=NOW)
    assert started == may


@pytest.mark.parametrize(
    ("error", "failures", "hold"),
    [
        ("TurnLostError", 9, None),
        ("NoActiveModelError", 9, Hold("NoActiveModel", NOW + timedelta(hours=1), 7)),
        ("QuotaFullError", 9, Hold("QuotaFull", NOW + timedelta(hours=1), 7)),
        ("Aborted", 0, Hold("Aborted", OPEN_END, 7)),
        ("States.Timeout", 0, Hold("Failure", NOW + timedelta(seconds=BASE), 7)),
        ("States.Timeout", 1, Hold("Failure", NOW + timedelta(seconds=BASE), 7)),
        ("States.Timeout", 2, Hold("Failure", NOW + timedelta(seconds=2 * BASE), 7)),
        ("States.Timeout", 3, Hold("NeedsYou", OPEN_END, 7)),
        ("AnalysisFailedError", 4, Hold("Failure", NOW + timedelta(seconds=4 * BASE), 7)),
    ],
)
def test_the_hold_after_a_failure(error: str, failures: int, hold: Hold | None) -> None:
    assert hold_after(error, failures=failures, backoff_base_seconds=BASE, policy_version=7, now=NOW) == hold


@pytest.mark.parametrize(
    ("error", "counts"),
    [
        ("TurnLostError", False),
        ("NoActiveModelError", False),
        ("QuotaFullError", False),
        ("AnalysisFailedError", True),
        ("Aborted", True),
    ],
)
def test_what_brings_analyses_nearer_to_a_person(error: str, counts: bool) -> None:
    assert counts_as_failure(error) is counts


def test_the_oldest_says_the_shape_and_the_other_shape_waits() -> None:
    late, early, other = (
        a_document(1, pending="2026-11-22"),
        a_document(2, pending="2026-11-21"),
        a_document(3, form="files", pending="2026-11-21T"),
    )
    assert choose([late, other, early]) == ("lines", [early, late]), "not in the order of ids"
    assert choose([late, replace(other, pending=None), early]) == ("files", [replace(other, pending=None)])
    assert choose([]) == ("lines", [])


@pytest.mark.parametrize(
    ("limit", "most", "field"),
    [("MOST_BYTES", 200, "size"), ("MOST_DOCUMENTS", 200, "documents")],
)
@pytest.mark.parametrize("over", [0, 1])
def test_a_job_is_filled_to_the_limit(limit: str, most: int, field: str, over: int) -> None:
    uploads = [a_document(number, **{field: each}) for number, each in enumerate((50, 50, 100 + over, 1))]
    with patch.object(analysis, limit, most):
        assert choose(uploads)[1] == (uploads[:3] if not over else uploads[:2]), "nothing overtakes what waits"


def test_a_job_has_as_many_uploads_as_a_function_copies() -> None:
    uploads = [a_document(number) for number in range(3)]
    with patch.object(analysis, "MOST_UPLOADS", 2):
        assert choose(uploads)[1] == uploads[:2]


@pytest.mark.parametrize(("size", "documents"), [(2_000_000_000, 1), (10, 400_000)])
def test_a_job_has_no_more_than_comprehend_takes(size: int, documents: int) -> None:
    assert len(choose(a_document(number, size=size, documents=documents) for number in range(5))[1]) == 2


def test_a_single_upload_over_a_limit_goes_alone() -> None:
    uploads = [a_document(1, size=300), a_document(2)]
    with patch.object(analysis, "MOST_BYTES", 200):
        assert choose(uploads)[1] == uploads[:1]


def test_the_manifest_says_what_is_analysed() -> None:
    upload = a_document(1, key="reviews/documents/\u00e4.txt")
    manifest = manifest_of("reviews", 3, "lines", [upload, a_document(2, staged=None)])
    assert "\u00e4" in manifest.decode(), "readable as it is"
    assert manifest.count(b"\n") > 10, "and by lines"
    document = json.loads(manifest)
    assert list(document) == ["flywheel", "analysis", "shape", "uploads"]
    assert document["uploads"] == [
        {"upload": "id0001", "key": upload.key, "staged": "s3://lake/staging/1", "size": 100, "documents": 10},
        {"upload": "id0002", "key": "reviews/documents/2.txt", "staged": "", "size": 100, "documents": 10},
    ]
    assert (document["flywheel"], document["analysis"], document["shape"]) == ("reviews", 3, "lines")


def test_an_execution_a_job_and_its_results_have_these_names() -> None:
    assert execution_name("reviews", 12) == "reviews-12"
    assert job_name("reviews", OPEN) == "reviews-analysis-3-2"
    assert results_key("reviews", NOW, "job1") == "results/reviews/2026-11-23-job1/"


def test_a_repeated_start_means_the_same_job_and_another_attempt_another() -> None:
    told = "\0".join(("arn", "analysis", "3", "d" * 64, "2"))
    assert job_token("arn", OPEN) == hashlib.sha256(told.encode()).hexdigest()
    assert job_token("arn", OPEN) != job_token("arn", replace(OPEN, attempt=3))


def test_a_manifest_of_documents_is_these_bytes() -> None:
    told = """{
 "flywheel": "reviews",
 "analysis": 3,
 "shape": "lines",
 "uploads": [
  {
   "upload": "id0001",
   "key": "reviews/documents/\u00e4.txt",
   "staged": "s3://lake/staging/1",
   "size": 100,
   "documents": 10
  }
 ]
}"""
    assert manifest_of("reviews", 3, "lines", [a_document(1, key="reviews/documents/\u00e4.txt")]) == told.encode()
