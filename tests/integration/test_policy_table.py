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
from governor.domain.policy_document import DEFAULTS, fingerprint, resolved_text, text_of
from governor.ports import PolicyRow
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


def write(table: Table, policy: Policy, *, author: str = ANN, flywheel: str = "reviews", later: int = 0) -> Any:
    """Write the policy over what is there now."""
    writer, document = PolicyWriter(table), resolved_text(policy)
    return writer.write(
        flywheel,
        document,
        text_of({"approval": policy.approval}),
        over=writer.current(flywheel),
        defaults=None,
        cause="file",
        author=author,
        now=NOW + timedelta(seconds=later),
    )


def spoil(table: Table, **changes: Any) -> None:
    row = table.get({"pk": "P#reviews", "sk": "CURRENT"}) or {}
    table.put({name: value for name, value in (row | changes).items() if value is not None})


def test_every_write_is_a_version_that_stays(table: Table) -> None:
    first, second = a_policy(regression_margin=0.1), a_policy(regression_margin=0.2)
    one = write(table, first)
    two = write(table, second, author=BOB, later=1)
    assert (one.number, one.author, one.written_at, one.edited) == (1, ANN, NOW, False)
    assert (two.number, two.author) == (2, BOB)
    policies, writer = DynamoPolicies(table), PolicyWriter(table)
    assert policies.version("reviews") == 2
    assert (policies.current("reviews").version, policies.current("reviews").policy) == (2, second)
    assert policies.pinned("reviews", 1).policy == first
    assert policies.pinned("reviews", 2).policy == second
    assert writer.history("reviews") == [one, two]
    assert (writer.current("reviews"), writer.version("reviews", 1)) == (two, one)
    assert writer.version("reviews", 3) is None
    assert json.loads(one.overrides) == {"approval": "replacement"}


def test_versions_are_in_the_order_of_their_numbers(table: Table) -> None:
    for number in range(11):
        write(table, a_policy(backoff_base_seconds=number + 1))
    assert [row.number for row in PolicyWriter(table).history("reviews")] == list(range(1, 12))


@pytest.mark.parametrize("number", [0.1, 1 / 3, 0.1 + 0.2, 5e-324, 1.0, 0.0])
def test_fractions_come_back_exactly(table: Table, number: float) -> None:
    policy = a_policy(regression_margin=number, gates=[{"metric": "f1", "at_least": number}])
    write(table, policy)
    assert DynamoPolicies(table).current("reviews").policy == policy


def test_the_document_can_be_read_in_the_console(table: Table) -> None:
    write(table, a_policy(flywheel={"language": "de", "mode": "MULTI_CLASS", "labels": ["Lob", "Beschwerde über"]}))
    row = table.get({"pk": "P#reviews", "sk": "CURRENT"}) or {}
    assert '"Beschwerde über"' in row["document"]
    assert row["document"].count("\n") > 10
    assert json.loads(row["document"])["batch"] == {"quiet_seconds": 120, "quiet_max_seconds": 900}
    assert (row["version"], row["author"]) == (1, ANN)


def test_beside_the_document_stands_its_sha256(table: Table) -> None:
    write(table, a_policy())
    row = table.get({"pk": "P#reviews", "sk": "V#1"}) or {}
    assert row["digest"] == fingerprint(row["document"])
    assert len(row["digest"]) == 64


class _Overtaken(Table):
    """A table in which somebody else writes between a writer's look and its write."""

    def transact(self, writes: Any) -> None:
        write(Table(self._client, self._name), a_policy(regression_margin=0.5), author=BOB, later=5)
        super().transact(writes)


@pytest.mark.parametrize("before", [0, 1])
def test_the_loser_of_a_race_writes_nothing(table: Table, before: int) -> None:
    for _ in range(before):
        write(table, a_policy())
    assert write(_Overtaken(table._client, "policy"), a_policy(regression_margin=0.3)) is None
    winner = PolicyWriter(table).current("reviews")
    assert winner is not None
    assert (winner.number, winner.author) == (before + 1, BOB)
    assert DynamoPolicies(table).current("reviews").policy.regression_margin == 0.5
    with pytest.raises(PolicyMissingError):
        DynamoPolicies(table).pinned("reviews", before + 2)


def the_defaults(table: Table, **fields: Any) -> PolicyRow | None:
    writer, text = PolicyWriter(table), text_of(fields)
    return writer.write(
        DEFAULTS, text, text, over=writer.current(DEFAULTS), defaults=None, cause="file", author=ANN, now=NOW
    )


def with_defaults(table: Table, defaults: PolicyRow | None) -> PolicyRow | None:
    document = resolved_text(a_policy())
    return PolicyWriter(table).write(
        "reviews", document, "{}", over=None, defaults=defaults, cause="defaults", author=ANN, now=NOW
    )


