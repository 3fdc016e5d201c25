"""Inbox keys: what leads where, whatever anybody calls a file."""

import hashlib
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from governor.domain.upload import (
    Place,
    is_flywheel_name,
    is_folder_marker,
    is_read_in_place,
    place_of,
    upload_id,
)

names = st.from_regex(r"[a-zA-Z0-9](-{0,2}[a-zA-Z0-9]){0,20}", fullmatch=True)
kinds = st.sampled_from(["train", "test"])
files = st.text(st.characters(exclude_characters="/", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40)


@given(names, kinds, files, st.sampled_from([".csv", ".CSV", ".Csv"]))
@example("reviews", "train", "📦 naïve (1)", ".csv")
@example("reviews", "test", "..", ".csv")
@example("reviews", "train", "a b+c%20d&e", ".csv")
def test_a_key_in_the_layout_leads_to_its_flywheel(flywheel: str, kind: str, name: str, suffix: str) -> None:
    place = place_of(f"{flywheel}/{kind}/{name}{suffix}")
    assert place is not None
    assert (place.flywheel, place.kind) == (flywheel, kind)


@given(st.text(max_size=60))
def test_what_leads_somewhere_has_the_layout(key: str) -> None:
    place = place_of(key)
    if place is not None:
        assert re.fullmatch(r"[a-zA-Z0-9-]{1,63}/(train|test)/[^/]+\.csv", key, re.IGNORECASE)
        assert is_flywheel_name(place.flywheel)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/",
        "a.csv",
        "train/a.csv",
        "reviews/a.csv",
        "reviews/train/",
        "reviews/train/.csv",
        "reviews/train/a.txt",
        "reviews/train/a.csv/",
        "reviews/train/a.csv\n",
        "reviews/train/a\n.csv",
        "reviews/train/a\x00.csv",
        "reviews/train/a\x7f.csv",
        "reviews/train/sub/a.csv",
        "reviews/train/../train/a.csv",
        "../reviews/train/a.csv",
        "/reviews/train/a.csv",
        "reviews//train/a.csv",
        "reviews/Train/a.csv",
        "reviews/documents/a.csv",
        "reviews-/train/a.csv",
        "-reviews/train/a.csv",
        "re_views/train/a.csv",
        "re views/train/a.csv",
        "réviews/train/a.csv",
        "reviews\n/train/a.csv",
        "٣/train/a.csv",
        "a" * 64 + "/train/a.csv",
    ],
)
def test_other_keys_lead_nowhere(key: str) -> None:
    assert place_of(key) is None


def test_the_longest_name_and_the_longest_key_are_taken() -> None:
    flywheel = "a" * 63
    assert place_of(f"{flywheel}/train/{'x' * (1024 - 63 - 11)}.csv") == Place(flywheel, "train")
    assert place_of(f"{flywheel}/test/{'📦' * 230}.csv") == Place(flywheel, "test")


@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=80))
def test_an_id_is_64_hex_digits_for_whatever_s3_may_hold(bucket: str, key: str, version: str) -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", upload_id(bucket, key, version))


def test_an_id_is_the_sha256_of_bucket_key_and_version() -> None:
    assert upload_id("b", "📦", "v") == hashlib.sha256("b\0📦\0v".encode()).hexdigest()
    assert upload_id("b", "\ud800", "v") != upload_id("b", "\ud801", "v")


@given(
    st.lists(st.tuples(st.text(st.characters(exclude_characters="\0")), st.text(), st.text()), unique=True, max_size=8)
)
def test_ids_differ_where_versions_do(versions: list[tuple[str, str, str]]) -> None:
    clean = {(bucket, key.replace("\0", ""), version.replace("\0", "")) for bucket, key, version in versions}
    assert len({upload_id(*each) for each in clean}) == len(clean)


def test_only_the_console_s_empty_folders_are_folder_markers() -> None:
    assert is_folder_marker("reviews/train/", 0)
    assert not is_folder_marker("reviews/train/", 1)
    assert not is_folder_marker("reviews/train/a.csv", 0)


@given(st.text(max_size=70))
def test_a_flywheel_name_is_what_comprehend_takes(name: str) -> None:
    taken = re.fullmatch(r"[a-zA-Z0-9](-*[a-zA-Z0-9])*", name) is not None and len(name) <= 63
    assert is_flywheel_name(name) == taken


@pytest.mark.timeout(5)
def test_a_malicious_name_is_refused_in_no_time() -> None:
    assert not is_flywheel_name("a" * 63 + "!")
    assert place_of("-" * 500 + "/train/" + "a" * 500) is None
    assert not is_flywheel_name("a-" * 31 + "!")


@pytest.mark.parametrize(
    "key", ["reviews/smoke/core.csv", "reviews/must-pass/core.csv", "reviews/exam/spring/a.csv", "reviews/exam/s/b.zip"]
)
def test_what_is_read_where_it_lies_leads_to_no_flywheel_s_data(key: str) -> None:
    assert is_read_in_place(key)
    assert place_of(key) is None


@pytest.mark.parametrize(
    "key",
    [
        "reviews/train/a.csv",
        "reviews/exam/a.csv",
        "reviews/must-pass/x/a.csv",
        "re_views/smoke/a.csv",
        "smoke/a.csv",
        "reviews",
        "reviews/smoke",
        "reviews/smoke/x/a.csv",
        "reviews/exam/a/b/c.csv",
        "",
    ],
)
def test_other_keys_are_not(key: str) -> None:
    assert not is_read_in_place(key)
