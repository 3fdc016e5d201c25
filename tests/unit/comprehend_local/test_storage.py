from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from comprehend_local.service.data_access import AnyRole, DataAccess, DataError
from comprehend_local.service.storage import Found, S3Objects, StorageFailed


@pytest.fixture
def s3() -> Iterator[Any]:
    with mock_aws():
        client = boto3.client("s3", "us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
        client.create_bucket(Bucket="lake")
        for number in range(5):
            client.put_object(Bucket="lake", Key=f"in/{number}", Body=b"12345")
        yield client


def test_no_more_than_asked_for_is_listed(s3: Any) -> None:
    objects = S3Objects(s3)

    assert [item.key for item in objects.list("lake", "in/", 2)] == ["in/0", "in/1"]
    assert len(objects.list("lake", "in/")) == 5


def test_an_object_that_is_larger_than_the_list_said_is_not_read(s3: Any) -> None:
    objects = S3Objects(s3)

    assert objects.read("lake", "in/0", 5) == b"12345"
    with pytest.raises(StorageFailed, match="EntityTooLarge"):
        objects.read("lake", "in/0", 4)
    with pytest.raises(StorageFailed, match="NoSuchKey"):
        objects.read("lake", "in/9", 4)


class Lying(S3Objects):
    """Says of every object that it is small."""

    def list(self, bucket: str, prefix: str, most: int | None = None) -> list[Found]:
        return [Found(item.key, 1) for item in super().list(bucket, prefix, most)]


def read(s3: Any, largest: int, most: int, number: int) -> list[bytes]:
    access = DataAccess(Lying(s3), AnyRole(), "role", "arn")
    return [file.content for file in access.files("s3://lake/in/", largest=largest, most=most, number=number)]


def test_sizes_are_checked_again_while_reading(s3: Any) -> None:
    assert len(read(s3, 5, 25, 5)) == 5
    with pytest.raises(DataError, match="EntityTooLarge"):
        read(s3, 4, 25, 5)
    with pytest.raises(DataError, match="EntityTooLarge"):
        read(s3, 5, 24, 5)


def test_more_files_than_the_limit_are_refused_before_any_is_read(s3: Any) -> None:
    with pytest.raises(DataError, match="TOO_MANY_FILES: There are more than 4 objects at s3://lake/in/, the maximum"):
        read(s3, 5, 25, 4)
