"""Buckets, tables, queues and topics are closed, durable, encrypted, and nothing is lost on an edge between them."""

from typing import Any

import pytest

from tests.contract.template import Tree, of_type, parsed, statements

BUCKETS = ["InboxBucket", "LakeBucket", "RecordsBucket"]
TABLES = ["PolicyTable", "LedgerTable", "ApprovalsTable"]
QUEUES = ["UploadsQueue", "InspectQueue", "EndedExecutionsQueue"]
DEAD_LETTER_QUEUES = ["UploadsDeadLetterQueue", "InspectDeadLetterQueue", "EndedExecutionsDeadLetterQueue"]
TOPICS = ["NoticeTopic", "ApprovalTopic"]
CONSUMERS = {"UploadsQueue": "AdmitUploads", "InspectQueue": "InspectUpload", "EndedExecutionsQueue": "Sweep"}
SOURCES = {"UploadsQueue": "UploadsRule", "EndedExecutionsQueue": "EndedExecutionsRule"}


def test_these_are_all(template: Tree) -> None:
    assert sorted(of_type(template, "AWS::S3::Bucket")) == sorted(BUCKETS)
    assert sorted(of_type(template, "AWS::DynamoDB::Table")) == sorted(TABLES)
    assert sorted(of_type(template, "AWS::SQS::Queue")) == sorted(QUEUES + DEAD_LETTER_QUEUES)
    assert sorted(of_type(template, "AWS::SNS::Topic")) == sorted(TOPICS)


@pytest.mark.parametrize("name", BUCKETS)
def test_a_bucket_is_versioned_private_encrypted_and_never_expires_data(template: Tree, name: str) -> None:
    bucket = template["Resources"][name]["Properties"]
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert bucket["PublicAccessBlockConfiguration"] == {
        "BlockPublicAcls": True,
        "BlockPublicPolicy": True,
        "IgnorePublicAcls": True,
        "RestrictPublicBuckets": True,
    }
    assert bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    for rule in bucket["LifecycleConfiguration"]["Rules"]:
        assert rule.keys() == {"Id", "Status", "AbortIncompleteMultipartUpload"}


def test_only_the_inbox_emits_events(template: Tree) -> None:
    emitting = [name for name in BUCKETS if "NotificationConfiguration" in template["Resources"][name]["Properties"]]
    assert emitting == ["InboxBucket"]


@pytest.mark.parametrize("name", BUCKETS + TABLES)
def test_data_outlives_the_stack(template: Tree, name: str) -> None:
    resource = template["Resources"][name]
    # A table that is protected from deletion cannot be deleted by a rollback either.
    assert resource["DeletionPolicy"] == ("Retain" if name in TABLES else "RetainExceptOnCreate")
    assert resource["UpdateReplacePolicy"] == "Retain"


@pytest.mark.parametrize("name", TABLES)
def test_a_table_can_be_restored_and_not_be_deleted_by_mistake(template: Tree, name: str) -> None:
    table = template["Resources"][name]["Properties"]
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["DeletionProtectionEnabled"] == {"Fn::If": ["ProtectsTables", True, False]}
    assert "TimeToLiveSpecification" not in table


def test_what_is_pending_can_be_read_consistently(template: Tree) -> None:
    table = template["Resources"]["LedgerTable"]["Properties"]
    assert "GlobalSecondaryIndexes" not in table
    keys = {index["IndexName"]: [key["AttributeName"] for key in index["KeySchema"]] for index in _indexes(table)}
    assert keys == {"by_pending": ["pk", "pending"], "by_admitted": ["pk", "admitted"]}
    assert all(index["Projection"] == {"ProjectionType": "ALL"} for index in _indexes(table))


def _indexes(table: Tree) -> list[Tree]:
    found: list[Tree] = table["LocalSecondaryIndexes"]
    return found


