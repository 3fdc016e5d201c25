from typing import Any

import pytest

from comprehend_local.service.errors import ServiceError
from comprehend_local.service.model import operation, service_model
from comprehend_local.service.validation import check, violations

ROLE = "arn:aws:iam::000000000000:role/data"
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
    check(shape.input_shape, {**GOOD, **changes})


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
