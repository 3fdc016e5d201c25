"""Batches: no upload is lost or taken twice, limits are kept, and names are bound to content."""

import json
import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governor.domain import batch
from governor.domain.batch import (
    FEWEST_BYTES,
    Plan,
    dataset_description,
    dataset_name,
    digest_of,
    manifest_of,
    plan,
    quiet_wait,
    token,
)
from governor.domain.policy import BatchRules
from governor.domain.upload import ObjectVersion, Upload

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
BIG = 10_000
"""The limit of a batch in these tests, in bytes."""


def an_upload(number: int = 0, **changes: Any) -> Upload:
    upload = Upload(
        flywheel="reviews",
        id=f"id{number:04}",
        key=f"reviews/train/{number}.csv",
        version="v1",
        kind="train",
        state="PENDING",
        recorded_at=NOW,
        size=FEWEST_BYTES,
        sha256=f"{number:064}",
        staged=f"staging/reviews/{number}/",
        documents=10,
        pending=f"2026-11-23T12:00:00.{number:06}Z#id{number:04}",
    )
    return replace(upload, **changes)


def newest_of(*uploads: Upload) -> dict[str, ObjectVersion]:
    return {each.key: ObjectVersion(each.key, each.version, is_latest=True, modified=NOW) for each in uploads}


def planned(*uploads: Upload, registered: dict[str, str] | None = None, can_test_alone: bool = False) -> Plan:
    return plan(uploads, newest_of(*uploads), registered or {}, can_test_alone=can_test_alone)