def test_a_policy_is_written_only_with_the_defaults_that_are_in_force(table: Table) -> None:
    first = the_defaults(table, approval="always")
    assert with_defaults(table, None) is None, "there are defaults"
    the_defaults(table, approval="never")
    assert with_defaults(table, first) is None, "there are newer ones"
    written = with_defaults(table, PolicyWriter(table).current(DEFAULTS))
    assert written is not None
    assert (written.defaults, written.cause) == (2, "defaults")


def test_the_defaults_are_no_flywheel(table: Table) -> None:
    the_defaults(table, approval="always")
    write_with = PolicyWriter(table)
    assert (DynamoPolicies(table).names(), write_with.names()) == ([], [])


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
        write(table, a_policy())
    assert write(Touched(table._client, "policy"), a_policy(regression_margin=0.3)) is None
    assert table.get({"pk": "P#reviews", "sk": row["sk"]}) == {"pk": "P#reviews"} | row


def test_names_are_those_with_a_current_policy(table: Table) -> None:
    assert DynamoPolicies(table).names() == []
    for flywheel in ("b", "a"):
        write(table, a_policy(), flywheel=flywheel)
        write(table, a_policy(regression_margin=0.9), flywheel=flywheel)
    assert DynamoPolicies(table).names() == ["a", "b"]


def test_a_flywheel_without_policy_says_how_to_get_one(table: Table) -> None:
    policies = DynamoPolicies(table)
    assert policies.version("reviews") == 0
    with pytest.raises(PolicyMissingError, match=r"reviews has no policy.*governor policy apply"):
        policies.current("reviews")
    with pytest.raises(PolicyMissingError, match=r"has no version 3.*governor policy apply"):
        policies.pinned("reviews", 3)


SPOILT: list[dict[str, Any]] = [
    {"digest": None},
    {"digest": "0" * 64},
    {"document": resolved_text(a_policy(approval="never"))},
    {"document": resolved_text(a_policy()) + " "},
    {"document": None},
    {"document": "{"},
    {"document": {"gates": []}},
    {"document": "[]"},
    {"document": '{"gates": []}'},
    {"document": '{"gates": []}', "digest": fingerprint('{"gates": []}')},
    {"document": "[", "digest": fingerprint("[")},
    {"version": None},
    {"version": "one"},
    {"version": 0},
    {"author": None, "written_at": None, "document": "{}"},
]


@pytest.mark.parametrize("changes", SPOILT, ids=str)
def test_a_spoilt_row_is_no_policy_and_a_new_one_cures_it(table: Table, changes: dict[str, Any]) -> None:
    write(table, a_policy())
    spoil(table, **changes)
    policies = DynamoPolicies(table)
    with pytest.raises(PolicyMissingError, match="governor policy apply"):
        policies.current("reviews")
    assert policies.version("reviews") == (1 if "version" not in changes else 0)
    assert write(table, a_policy()).number == 2
    assert policies.current("reviews").version == 2


def test_a_row_that_lost_its_stamp_only_is_still_a_policy(table: Table) -> None:
    write(table, a_policy())
    spoil(table, author=None, written_at=None)
    assert DynamoPolicies(table).current("reviews").version == 1
    assert write(table, a_policy()).number == 2


@pytest.mark.parametrize("changes", SPOILT, ids=str)
def test_a_spoilt_row_can_be_looked_at(table: Table, changes: dict[str, Any]) -> None:
    write(table, a_policy())
    spoil(table, **changes)
    row = PolicyWriter(table).current("reviews")
    assert row is not None
    fits = "digest" in changes and changes.get("document") is not None
    assert row.edited == (("version" not in changes) and not fits)


def test_what_was_edited_is_told_as_that_with_the_way_to_see_it(table: Table) -> None:
    write(table, a_policy())
    spoil(table, document=resolved_text(a_policy(gates=[])))
    with pytest.raises(PolicyMissingError, match=r"edited past the command line.*governor policy show reviews"):
        DynamoPolicies(table).current("reviews")
    assert DynamoPolicies(table).pinned("reviews", 1).policy == a_policy(), "each row has a digest of its own"


def test_a_file_that_was_edited_is_told_to_people_alone(table: Table) -> None:
    write(table, a_policy())
    spoil(table, overrides="{}")
    row = PolicyWriter(table).current("reviews")
    assert row is not None
    assert row.edited
    assert DynamoPolicies(table).current("reviews").policy == a_policy()


def test_a_version_that_was_once_used_is_never_used_again(table: Table) -> None:
    write(table, a_policy())
    old = table.get({"pk": "P#reviews", "sk": "CURRENT"}) or {}
    write(table, a_policy(regression_margin=0.5))
    table.put(old)
    assert write(table, a_policy(regression_margin=0.7)).number == 3
