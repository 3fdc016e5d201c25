"""Puts the adapters together, once per container and each only when it is first asked for.

A cold start pays for what its function uses.
"""

import secrets
from datetime import UTC, datetime
from functools import cache, cached_property
from typing import Any

import boto3

from governor.adapters.analyses import ROW, DynamoAnalyses
from governor.adapters.approvals import DynamoApprovals, KmsTokenVault
from governor.adapters.aws import ONE_TRY, STANDARD
from governor.adapters.batches import DynamoBatches
from governor.adapters.comprehend import AwsComprehend, data_security
from governor.adapters.documents import S3Documents
from governor.adapters.dynamodb import Table
from governor.adapters.emptying import S3Emptying
from governor.adapters.endpoint_use import CloudWatchEndpointUse
from governor.adapters.endpoints import AwsEndpoints
from governor.adapters.exams import S3Exams
from governor.adapters.heads import DynamoHeads, DynamoTurnLog
from governor.adapters.jobs import AwsJobs
from governor.adapters.messaging import SnsMail, SqsInspectQueue, StepFunctionsMachine
from governor.adapters.models import AwsModels
from governor.adapters.policy_table import DynamoPolicies, PolicyWriter
from governor.adapters.serving import DynamoNotices, DynamoServing
from governor.adapters.storage import S3Dropping, S3Inbox, S3Records, S3Staging
from governor.adapters.telemetry import EmbeddedMeter, EventBridgeBus, StructuredLog
from governor.adapters.upkeep import DynamoRetirements, DynamoTeardowns
from governor.adapters.uploads import DynamoUploads
from governor.config import Deployment, from_environment


