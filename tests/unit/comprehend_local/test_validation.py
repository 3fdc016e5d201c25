from timeit import timeit
from typing import Any

import pytest
import regex

from comprehend_local.service.errors import ServiceError
from comprehend_local.service.model import operation, service_model
from comprehend_local.service.patterns import matcher
from comprehend_local.service.validation import accepted, violations

ROLE = "arn:aws:iam::000000000000:role/data"
ENDPOINT = "arn:aws:comprehend:us-east-1:000000000000:document-classifier-endpoint/news"
GOOD: dict[str, Any] = {
    "FlywheelName": "news",
    "DataAccessRoleArn": ROLE,
    "DataLakeS3Uri": "s3://lake/lakes",
    "ModelType": "DOCUMENT_CLASSIFIER",
    "TaskConfig": {"LanguageCode": "en", "DocumentClassificationConfig": {"Mode": "MULTI_CLASS", "Labels": ["a", "b"]}},
}


def create(**changes: Any) -> None:
    shape = operation("CreateFlywheel")
    assert shape is not None
    accepted(shape.input_shape, {**GOOD, **changes})


def labels(*names: str) -> dict[str, Any]:
    return {"LanguageCode": "en", "DocumentClassificationConfig": {"Mode": "MULTI_CLASS", "Labels": list(names)}}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"FlywheelName": "a" * 63},
        {"FlywheelName": "a--b-c1"},
        {"ClientRequestToken": "a" * 64},
        {"DataLakeS3Uri": "s3://lake"},
        {"TaskConfig": labels(*(f"label {n}" for n in range(1000)))},
        {"TaskConfig": labels("é" * 5000, "日本")},
        {"Tags": [{"Key": "k", "Value": ""}]},
        {"DataSecurityConfig": {"ModelKmsKeyId": "alias/x"}},
        {"SomethingNew": 1},
    ],
)
def test_values_at_their_bounds_pass(changes: dict[str, Any]) -> None:
    create(**changes)


@pytest.mark.parametrize(
    ("changes", "code", "part"),
    [
        ({"FlywheelName": None}, "ValidationException", "Value null at 'flywheelName'"),
        ({"FlywheelName": "a" * 64}, "ValidationException", "length less than or equal to 63"),
        ({"FlywheelName": "a_b"}, "ValidationException", "regular expression pattern"),
        ({"FlywheelName": "news\n"}, "ValidationException", "regular expression pattern"),
        ({"FlywheelName": 7}, "SerializationException", "must be a string, not a number"),
        ({"ClientRequestToken": "a" * 65}, "ValidationException", "less than or equal to 64"),
        ({"ClientRequestToken": ""}, "ValidationException", "greater than or equal to 1"),
        ({"DataAccessRoleArn": "arn:aws:iam::1:role/x"}, "ValidationException", "'dataAccessRoleArn'"),
        ({"DataLakeS3Uri": "s3://Lake"}, "ValidationException", "'dataLakeS3Uri'"),
        ({"ModelType": "OTHER"}, "ValidationException", "enum value set: [DOCUMENT_CLASSIFIER, ENTITY_RECOGNIZER]"),
        ({"TaskConfig": {"DocumentClassificationConfig": {}}}, "ValidationException", "2 validation errors detected"),
        ({"TaskConfig": labels(*"ab" * 501)}, "ValidationException", "less than or equal to 1000"),
        ({"TaskConfig": labels("a" * 5001)}, "ValidationException", "less than or equal to 5000"),
        ({"TaskConfig": labels("a\tb")}, "ValidationException", "labels.1.member"),
        ({"TaskConfig": []}, "SerializationException", "must be a structure, not a list"),
        ({"DataSecurityConfig": {"ModelKmsKeyId": "schlüssel"}}, "ValidationException", "modelKmsKeyId"),
        (
            {"DataSecurityConfig": {"VpcConfig": {"SecurityGroupIds": [], "Subnets": ["s-1"]}}},
            "ValidationException",
            "'dataSecurityConfig.vpcConfig.securityGroupIds' failed",
        ),
        ({"Tags": [{"Key": True}]}, "SerializationException", "not a boolean"),
    ],
)
def test_values_past_their_bounds_do_not(changes: dict[str, Any], code: str, part: str) -> None:
    with pytest.raises(ServiceError) as caught:
        create(**changes)

    assert caught.value.code == code
    assert part in caught.value.message


def test_a_long_value_is_not_repeated_in_full() -> None:
    with pytest.raises(ServiceError) as caught:
        create(FlywheelName="x" * 5000)

    assert len(caught.value.message) < 300