@pytest.mark.parametrize("name", QUEUES)
def test_a_queue_sets_aside_what_fails_and_waits_six_times_its_functions_timeout(template: Tree, name: str) -> None:
    queue = template["Resources"][name]["Properties"]
    assert queue["SqsManagedSseEnabled"] is True
    dead_letters = name.replace("Queue", "DeadLetterQueue")
    assert queue["RedrivePolicy"] == {
        "deadLetterTargetArn": {"Fn::GetAtt": [dead_letters, "Arn"]},
        "maxReceiveCount": 5,
    }
    consumer = template["Resources"][f"{CONSUMERS[name]}Function"]["Properties"]
    timeout = consumer.get("Timeout", template["Globals"]["Function"]["Timeout"])
    assert queue["VisibilityTimeout"] == 6 * timeout
    sources = [event["Properties"] for event in consumer["Events"].values() if event["Type"] == "SQS"]
    assert [source["Queue"] for source in sources] == [{"Fn::GetAtt": [name, "Arn"]}]
    assert sources[0]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert sources[0]["ScalingConfig"]["MaximumConcurrency"] >= 2


@pytest.mark.parametrize("name", DEAD_LETTER_QUEUES)
def test_a_dead_letter_is_kept_as_long_as_possible(template: Tree, name: str) -> None:
    queue = template["Resources"][name]["Properties"]
    assert queue == {"SqsManagedSseEnabled": True, "MessageRetentionPeriod": 14 * 24 * 3600}


@pytest.mark.parametrize("name", QUEUES + DEAD_LETTER_QUEUES)
def test_only_its_rule_may_send_to_a_queue_from_outside(template: Tree, name: str) -> None:
    policy = template["Resources"][f"{name}Policy"]["Properties"]
    assert policy["Queues"] == [{"Ref": name}]
    rule = SOURCES.get(name.replace("DeadLetter", ""))
    allowed = [statement for statement in statements(policy["PolicyDocument"]) if statement["Effect"] == "Allow"]
    if rule is None:
        assert allowed == []
        return
    assert [statement["Condition"] for statement in allowed] == [
        {"ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": [rule, "Arn"]}}}
    ]
    assert allowed[0]["Principal"] == {"Service": "events.amazonaws.com"}
    assert allowed[0]["Action"] == "sqs:SendMessage"


@pytest.mark.parametrize(("queue", "rule"), SOURCES.items())
def test_a_rule_sets_aside_what_it_cannot_deliver(template: Tree, queue: str, rule: str) -> None:
    targets = template["Resources"][rule]["Properties"]["Targets"]
    dead_letters = queue.replace("Queue", "DeadLetterQueue")
    assert [(target["Arn"], target["DeadLetterConfig"]) for target in targets] == [
        ({"Fn::GetAtt": [queue, "Arn"]}, {"Arn": {"Fn::GetAtt": [dead_letters, "Arn"]}})
    ]


@pytest.mark.parametrize("name", BUCKETS + QUEUES + DEAD_LETTER_QUEUES + TOPICS)
def test_nothing_is_reached_without_tls(template: Tree, name: str) -> None:
    assert _refuses_plain_text(template, name)


def test_a_missing_refusal_would_be_seen() -> None:
    template = parsed()
    template["Resources"]["InboxBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"] = []
    assert not _refuses_plain_text(template, "InboxBucket")


def _refuses_plain_text(template: Tree, name: str) -> bool:
    def refuses(statement: dict[str, Any]) -> bool:
        everybody = statement["Effect"] == "Deny" and statement["Principal"] == "*"
        return everybody and statement.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}

    policy = template["Resources"][f"{name}Policy"]["Properties"]["PolicyDocument"]
    return any(refuses(statement) for statement in statements(policy))


def test_to_subscribe_to_approvals_is_a_right_of_its_own(template: Tree) -> None:
    policy = template["Resources"]["ApprovalTopicPolicy"]["Properties"]["PolicyDocument"]
    denied = [statement for statement in statements(policy) if statement["Action"] == "sns:Subscribe"]
    assert [(statement["Effect"], statement["Principal"]) for statement in denied] == [("Deny", "*")]
    assert denied[0]["Condition"].keys() == {"ForAllValues:StringNotEquals", "ArnNotEquals"}
