"""The sample events: each is what its contract takes, or what it refuses, and none is without a test."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from governor.contracts import (
    AnalysisExecutionInput,
    ExecutionEnded,
    ExecutionInput,
    InspectMessage,
    ObjectCreated,
    parse,
)
from governor.domain.errors import InvalidInputError
from governor.domain.upload import Place, is_read_in_place, place_of, upload_id
from governor.usecases.approval_form import AnswerForm, FormFaults, read_form

EVENTS = Path(__file__).parents[2] / "events"
TAKEN: dict[str, type[BaseModel]] = {
    "object_created_train": ObjectCreated,
    "object_created_documents": ObjectCreated,
    "object_created_must_pass": ObjectCreated,
    "object_created_outside_the_layout": ObjectCreated,
    "object_created_test_without_version": ObjectCreated,
    "execution_failed": ExecutionEnded,
    "execution_aborted": ExecutionEnded,
    "execution_timed_out": ExecutionEnded,
    "start_turn_by_hand": ExecutionInput,
    "start_turn_numbered": ExecutionInput,
    "iterate_by_hand": ExecutionInput,
    "start_analysis_by_hand": AnalysisExecutionInput,
}
REFUSED: dict[str, tuple[type[BaseModel], str]] = {
    "object_deleted": (ObjectCreated, "detail-type"),
    "execution_succeeded": (ExecutionEnded, "detail.status"),
    "start_turn_with_a_bad_name": (ExecutionInput, "flywheel"),
    "start_turn_with_an_unknown_field": (ExecutionInput, "iterat"),
}
QUEUES: dict[str, type[BaseModel]] = {
    "uploads_queue_two_messages": ObjectCreated,
    "inspect_queue_one_message": InspectMessage,
    "ended_executions_queue_one_message": ExecutionEnded,
}
PAGES = {"page_get", "page_post", "page_post_without_code"}
SWEEPS = {"sweep_every_minute", "sweep_closely_by_hand"}


def event(name: str) -> Any:
    return json.loads((EVENTS / f"{name}.json").read_text("utf-8"))


@pytest.mark.parametrize(("name", "contract"), TAKEN.items())
def test_an_event_is_what_its_contract_takes(name: str, contract: type[BaseModel]) -> None:
    parse(contract, event(name))


@pytest.mark.parametrize("name", REFUSED)
def test_an_event_of_another_kind_is_refused_with_the_path_that_is_wrong(name: str) -> None:
    contract, path = REFUSED[name]
    with pytest.raises(InvalidInputError, match=rf"\b{path}: "):
        parse(contract, event(name))


@pytest.mark.parametrize(("name", "contract"), QUEUES.items())
def test_a_queue_s_messages_carry_events(name: str, contract: type[BaseModel]) -> None:
    for record in event(name)["Records"]:
        parse(contract, json.loads(record["body"]))


def test_every_sample_is_tested() -> None:
    assert {path.stem for path in EVENTS.iterdir()} == {*TAKEN, *REFUSED, *QUEUES, *PAGES, *SWEEPS}


def test_a_key_arrives_raw_and_leads_to_its_flywheel() -> None:
    created = parse(ObjectCreated, event("object_created_train")).detail
    assert created.object.key == "reviews/train/november (1).csv"
    assert created.object.version_id == "nYfP8E1Bq0gTzqMmKQmKq1c7tqvMIxaP"
    assert place_of(created.object.key) == Place("reviews", "train")
    documents = parse(ObjectCreated, event("object_created_documents")).detail.object.key
    assert place_of(documents) == Place("reviews", "documents")
    message = json.loads(event("inspect_queue_one_message")["Records"][0]["body"])
    assert message["upload"] == upload_id(created.bucket.name, created.object.key, created.object.version_id or "")


def test_an_event_without_version_and_one_outside_the_layout_are_still_events() -> None:
    assert parse(ObjectCreated, event("object_created_test_without_version")).detail.object.version_id is None
    assert place_of(parse(ObjectCreated, event("object_created_outside_the_layout")).detail.object.key) is None
    assert is_read_in_place(parse(ObjectCreated, event("object_created_must_pass")).detail.object.key)


def test_by_hand_there_is_no_turn_number() -> None:
    assert parse(ExecutionInput, event("start_turn_by_hand")) == ExecutionInput(flywheel="reviews")
    assert parse(ExecutionInput, event("iterate_by_hand")).iterate
    assert parse(ExecutionInput, event("start_turn_numbered")).turn == 5
    by_hand = parse(AnalysisExecutionInput, event("start_analysis_by_hand"))
    assert by_hand == AnalysisExecutionInput(flywheel="reviews")


def test_an_ended_execution_names_itself() -> None:
    detail = parse(ExecutionEnded, event("execution_failed")).detail
    assert detail.execution_arn.endswith(f":{detail.name}")


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_page_s_request_has_what_the_function_reads(name: str) -> None:
    request = event(name)
    assert request["requestContext"]["http"]["method"] == ("GET" if name == "page_get" else "POST")
    assert len(request["rawPath"]) == 1 + 43


def test_the_page_s_form_is_an_answer_only_with_a_code() -> None:
    assert isinstance(read_form(_form("page_post")), AnswerForm)
    assert isinstance(read_form(_form("page_post_without_code")), FormFaults)


def _form(name: str) -> bytes:
    return base64.b64decode(event(name)["body"])
