"""Batches at their limits: what just fits, what does not, and the bytes that names and tokens are made of."""

import hashlib
import json
from typing import Any
from unittest.mock import patch

import pytest

from governor.domain import batch
from governor.domain.batch import FEWEST_BYTES, Settled, dataset_name, manifest_of, plan, token
from tests.unit.test_batch import BIG, an_upload, newest_of, planned


@pytest.mark.parametrize(("form", "limit"), [("csv", "MOST_BYTES"), ("jsonl", "MOST_RECOGNIZER_BYTES")])
@pytest.mark.parametrize("over", [0, 1])
def test_a_dataset_is_filled_to_the_byte(form: str, limit: str, over: int) -> None:
    uploads = an_upload(1, size=BIG - 600, form=form), an_upload(2, size=600 + over, form=form)
    with patch.object(batch, limit, BIG):
        result = plan(uploads, newest_of(*uploads), {}, can_test_alone=False, form=form)
    assert result.chosen == (uploads if not over else uploads[:1])
    assert result.waiting == (() if not over else uploads[1:])


@pytest.mark.parametrize(("form", "limit"), [("csv", "MOST_DOCUMENTS"), ("jsonl", "MOST_RECOGNIZER_DOCUMENTS")])
@pytest.mark.parametrize("kind", ["train", "test"])
@pytest.mark.parametrize("over", [0, 1])
def test_a_dataset_is_filled_to_the_document(form: str, limit: str, kind: Any, over: int) -> None:
    uploads = tuple(
        an_upload(number, documents=documents, kind=kind, form=form)
        for number, documents in enumerate((400, 300, 300 + over), 1)
    )
    with patch.object(batch, limit, 1000):
        result = plan(uploads, newest_of(*uploads), {}, can_test_alone=True, form=form)
    assert result.chosen == (uploads if not over else uploads[:2])


def test_a_batch_has_as_many_uploads_as_a_turn_can_register() -> None:
    uploads = [an_upload(number) for number in range(3)]
    with patch.object(batch, "MOST_UPLOADS", 2):
        assert planned(*uploads).chosen == tuple(uploads[:2])


def test_what_came_first_is_chosen_first_whatever_its_id() -> None:
    late, early, unknown = (
        an_upload(1, pending="2026-11-22"),
        an_upload(2, pending="2026-11-21"),
        an_upload(3, pending=None),
    )
    assert planned(late, early, unknown).chosen == (unknown, early, late)


def test_an_upload_in_another_form_is_set_aside_and_ends_nothing() -> None:
    other, wanted = an_upload(1, form="jsonl"), an_upload(2)
    result = planned(other, wanted)
    assert (result.chosen, result.other_form, result.waiting) == ((wanted,), (other,), ())


def test_an_upload_whose_kind_nobody_wrote_down_is_for_training() -> None:
    upload = an_upload(kind=None)
    assert planned(upload).chosen == (upload,)


def test_a_copy_is_refused_with_the_name_of_the_first() -> None:
    first, copy = an_upload(1), an_upload(2, sha256=an_upload(1).sha256)
    reason = f"DuplicateContent: the same content came before, as {first.key}."
    assert planned(first, copy).settled == (Settled(copy.id, "REFUSED", reason),)


def test_uploads_whose_content_nobody_wrote_down_are_no_copies_of_each_other() -> None:
    uploads = an_upload(1, sha256=None), an_upload(2, sha256=None)
    result = planned(*uploads)
    assert (result.chosen, result.settled) == (uploads, ())


@pytest.mark.parametrize(
    ("sizes", "kept_tests", "told"),
    [
        ({}, False, []),
        ({"train": 1}, False, ["Only 1 bytes of TRAIN"]),
        ({"test": 1}, False, ["Only 1 bytes of TEST data"]),
        ({"test": 1}, True, ["there is no model to score yet"]),
        ({"train": FEWEST_BYTES - 1, "test": 1}, True, ["Only 499 bytes of TRAIN", "there is no model to score yet"]),
        ({"train": FEWEST_BYTES, "test": 1}, True, []),
        ({"test": FEWEST_BYTES}, False, ["there is no model to score yet"]),
        ({"train": FEWEST_BYTES, "test": FEWEST_BYTES - 1}, False, ["Only 499 bytes of TEST data"]),
        ({"train": FEWEST_BYTES, "test": FEWEST_BYTES}, False, []),
    ],
)
def test_whoever_waits_is_told_for_what(sizes: dict[Any, int], kept_tests: bool, told: list[str]) -> None:
    uploads = [an_upload(number, kind=kind, size=size) for number, (kind, size) in enumerate(sizes.items())]
    result = plan(uploads, newest_of(*uploads), {}, can_test_alone=False, kept_tests=kept_tests)
    assert len(result.too_few) == len(told)
    assert all(part in sentence for part, sentence in zip(told, result.too_few, strict=True))


def test_a_manifest_is_these_bytes() -> None:
    upload = an_upload(7, key="reviews/train/\u00e4.csv", counts={"b": 4, "a": 6})
    manifest = manifest_of("reviews", 4, [upload])
    assert manifest == (
        b'{"batch":4,"flywheel":"reviews","schema":1,"uploads":[{"counts":{"a":6,"b":4},"documents":10,'
        b'"key":"reviews/train/\\u00e4.csv","kind":"train","sha256":"' + b"0" * 63 + b'7","size":500,'
        b'"staged":"staging/reviews/7/","upload":"id0007","version":"v1"}]}'
    )
    assert json.loads(manifest)["uploads"][0]["key"] == upload.key


def test_names_and_tokens_are_these() -> None:
    assert dataset_name(4, "train", "0123456789abcdef") == "4-train-0123456789ab"
    assert token("a", "b") == hashlib.sha256(b"a\0b").hexdigest()
