"""The events and messages that functions get from other services."""

from typing import Literal

from pydantic import Field

from governor.contracts.base import AwsEvent, Payload


class _Bucket(AwsEvent):
    name: str


class _Object(AwsEvent):
    key: str
    size: int = 0
    version_id: str | None = Field(default=None, alias="version-id")


class _ObjectCreatedDetail(AwsEvent):
    bucket: _Bucket
    object: _Object


class ObjectCreated(AwsEvent):
    """EventBridge's `Object Created` of S3. Keys arrive raw, not URL-encoded.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
    """

    source: Literal["aws.s3"]
    account: str
    detail_type: Literal["Object Created"] = Field(alias="detail-type")
    detail: _ObjectCreatedDetail


class InspectMessage(Payload):
    """One upload that waits for inspection. `documents`: it is to be analysed."""

    flywheel: str
    upload: str
    documents: bool = False


class _ExecutionDetail(AwsEvent):
    execution_arn: str = Field(alias="executionArn")
    name: str
    status: Literal["FAILED", "TIMED_OUT", "ABORTED"]


class ExecutionEnded(AwsEvent):
    """EventBridge's `Step Functions Execution Status Change`.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
    """

    source: Literal["aws.states"]
    detail: _ExecutionDetail