class SystemClock:
    """Implements `ports.Clock`."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class SystemRandomness:
    """Implements `ports.Randomness`."""

    def nonce(self) -> str:
        return secrets.token_urlsafe(32)

    def code(self) -> str:
        return f"{secrets.randbelow(1_000_000):06}"


class AwsPorts:
    """Implements `ports.Ports` on AWS. `session` makes the boto3 clients: by default the container's own."""

    def __init__(
        self, deployment: Deployment, session: Any = boto3, *, clock: Any = None, randomness: Any = None
    ) -> None:
        self._deployment = deployment
        self._session = session
        self.clock = clock or SystemClock()
        self.randomness = randomness or SystemRandomness()

    def _client(self, service: str, config: Any = STANDARD) -> Any:
        return self._session.client(service, config=config)

    @cached_property
    def _dynamodb(self) -> Any:
        return self._client("dynamodb")

    @cached_property
    def _s3(self) -> Any:
        return self._client("s3")

    @cached_property
    def _sns(self) -> Any:
        return self._client("sns")

    @cached_property
    def _ledger(self) -> Table:
        return Table(self._dynamodb, self._deployment.get("LEDGER_TABLE_NAME"))

    @cached_property
    def _policy_table(self) -> Table:
        return Table(self._dynamodb, self._deployment.get("POLICY_TABLE_NAME"))

    @cached_property
    def heads(self) -> DynamoHeads:
        return DynamoHeads(self._ledger)

    @cached_property
    def turns(self) -> DynamoTurnLog:
        return DynamoTurnLog(self._ledger)

    @cached_property
    def uploads(self) -> DynamoUploads:
        return DynamoUploads(self._ledger)

    @cached_property
    def documents(self) -> DynamoUploads:
        return DynamoUploads(self._ledger, partition="D#", held_row=ROW)

    @cached_property
    def analyses(self) -> DynamoAnalyses:
        return DynamoAnalyses(self._ledger)

    @cached_property
    def batches(self) -> DynamoBatches:
        return DynamoBatches(self._ledger)

    @cached_property
    def serving(self) -> DynamoServing:
        return DynamoServing(self._ledger)

    @cached_property
    def notices(self) -> DynamoNotices:
        return DynamoNotices(self._ledger)

    @cached_property
    def policies(self) -> DynamoPolicies:
        return DynamoPolicies(self._policy_table)

    @cached_property
    def policy_writer(self) -> PolicyWriter:
        return PolicyWriter(self._policy_table)

    @cached_property
    def approvals(self) -> DynamoApprovals:
        return DynamoApprovals(Table(self._dynamodb, self._deployment.get("APPROVALS_TABLE_NAME")))

    @cached_property
    def vault(self) -> KmsTokenVault:
        return KmsTokenVault(self._client("kms"), self._deployment.get("APPROVAL_KEY_ID"))

    @cached_property
    def comprehend(self) -> AwsComprehend:
        client, promoter = self._client("comprehend"), self._client("comprehend", ONE_TRY)
        account = self._deployment.get("ACCOUNT_ID")
        return AwsComprehend(
            client,
            promoter,
            arn_prefix=f"arn:{client.meta.partition}:comprehend:{client.meta.region_name}:{account}",
            data_access_role=self._deployment.values.get("DATA_ACCESS_ROLE_ARN", ""),
            lake_uri=f"s3://{self._deployment.values.get('LAKE_BUCKET_NAME', '')}/lakes",
            security=data_security(self._deployment.values),
        )

    @cached_property
    def endpoints(self) -> AwsEndpoints:
        client = self._client("comprehend")
        account = self._deployment.get("ACCOUNT_ID")
        prefix = f"arn:{client.meta.partition}:comprehend:{client.meta.region_name}:{account}"
        return AwsEndpoints(client, prefix, self._deployment.values.get("DATA_ACCESS_ROLE_ARN", ""))

    @cached_property
    def endpoint_use(self) -> CloudWatchEndpointUse:
        return CloudWatchEndpointUse(self._client("cloudwatch"))

    @cached_property
    def jobs(self) -> AwsJobs:
        role = self._deployment.values.get("DATA_ACCESS_ROLE_ARN", "")
        return AwsJobs(self._client("comprehend"), role, data_security(self._deployment.values))

    @cached_property
    def lake(self) -> S3Documents:
        return S3Documents(self._s3, self._deployment.get("LAKE_BUCKET_NAME"), self._deployment.get("ACCOUNT_ID"))

    @cached_property
    def exams(self) -> S3Exams:
        return S3Exams(self._s3, self._deployment.get("LAKE_BUCKET_NAME"), self._deployment.get("ACCOUNT_ID"))

    @cached_property
    def analysis_machine(self) -> StepFunctionsMachine:
        return StepFunctionsMachine(self._client("stepfunctions"), self._deployment.get("ANALYSIS_MACHINE_ARN"))

    @cached_property
    def models(self) -> AwsModels:
        return AwsModels(self._client("comprehend"))

    @cached_property
    def retirements(self) -> DynamoRetirements:
        return DynamoRetirements(self._ledger)

    @cached_property
    def teardowns(self) -> DynamoTeardowns:
        return DynamoTeardowns(self._ledger)

    def emptying(self, bucket: str) -> S3Emptying:
        """A bucket that a person empties."""
        return S3Emptying(self._s3, bucket, self._deployment.get("ACCOUNT_ID"))

    @cached_property
    def inbox(self) -> S3Inbox:
        return S3Inbox(self._s3, self._deployment.get("INBOX_BUCKET_NAME"), self._deployment.get("ACCOUNT_ID"))

    @cached_property
    def dropping(self) -> S3Dropping:
        return S3Dropping(self._s3, self._deployment.get("INBOX_BUCKET_NAME"), self._deployment.get("ACCOUNT_ID"))

    @cached_property
    def staging(self) -> S3Staging:
        return S3Staging(self._s3, self._deployment.get("LAKE_BUCKET_NAME"), self._deployment.get("ACCOUNT_ID"))

    @cached_property
    def records(self) -> S3Records:
        return S3Records(self._s3, self._deployment.get("RECORDS_BUCKET_NAME"), self._deployment.get("ACCOUNT_ID"))

    @cached_property
    def inspect_queue(self) -> SqsInspectQueue:
        return SqsInspectQueue(self._client("sqs"), self._deployment.get("INSPECT_QUEUE_URL"))

    @cached_property
    def machine(self) -> StepFunctionsMachine:
        return StepFunctionsMachine(self._client("stepfunctions"), self._deployment.get("FLYWHEEL_MACHINE_ARN"))

    @cached_property
    def notice_mail(self) -> SnsMail:
        return SnsMail(self._sns, self._deployment.get("NOTICE_TOPIC_ARN"))

    @cached_property
    def approval_mail(self) -> SnsMail:
        return SnsMail(self._sns, self._deployment.get("APPROVAL_TOPIC_ARN"))

    @cached_property
    def bus(self) -> EventBridgeBus:
        return EventBridgeBus(self._client("events"))

    @cached_property
    def meter(self) -> EmbeddedMeter:
        return EmbeddedMeter()

    @cached_property
    def log(self) -> StructuredLog:
        return StructuredLog()

    @property
    def approval_page_url(self) -> str:
        return self._deployment.get("APPROVAL_PAGE_URL")


@cache
def ports() -> AwsPorts:
    """Return this container's adapters."""
    return AwsPorts(from_environment())