@st.composite
def situations(draw: st.DrawFn) -> tuple[list[Upload], dict[str, ObjectVersion], dict[str, str], bool]:
    """Pending uploads, the newest versions, the registered contents, and whether TEST data may stand alone."""
    count = draw(st.integers(0, 8))
    uploads: list[Upload] = []
    newest: dict[str, ObjectVersion] = {}
    for number in range(count):
        kind = draw(st.sampled_from(["train", "test"]))
        upload = an_upload(
            number,
            kind=kind,
            key=f"reviews/{kind}/{number}.csv",
            sha256=draw(st.sampled_from([f"{letter * 64}" for letter in "abcdef"])),
            size=draw(st.sampled_from([1, FEWEST_BYTES - 1, FEWEST_BYTES, BIG // 2, BIG, BIG + 1])),
            documents=draw(st.sampled_from([1, 400, 1000])),
        )
        uploads.append(upload)
        match draw(st.sampled_from(["same", "same", "same", "newer", "deleted", "gone"])):
            case "same":
                newest |= newest_of(upload)
            case "newer":
                newest[upload.key] = ObjectVersion(upload.key, "v2", is_latest=True, modified=NOW)
            case "deleted":
                newest[upload.key] = ObjectVersion(
                    upload.key, "v2", is_latest=True, modified=NOW, is_delete_marker=True
                )
    registered = draw(
        st.dictionaries(st.sampled_from(["a" * 64, "b" * 64]), st.just("reviews/train/first.csv"), max_size=2)
    )
    return draw(st.permutations(uploads)), newest, registered, draw(st.booleans())


@given(situations())
def test_every_pending_upload_has_exactly_one_fate(
    situation: tuple[list[Upload], dict[str, ObjectVersion], dict[str, str], bool],
) -> None:
    uploads, newest, registered, alone = situation
    with patch.multiple(batch, MOST_BYTES=BIG, MOST_DOCUMENTS=1000):
        result = plan(uploads, newest, registered, can_test_alone=alone)
        shuffled = plan(list(reversed(uploads)), newest, registered, can_test_alone=alone)
    fates = Counter([*(s.upload for s in result.settled), *(each.id for each in (*result.chosen, *result.waiting))])
    assert fates == Counter(each.id for each in uploads)
    assert result == shuffled


@given(situations())
def test_a_batch_keeps_the_service_s_limits(
    situation: tuple[list[Upload], dict[str, ObjectVersion], dict[str, str], bool],
) -> None:
    uploads, newest, registered, alone = situation
    with patch.multiple(batch, MOST_BYTES=BIG, MOST_DOCUMENTS=1000, MOST_UPLOADS=3):
        result = plan(uploads, newest, registered, can_test_alone=alone)
    assert len(result.chosen) <= 3
    kinds = {upload.kind for upload in result.chosen}
    for kind in kinds:
        sizes = [upload.size for upload in result.chosen if upload.kind == kind]
        assert sum(sizes) >= FEWEST_BYTES
        assert sum(sizes) <= BIG or len(sizes) == 1
        assert sum(upload.documents for upload in result.chosen if upload.kind == kind) <= 1000 or len(sizes) == 1
    assert kinds != {"test"} or alone


@given(situations())
def test_no_content_is_chosen_twice_and_a_duplicate_s_first_is_chosen_or_registered(
    situation: tuple[list[Upload], dict[str, ObjectVersion], dict[str, str], bool],
) -> None:
    uploads, newest, registered, alone = situation
    with patch.multiple(batch, MOST_BYTES=BIG, MOST_DOCUMENTS=1000):
        result = plan(uploads, newest, registered, can_test_alone=alone)
    contents = [upload.sha256 for upload in result.chosen]
    assert len(set(contents)) == len(contents)
    assert not set(contents) & set(registered)
    by_id = {upload.id: upload for upload in uploads}
    for settled in result.settled:
        upload = by_id[settled.upload]
        if settled.state == "REFUSED":
            assert upload.sha256 in {*contents, *registered}
        else:
            assert newest.get(upload.key) != newest_of(upload)[upload.key]


@given(situations())
def test_whoever_waits_without_a_batch_is_told_why(
    situation: tuple[list[Upload], dict[str, ObjectVersion], dict[str, str], bool],
) -> None:
    uploads, newest, registered, alone = situation
    result = plan(uploads, newest, registered, can_test_alone=alone)
    assert result.chosen or not result.waiting or result.too_few


def test_deleted_replaced_and_known_uploads_are_settled_with_their_reasons() -> None:
    kept, deleted, gone, replaced, known = (an_upload(number) for number in range(5))
    newest = newest_of(kept, known) | {
        deleted.key: ObjectVersion(deleted.key, "v2", is_latest=True, modified=NOW, is_delete_marker=True),
        replaced.key: ObjectVersion(replaced.key, "v2", is_latest=True, modified=NOW),
    }
    uploads = [kept, deleted, gone, replaced, known]
    result = plan(uploads, newest, {known.sha256 or "": "reviews/train/first.csv"}, can_test_alone=False)
    assert result.chosen == (kept,)
    assert {settled.upload: settled.state for settled in result.settled} == {
        deleted.id: "WITHDRAWN",
        gone.id: "WITHDRAWN",
        replaced.id: "SUPERSEDED",
        known.id: "REFUSED",
    }
    assert "reviews/train/first.csv" in result.settled[-1].reason


def test_too_few_bytes_never_burn_a_dataset_slot() -> None:
    small = an_upload(size=FEWEST_BYTES - 1)
    result = planned(small)
    assert result.chosen == ()
    assert result.waiting == (small,)
    assert "drop more TRAIN files" in result.too_few[0]


def test_small_files_make_one_dataset_together() -> None:
    uploads = [an_upload(number, size=FEWEST_BYTES // 2) for number in range(2)]
    assert planned(*uploads).chosen == tuple(uploads)


def test_test_data_wait_for_training_data_unless_there_is_a_model_to_score() -> None:
    test = an_upload(1, kind="test")
    assert planned(test).chosen == ()
    assert "drop a TRAIN file" in planned(test).too_few[0]
    assert planned(test, can_test_alone=True).chosen == (test,)
    assert len(planned(test, an_upload(2)).chosen) == 2


def test_test_data_wait_for_training_data_that_are_too_few_too() -> None:
    test, train = an_upload(1, kind="test"), an_upload(2, size=FEWEST_BYTES - 1)
    result = planned(test, train)
    assert result.chosen == ()
    assert len(result.too_few) == 2


def test_test_data_that_are_kept_for_an_exam_need_no_size_of_a_dataset() -> None:
    few, train = an_upload(1, kind="test", size=9), an_upload(2)
    assert plan([few, train], newest_of(few, train), {}, can_test_alone=True, kept_tests=True).chosen == (few, train)
    assert plan([few], newest_of(few), {}, can_test_alone=True, kept_tests=True).chosen == (few,)
    assert plan([few, train], newest_of(few, train), {}, can_test_alone=True).chosen == (train,)
    alone = plan([few], newest_of(few), {}, can_test_alone=False, kept_tests=True)
    assert (alone.chosen, "drop a TRAIN file" in alone.too_few[0]) == ((), True)


def test_a_single_upload_over_the_limit_goes_alone() -> None:
    with patch.object(batch, "MOST_BYTES", BIG):
        huge, later = an_upload(1, size=BIG + 1), an_upload(2)
        result = planned(huge, later)
    assert result.chosen == (huge,)
    assert result.waiting == (later,)


def test_a_smaller_upload_does_not_overtake_one_that_waits() -> None:
    with patch.object(batch, "MOST_BYTES", BIG):
        first, second, third = an_upload(1, size=BIG - 10), an_upload(2, size=BIG // 2), an_upload(3, size=5)
        result = planned(first, second, third)
    assert result.chosen == (first,)
    assert result.waiting == (second, third)


def test_a_copy_of_an_upload_that_waits_waits_too() -> None:
    first = an_upload(1, kind="test", size=FEWEST_BYTES - 1, sha256="a" * 64)
    copy = an_upload(2, kind="train", size=FEWEST_BYTES - 1, sha256="a" * 64)
    assert set(planned(first, copy).waiting) == {first, copy}
    gone = plan([first, copy], newest_of(copy), {}, can_test_alone=False)
    assert [settled.state for settled in gone.settled] == ["WITHDRAWN"]


def test_the_manifest_is_the_same_bytes_in_any_order() -> None:
    uploads = [an_upload(number, key=f"reviews/train/📦{number}.csv") for number in range(3)]
    manifest = manifest_of("reviews", 4, uploads)
    assert manifest == manifest_of("reviews", 4, list(reversed(uploads)))
    assert manifest != manifest_of("reviews", 5, uploads)
    assert manifest != manifest_of("reviews", 4, [*uploads[:2], replace(uploads[2], version="v2")])
    document = json.loads(manifest)
    assert [row["key"] for row in document["uploads"]] == [upload.key for upload in uploads]


@given(st.integers(1, 10**9 - 1), st.sampled_from(["train", "test"]), st.binary())
def test_dataset_names_and_descriptions_are_what_comprehend_takes(number: int, kind: Any, content: bytes) -> None:
    digest = digest_of(content)
    name = dataset_name(number, kind, digest)
    assert re.fullmatch(r"[a-zA-Z0-9](-*[a-zA-Z0-9])*", name)
    assert len(name) <= 63
    description = dataset_description(f"s3://records-bucket/manifests/reviews/{number:09}-{digest[:12]}.json", digest)
    assert re.fullmatch(r"([a-zA-Z0-9_])[\\a-zA-Z0-9_@#%*+=:?./!\s-]*", description)
    assert len(description) <= 2048


def test_a_dataset_name_is_bound_to_the_content() -> None:
    assert dataset_name(1, "train", digest_of(b"a")) != dataset_name(1, "train", digest_of(b"b"))


@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), min_size=1))
def test_tokens_are_what_comprehend_takes_and_keep_parts_apart(parts: list[str]) -> None:
    assert re.fullmatch(r"[a-zA-Z0-9-]{1,64}", token(*parts))
    assert token(*parts) == token(*parts)
    assert token(*parts) != token(*parts, "")
    assert token("ab", "c") != token("a", "bc")


ages = st.lists(st.floats(0, 3000), min_size=1, max_size=5)


@given(ages, st.integers(0, 900), st.integers(0, 2700))
def test_quiet_ends_after_the_last_upload_or_long_after_the_first(seconds: list[float], quiet: int, more: int) -> None:
    rules = BatchRules(quiet_seconds=quiet, quiet_max_seconds=quiet + more)
    since = [NOW - timedelta(seconds=each) for each in seconds]
    wait = quiet_wait(since, rules, NOW)
    assert 0 <= wait <= quiet
    later = NOW + timedelta(seconds=wait)
    assert quiet_wait(since, rules, later) == 0
    over = later - max(since) >= timedelta(seconds=quiet) or later - min(since) >= timedelta(seconds=quiet + more)
    assert over or wait == 0
    if wait > 0:
        assert quiet_wait(since, rules, later - timedelta(seconds=1.001)) > 0


def test_a_burst_without_end_is_cut_at_the_maximum() -> None:
    rules = BatchRules(quiet_seconds=60, quiet_max_seconds=300)
    burst = [NOW - timedelta(seconds=each) for each in range(0, 300, 10)]
    assert quiet_wait(burst, rules, NOW) == 10
    assert quiet_wait(burst, rules, NOW + timedelta(seconds=10)) == 0


def test_nothing_pending_is_quiet() -> None:
    assert quiet_wait([], BatchRules(), NOW) == 0


@pytest.mark.parametrize("name", ["MOST_BYTES", "MOST_DOCUMENTS", "FEWEST_BYTES"])
def test_the_limits_are_within_the_service_s(name: str) -> None:
    service = {"MOST_BYTES": 5 * 10**9, "MOST_DOCUMENTS": 10**6, "FEWEST_BYTES": 500}
    assert getattr(batch, name) <= service[name]
