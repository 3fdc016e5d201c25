"""ClassifyDocument and DetectEntities."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from botocore.exceptions import ClientError

from comprehend_local import Settings
from comprehend_local.arns import Scope

from .kinds import MULTI_LABEL, labelled, recognizer_with_model
from .lab import ACCOUNT, MISLABELLED, WORDS, Lab, code_of, rows
from .serving import create_endpoint

MISSING = f"arn:aws:comprehend:us-east-1:{ACCOUNT}:document-classifier-endpoint/missing"


@pytest.fixture
def live(lab: Lab) -> str:
    """An endpoint of a classifier of three classes."""
    return create_endpoint(lab, FlywheelArn=lab.flywheel_with_model()[0])


def test_classes(lab: Lab, live: str) -> None:
    found = lab.client.classify_document(EndpointArn=live, Text=WORDS["pets"])

    assert found["Classes"][0]["Name"] == "pets"
    assert sorted(item["Name"] for item in found["Classes"]) == sorted(WORDS)
    assert sum(item["Score"] for item in found["Classes"]) == pytest.approx(1, abs=0.001)
    assert all({*item} == {"Name", "Score"} for item in found["Classes"])
    assert {"Labels", "DocumentMetadata", "DocumentType"}.isdisjoint(found)


def test_scores_are_four_decimals_in_single_precision(lab: Lab, live: str) -> None:
    found = lab.client.classify_document(EndpointArn=live, Text="cat wheel bread")["Classes"]

    for item in found:
        assert item["Score"] == float(np.float32(round(item["Score"], 4)))


@pytest.mark.parametrize(("most", "expected"), [(3, 3), (2, 2), (0, 3), (9, 3)])
def test_how_many_classes_are_listed_is_a_setting(build: Callable[..., Lab], most: int, expected: int) -> None:
    lab = build(Settings.instant(most_classes=most))
    arn = create_endpoint(lab, FlywheelArn=lab.flywheel_with_model()[0])

    assert len(lab.client.classify_document(EndpointArn=arn, Text="cat")["Classes"]) == expected


def test_labels_of_a_multi_label_model(build: Callable[..., Lab]) -> None:
    lab = build(Settings.instant(most_classes=1))
    flywheel = lab.create_flywheel(TaskConfig=MULTI_LABEL)
    lab.create_dataset(flywheel, "train-1", labelled(20))
    lab.promote(flywheel, lab.iterate(flywheel)["TrainedModelArn"])
    arn = create_endpoint(lab, FlywheelArn=flywheel)

    two = lab.client.classify_document(EndpointArn=arn, Text=f"{WORDS['food']} {WORDS['pets']} 3")
    one = lab.client.classify_document(EndpointArn=arn, Text="nothing of all this")

    assert "Classes" not in two
    assert sorted(item["Name"] for item in two["Labels"]) == ["food", "pets"], "all from 0.5 on"
    assert len(one["Labels"]) >= 1


def test_entities(lab: Lab) -> None:
    arn = create_endpoint(lab, FlywheelArn=recognizer_with_model(lab)[0])
    text = "Ünlü day: Grace travelled to Oslo by train"

    # The service's model lists the built-in types only, so the answer is read as it came.
    found = lab.client.detect_entities(EndpointArn=arn, Text=text, LanguageCode="de")["Entities"]

    assert [(item["Type"], item["Text"]) for item in found] == [("PERSON", "Grace"), ("CITY", "Oslo")]
    assert all(text[item["BeginOffset"] : item["EndOffset"]] == item["Text"] for item in found)
    assert all(0 < item["Score"] <= 1 for item in found)


def test_plain_text_as_bytes(lab: Lab, live: str) -> None:
    found = lab.client.classify_document(
        EndpointArn=live,
        Bytes=f"{WORDS['cars']} ü".encode(),
        DocumentReaderConfig={"DocumentReadAction": "TEXTRACT_DETECT_DOCUMENT_TEXT"},
    )

    assert found["Classes"][0]["Name"] == "cars"
    assert found["Classes"][0]["Page"] == 1
    count = len(WORDS["cars"]) + 2
    assert found["DocumentMetadata"] == {"Pages": 1, "ExtractedCharacters": [{"Page": 1, "Count": count}]}
    assert found["DocumentType"] == [{"Page": 1, "Type": "PLAIN_TEXT"}]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"%PDF-1.7 ...", "UNSUPPORTED_DOC_TYPE"),
        (b"\x89PNG\r\n", "UNSUPPORTED_DOC_TYPE"),
        (b"PK\x03\x04docx", "UNSUPPORTED_DOC_TYPE"),
        (b"\xff\xfe\xfa", "UNSUPPORTED_DOC_TYPE"),
        (b"cat " * 5000, "DOCUMENT_SIZE_EXCEEDED"),
    ],
)
def test_documents_that_are_not_read(lab: Lab, live: str, content: bytes, reason: str) -> None:
    with pytest.raises(ClientError) as caught:
        lab.client.classify_document(EndpointArn=live, Bytes=content)

    assert caught.value.response["Error"]["Code"] == "InvalidRequestException"
    answer: dict[str, Any] = dict(caught.value.response)
    assert answer["Reason"] == "INVALID_DOCUMENT"
    assert answer["Detail"] == {"Reason": reason}


@pytest.mark.parametrize(
    ("text", "code"), [("ü" * 5000, "(no error)"), ("ü" * 5000 + "x", "TextSizeLimitExceededException")]
)
def test_the_limit_of_a_text_is_in_bytes(lab: Lab, live: str, text: str, code: str) -> None:
    assert code_of(lambda: lab.client.classify_document(EndpointArn=live, Text=text)) == code


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({}, "InvalidRequestException"),
        ({"Text": "cat", "Bytes": b"cat"}, "InvalidRequestException"),
        (
            {"Text": "cat", "DocumentReaderConfig": {"DocumentReadAction": "TEXTRACT_DETECT_DOCUMENT_TEXT"}},
            "InvalidRequestException",
        ),
        ({"Text": "cat", "EndpointArn": MISSING}, "ResourceUnavailableException"),
        (
            {
                "Text": "cat",
                "EndpointArn": "arn:aws:comprehend:us-east-1:aws:document-classifier-endpoint/prompt-safety",
            },
            "UnknownOperationException",
        ),
    ],
)
def test_calls_that_are_refused(lab: Lab, live: str, request_: dict[str, Any], code: str) -> None:
    assert code_of(lambda: lab.client.classify_document(**{"EndpointArn": live, **request_})) == code


def test_the_error_for_a_missing_endpoint_is_a_setting(build: Callable[..., Lab]) -> None:
    lab = build(Settings.instant(missing_endpoint_error="ResourceNotFoundException"))

    missing = code_of(lambda: lab.client.classify_document(EndpointArn=MISSING, Text="cat"))

    assert missing == "ResourceNotFoundException"


def test_the_built_in_entity_types_are_out_of_scope(lab: Lab) -> None:
    with pytest.raises(ClientError, match="does not imitate the built-in entity types") as caught:
        lab.client.detect_entities(Text="Ada", LanguageCode="en")

    assert caught.value.response["Error"]["Code"] == "UnknownOperationException"


def test_an_endpoint_answers_once_it_is_in_service(build: Callable[..., Lab]) -> None:
    lab = build(Settings.instant(endpoint_creation_seconds=60, endpoint_deletion_seconds=60))
    arn = create_endpoint(lab, FlywheelArn=lab.flywheel_with_model()[0])

    def classify() -> Any:
        return lab.client.classify_document(EndpointArn=arn, Text="cat")

    assert code_of(classify) == "ResourceUnavailableException"
    lab.clock.advance(60)
    assert code_of(classify) == "(no error)"
    lab.client.delete_endpoint(EndpointArn=arn)
    assert code_of(classify) == "ResourceUnavailableException"
    lab.clock.advance(60)
    assert code_of(classify) == "ResourceUnavailableException"


def test_a_call_waits_for_no_transaction(lab: Lab, live: str) -> None:
    request = {"EndpointArn": live, "Text": WORDS["pets"]}
    lab.client.classify_document(**request)
    answers: list[dict[str, Any]] = []

    # The work that is due is what other calls would wait for; here it has all been done.
    classify = lab.server._operations["ClassifyDocument"]
    thread = threading.Thread(target=lambda: answers.append(classify(Scope(ACCOUNT, "us-east-1"), request)))
    with lab.server._store.transaction():
        thread.start()
        thread.join(timeout=5)
        assert answers
        assert answers[0]["Classes"][0]["Name"] == "pets"


def test_no_call_fails_while_the_model_changes(lab: Lab) -> None:
    flywheel, first = lab.flywheel_with_model()
    lab.create_dataset(flywheel, "train-2", rows(200, first=1000, labels=MISLABELLED))
    second = lab.iterate(flywheel)["TrainedModelArn"]
    request = {"EndpointArn": create_endpoint(lab, FlywheelArn=flywheel), "Text": WORDS["pets"]}
    answers: list[str] = []
    ended = threading.Event()

    def ask() -> None:
        while not ended.is_set():
            answers.append(lab.server.call("ClassifyDocument", request)["Classes"][0]["Name"])

    with ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(ask) for _ in range(4)]
        for _ in range(10):
            for model, expected in ((second, "food"), (first, "pets")):
                lab.promote(flywheel, model)
                assert lab.client.classify_document(**request)["Classes"][0]["Name"] == expected
        ended.set()
        for each in asking:
            each.result()

    assert {*answers} <= {"pets", "food"}
    assert answers
