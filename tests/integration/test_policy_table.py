"""The policy table on moto: versions, exactness, races, and rows that were spoilt by hand."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from governor.adapters.dynamodb import Table
from governor.adapters.policy_table import DynamoPolicies, PolicyWriter
from governor.domain.errors import PolicyMissingError
from governor.domain.policy import Policy
from governor.ports import PolicyVersion
from tests.unit.policies import a_policy

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ANN, BOB = "arn:aws:iam::123456789012:user/ann", "arn:aws:iam::123456789012:user/bob"


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[Table]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-west-1")
        client.create_table(
            TableName="policy",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        )
        yield Table(client, "policy")


def put(table: Table, policy: Policy, *, author: str = ANN, flywheel: str = "reviews", later: int = 0) -> Any:
    return PolicyWriter(table).put(flywheel, policy, author=author, now=NOW + timedelta(seconds=later))


def spoil(table: Table, **changes: Any) -> None:
    row = table.get({"pk": "P#reviews", "sk": "CURRENT"}) or {}
    table.put({name: value for name, value in (row | changes).items() if value is not None})


def test_every_write_is_a_version_that_stays(table: Table) -> None:
    first, second = a_policy(regression_margin=0.1), a_policy(regression_margin=0.2)
    one = put(table, first)
    two = put(table, second, author=BOB, later=1)
    assert (one.word, one.version, one.previous) == ("WRITTEN", PolicyVersion(1, ANN, NOW), None)
    assert (two.version.number, two.version.author, two.previous) == (2, BOB, one.version)
    policies = DynamoPolicies(table)
    assert policies.version("reviews") == 2
    assert (policies.current("reviews").version, policies.current("reviews").policy) == (2, second)
    assert policies.pinned("reviews", 1).policy == first
    assert policies.pinned("reviews", 2).policy == second


@pytest.mark.parametrize("number", [0.1, 1 / 3, 0.1 + 0.2, 5e-324, 1.0, 0.0])
def test_fractions_come_back_exactly(table: Table, number: float) -> None:
    policy = a_policy(regression_margin=number, gates=[{"metric": "f1", "at_least": number}])
    put(table, policy)
    assert DynamoPolicies(table).current("reviews").policy == policy


def test_the_document_can_be_read_in_the_console(table: Table) -> None:
    put(table, a_policy(flywheel={"language": "de", "mode": "MULTI_CLASS", "labels": ["Lob", "Beschwerde über"]}))
    row = table.get({"pk": "P#reviews", "sk": "CURRENT"}) or {}
    assert '"Beschwerde über"' in row["document"]
    assert row["document"].count("\n") > 10
    assert json.loads(row["document"])["batch"] == {"quiet_seconds": 120, "quiet_max_seconds": 900}
    assert (row["version"], row["author"]) == (1, ANN)


def test_the_same_policy_again_writes_nothing(table: Table) -> None:
    put(table, a_policy())
    again = put(table, a_policy(), author=BOB, later=9)
    assert (again.word, again.version) == ("SAME", PolicyVersion(1, ANN, NOW))
    assert DynamoPolicies(table).version("reviews") == 1


class _Overtaken(Table):
    """A table in which somebody else writes between a writer's look and its write."""

    def transact(self, writes: Any) -> None:
        put(Table(self._client, self._name), a_policy(regression_margin=0.5), author=BOB, later=5)
        super().transact(writes)


@pytest.mark.parametrize("before", [0, 1])
def test_the_loser_is_told_who_was_faster(table: Table, before: int) -> None:
    for _ in range(before):
        put(table, a_policy())
    lost = put(_Overtaken(table._client, "policy"), a_policy(regression_margin=0.3))
    assert (lost.word, lost.version) == ("LOST", PolicyVersion(before + 1, BOB, NOW + timedelta(seconds=5)))
    assert DynamoPolicies(table).current("reviews").policy.regression_margin == 0.5
    with pytest.raises(PolicyMissingError):
        DynamoPolicies(table).pinned("reviews", before + 2)


@pytest.mark.parametrize(
    ("before", "row"),
    [
        (1, {"sk": "V#2", "version": 2}),
        (1, {"sk": "CURRENT", "version": 9}),
        (0, {"sk": "V#1", "version": 1}),
        (0, {"sk": "CURRENT", "version": 9}),
    ],
    ids=str,
)
def test_no_row_that_came_meanwhile_is_overwritten(table: Table, before: int, row: dict[str, Any]) -> None:
    class Touched(Table):
        def transact(self, writes: Any) -> None:
            table.put({"pk": "P#reviews"} | row)
            super().transact(writes)

    for _ in range(before):
        put(table, a_policy())
    assert put(Touched(table._client, "policy"), a_policy(regression_margin=0.3)).word == "LOST"
    assert table.get({"pk": "P#reviews", "sk": row["sk"]}) == {"pk": "P#reviews"} | row


def test_names_are_those_with_a_current_policy(table: Table) -> None:
    assert DynamoPolicies(table).names() == []
    for flywheel in ("b", "a"):
        put(table, a_policy(), flywheel=flywheel)
        put(table, a_policy(regression_margin=0.9), flywheel=flywheel)
    assert DynamoPolicies(table).names() == ["a", "b"]


def test_a_flywheel_without_policy_says_how_to_get_one(table: Table) -> None:
    policies = DynamoPolicies(table)
    assert policies.version("reviews") == 0
    with pytest.raises(PolicyMissingError, match=r"reviews has no policy.*governor policy put"):
        policies.current("reviews")
    with pytest.raises(PolicyMissingError, match=r"has no version 3.*governor policy put"):
        policies.pinned("reviews", 3)


SPOILT: list[dict[str, Any]] = [
    {"document": None},
    {"document": "{"},
    {"document": {"gates": []}},
    {"document": "[]"},
    {"document": '{"gates": []}'},
    {"version": None},
    {"version": "one"},
    {"version": 0},
    {"author": None, "written_at": None, "document": "{}"},
]


@pytest.mark.parametrize("changes", SPOILT, ids=str)
def test_a_spoilt_row_is_no_policy_and_a_new_one_cures_it(table: Table, changes: dict[str, Any]) -> None:
    put(table, a_policy())
    spoil(table, **changes)
    policies = DynamoPolicies(table)
    with pytest.raises(PolicyMissingError, match="governor policy put"):
        policies.current("reviews")
    assert policies.version("reviews") == (1 if "version" not in changes else 0)
    cured = put(table, a_policy())
    assert (cured.word, cured.version.number) == ("WRITTEN", 2)
    assert policies.current("reviews").version == 2


def test_a_row_that_lost_its_stamp_only_is_still_a_policy(table: Table) -> None:
    put(table, a_policy())
    spoil(table, author=None, written_at=None)
    assert DynamoPolicies(table).current("reviews").version == 1
    assert put(table, a_policy()).version.number == 2


def test_a_version_that_was_once_used_is_never_used_again(table: Table) -> None:
    put(table, a_policy())
    old = table.get({"pk": "P#reviews", "sk": "CURRENT"}) or {}
    put(table, a_policy(regression_margin=0.5))
    table.put(old)
    assert put(table, a_policy(regression_margin=0.7)).version.number == 3