def test_every_pattern_of_the_service_model_can_be_checked() -> None:
    model = service_model()
    strings = [model.shape_for(name) for name in model.shape_names]
    with_pattern = [shape for shape in strings if shape.type_name == "string" and "pattern" in shape.metadata]

    assert len(with_pattern) > 20
    for shape in with_pattern:
        list(violations(shape, "a"))


def test_what_is_null_or_unknown_is_not_seen_at_any_depth() -> None:
    shape = operation("CreateFlywheel")
    assert shape is not None
    security = {"ModelKmsKeyId": None, "SomethingNew": 1, "VolumeKmsKeyId": "key"}

    seen = accepted(shape.input_shape, {**GOOD, "Tags": None, "Else": {}, "DataSecurityConfig": security})

    assert seen == {**GOOD, "DataSecurityConfig": {"VolumeKmsKeyId": "key"}}


@pytest.mark.parametrize(
    ("name", "request_", "part"),
    [
        ("ListFlywheels", {"MaxResults": 2**31}, "does not fit into integer"),
        ("ListFlywheels", {"MaxResults": 1.0}, "not a number"),
        ("ListFlywheels", {"Filter": {"CreationTimeAfter": float("inf")}}, "finite"),
        ("ListFlywheels", {"Filter": {"CreationTimeAfter": "2026-01-01"}}, "not a string"),
        ("ClassifyDocument", {"EndpointArn": "x", "Text": "a \ud800"}, "surrogate"),
        ("ClassifyDocument", {"EndpointArn": "x", "Bytes": "not base64"}, "base64"),
        ("ClassifyDocument", {"EndpointArn": "x", "Bytes": "ä"}, "base64"),
    ],
)
def test_what_the_protocol_cannot_carry_is_no_value(name: str, request_: dict[str, Any], part: str) -> None:
    shape = operation(name)
    assert shape is not None
    with pytest.raises(ServiceError) as caught:
        accepted(shape.input_shape, request_)

    assert caught.value.code == "SerializationException"
    assert part in caught.value.message


def test_bytes_are_measured_decoded() -> None:
    shape = operation("ClassifyDocument")
    assert shape is not None
    found = violations(shape.input_shape, {"EndpointArn": ENDPOINT, "Bytes": ""})

    assert found == [
        "Value '' at 'bytes' failed to satisfy constraint: Member must have length greater than or equal to 1"
    ]


def test_what_the_model_calls_sensitive_is_not_repeated() -> None:
    shape = operation("ClassifyDocument")
    assert shape is not None

    assert violations(shape.input_shape, {"EndpointArn": ENDPOINT, "Text": ""})[0].startswith("Value at 'text' failed")


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        (r"^\P{C}*$", ["", "a b", "日本 é", "\U0001f600"], ["a\u200bb", "\x00", "\ue000", "a\n", "\u0378"]),
        (r"^([\p{L}\p{Z}\p{N}_.:/=+\-%@]*)$", ["job 1", "é\u00a0²", "\u2028"], ["a\tb", "a\n", "e\u0301", "(", "é("]),
        (r"^\p{ASCII}+$", ["a\x00\n", "\x7f"], ["", "é"]),
        (
            r"s3://b(/.*)?",
            ["s3://b", "s3://b/", "s3://b/é\t"],
            ["s3://b/\n", "s3://b/\r", "s3://b/\u2028", "s3://b/\u0085"],
        ),
        (r"^[a-z\s.]*$", ["a\x0b.\f"], ["\u00a0", "é", "\u2003"]),
        (r"[\u0009\u0020-\u00FF]+", ["\t ÿ"], ["\n", "Ā", "\x00"]),
    ],
)
def test_patterns_are_java_s(pattern: str, matching: list[str], other: list[str]) -> None:
    assert [value for value in matching if not matcher(pattern)(value)] == []
    assert [value for value in other if matcher(pattern)(value)] == []
    expected = regex.compile(pattern.replace(".*", r"[^\n\r\u0085\u2028\u2029]*").replace(r"\s", r" \t-\r"))
    assert all(expected.fullmatch(value) for value in matching)
    assert not any(expected.fullmatch(value) for value in other)


def test_categories_of_another_kind_are_refused() -> None:
    with pytest.raises(ValueError, match="Greek"):
        matcher(r"\p{Greek}")


def test_a_call_in_real_time_is_checked_in_no_time() -> None:
    """Measured: 2 microseconds, 8 with the longest text in letters beyond ASCII."""
    shape = operation("ClassifyDocument")
    assert shape is not None
    request = {"EndpointArn": ENDPOINT, "Text": "wörter " * 1400}
    taken = [timeit(lambda: accepted(shape.input_shape, request), number=100) / 100 for _ in range(5)]

    assert min(taken) < 0.0001
