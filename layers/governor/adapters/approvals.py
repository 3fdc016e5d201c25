"""The approvals table, and the vault for the task tokens in it."""

import base64
import json
from datetime import datetime
from typing import Any

from governor.adapters.aws import call
from governor.adapters.dynamodb import ConditionRefused, Item, Key, Table, Write
from governor.domain.approval import ENDS_FROM, Answer, Approval, Ending, Proof
from governor.domain.errors import UnexpectedReplyError
from governor.domain.moments import from_text, to_text

_OPEN = "#state = :open"
_NOT_NEWER = "#turn <= :turn"


class DynamoApprovals:
    """Implements `ports.Approvals`. Rows have no TTL: a link that was once sent always says what became of it."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def read(self, approval: str) -> Approval | None:
        item = self._table.get(_key(approval))
        return None if item is None else _approval(item)

    def put(self, approval: Approval) -> None:
        try:
            self._table.put(_key(approval.id) | _item(approval), "attribute_not_exists(#pk)")
        except ConditionRefused as refused:
            if not _is_mine(refused.item, {"code_hash": approval.code_hash}):
                raise UnexpectedReplyError("There is an approval with this nonce already.") from refused

    def replace(self, old: str, new: Approval, now: datetime) -> bool:
        supersede = Write(
            _key(old),
            update="SET #state = :superseded, #ended_at = :now, #end_reason = :why",
            condition=f"{_OPEN} AND attribute_not_exists(#mailed_at) AND {_NOT_NEWER}",
            values={
                "superseded": "SUPERSEDED",
                "open": "OPEN",
                "turn": new.turn,
                "now": to_text(now),
                "why": "A newer mail took this one's place.",
            },
        )
        put = Write(_key(new.id), item=_item(new), condition="attribute_not_exists(#pk)")
        try:
            self._table.transact([supersede, put])
        except ConditionRefused:
            return False
        return True

    def set_token(self, approval: str, token: str, turn: int) -> bool:
        try:
            self._table.update(
                _key(approval),
                "SET #token = :token, #turn = :turn",
                f"{_OPEN} AND {_NOT_NEWER}",
                token=token,
                turn=turn,
                open="OPEN",
            )
        except ConditionRefused:
            return False
        return True

    def mark_mailed(self, approval: str, now: datetime) -> None:
        self._table.update(_key(approval), "SET #mailed_at = :now", "attribute_exists(#pk)", now=to_text(now))

    def count_code(self, approval: str, most: int) -> int | None:
        try:
            row = self._table.update(
                _key(approval),
                "ADD #codes_tried :one",
                f"{_OPEN} AND #codes_tried < :most",
                one=1,
                most=most,
                open="OPEN",
            )
        except ConditionRefused:
            return None
        return int(row["codes_tried"])

    def decide(
        self, approval: str, answer: Answer, *, by: str, reason: str, now: datetime, proof: Proof = "code"
    ) -> bool:
        mine = {"state": answer, "by": by, "proof": proof, "reason": reason, "decided_at": to_text(now)}
        try:
            self._table.update(
                _key(approval),
                "SET #state = :state, #by = :by, #proof = :proof, #reason = :reason, #decided_at = :decided_at",
                f"{_OPEN} AND #expires > :decided_at",
                open="OPEN", **mine,
            )  # fmt: skip
        except ConditionRefused as refused:
            return _is_mine(refused.item, mine)
        return True

    def end(self, approval: str, ending: Ending, reason: str, now: datetime) -> bool:
        mine = {"state": ending, "end_reason": reason, "ended_at": to_text(now)}
        sources = {f"from{number}": state for number, state in enumerate(ENDS_FROM[ending])}
        try:
            self._table.update(
                _key(approval),
                "SET #state = :state, #end_reason = :end_reason, #ended_at = :ended_at",
                f"#state IN ({', '.join(f':{name}' for name in sources)})",
                **mine, **sources,
            )  # fmt: skip
        except ConditionRefused as refused:
            return _is_mine(refused.item, mine)
        return True


class KmsTokenVault:
    """Implements `ports.TokenVault`: a copy of the table wakes nothing, and a sealed token fits its own row only.

    A task token has up to 2,048 characters and KMS encrypts up to 4,096 bytes
    (https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html).
    """

    def __init__(self, client: Any, key_id: str) -> None:
        self._client = client
        self._key_id = key_id

    def seal(self, approval: str, token: str) -> str:
        reply = call(
            self._client.encrypt, KeyId=self._key_id, Plaintext=token.encode(), EncryptionContext={"approval": approval}
        )
        return base64.b64encode(reply["CiphertextBlob"]).decode()

    def open(self, approval: str, sealed: str) -> str:
        reply = call(
            self._client.decrypt,
            KeyId=self._key_id,
            CiphertextBlob=base64.b64decode(sealed),
            EncryptionContext={"approval": approval},
        )
        return bytes(reply["Plaintext"]).decode()


def _is_mine(item: Item, mine: dict[str, Any]) -> bool:
    """Tell whether a refused write had already happened: its reply was lost and the client sent it again."""
    return all(item.get(name) == value for name, value in mine.items())


def _key(approval: str) -> Key:
    return {"pk": f"A#{approval}"}


def _item(row: Approval) -> Item:
    item: Item = {
        "state": row.state,
        "flywheel": row.flywheel,
        "batch": row.batch,
        "candidate": row.candidate,
        "baseline": row.baseline,
        "verdict_digest": row.verdict_digest,
        "policy_version": row.policy_version,
        "expires": to_text(row.expires),
        "code_hash": row.code_hash,
        "token": row.token,
        "turn": row.turn,
        "facts": json.dumps(row.facts, sort_keys=True),
        "codes_tried": row.codes_tried,
        "proof": row.proof,
    }
    texts = {"by": row.by, "reason": row.reason, "end_reason": row.end_reason}
    moments = {"mailed_at": row.mailed_at, "decided_at": row.decided_at, "ended_at": row.ended_at}
    item |= {name: text for name, text in texts.items() if text is not None}
    return item | {name: to_text(moment) for name, moment in moments.items() if moment is not None}


def _approval(item: Item) -> Approval:
    return Approval(
        id=item["pk"].removeprefix("A#"),
        state=item["state"],
        flywheel=item["flywheel"],
        batch=int(item["batch"]),
        candidate=item["candidate"],
        baseline=item["baseline"],
        verdict_digest=item["verdict_digest"],
        policy_version=int(item["policy_version"]),
        expires=from_text(item["expires"]),
        code_hash=item["code_hash"],
        token=item["token"],
        turn=int(item["turn"]),
        facts=json.loads(item["facts"]),
        codes_tried=int(item["codes_tried"]),
        mailed_at=_moment(item, "mailed_at"),
        by=item.get("by"),
        proof=item.get("proof", "code"),
        reason=item.get("reason"),
        decided_at=_moment(item, "decided_at"),
        ended_at=_moment(item, "ended_at"),
        end_reason=item.get("end_reason"),
    )


def _moment(item: Item, name: str) -> datetime | None:
    return from_text(item[name]) if name in item else None
