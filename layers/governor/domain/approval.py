"""Approvals: what people are asked, how they prove that the mail reached them, and what follows from which state.

An approval is bound to one question (batch, candidate, baseline, verdict, policy version) and to an expiry, not to an
execution. The row decides; whatever wakes the machine only makes it look at the row.

    OPEN -> APPROVED | REJECTED        a person, on the page
    OPEN -> EXPIRED                    nobody answered in time
    OPEN -> CANCELLED                  wrong codes, or the execution was stopped
    OPEN | APPROVED | REJECTED -> SUPERSEDED    what was asked has moved, or a newer mail took its place
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from governor.domain.errors import UnexpectedReplyError
from governor.domain.verdict import Word

ApprovalState = Literal["OPEN", "APPROVED", "REJECTED", "EXPIRED", "CANCELLED", "SUPERSEDED"]
Answer = Literal["APPROVED", "REJECTED"]
Proof = Literal["code", "iam"]
"""What vouches for whoever answered: a mail's code, or the right to write the approvals table."""
Ending = Literal["EXPIRED", "CANCELLED", "SUPERSEDED"]

TOO_MANY_CODES = "Wrong codes were typed too often."
MOST_CODES = 5
"""How often somebody with the link may try a code: five guesses in a million, and each new link has a new code."""
ENDS_FROM: dict[Ending, tuple[ApprovalState, ...]] = {
    "EXPIRED": ("OPEN",),
    "CANCELLED": ("OPEN",),
    "SUPERSEDED": ("OPEN", "APPROVED", "REJECTED"),
}
"""From which states a row may end how: an answer stands unless what it answered has moved."""
_ASKABLE: frozenset[Word] = frozenset({"PASS", "INCONCLUSIVE"})
_NONCE = re.compile(r"[A-Za-z0-9_-]{43,128}")
_CODE = re.compile(r"[0-9]{6}")


@dataclass(frozen=True)
class Binding:
    """The question whether `candidate` may replace `baseline`, on this verdict, under this version of the policy."""

    batch: int
    candidate: str
    baseline: str
    verdict_digest: str
    policy_version: int


@dataclass(frozen=True)
class Approval:
    """An approval row: what it is bound to, what mail and page show, and what became of it.

    `id` is the sha256 of the link's nonce, `code_hash` the sha256 of nonce and code; neither nonce nor code is kept.
    `token` is the task token, encrypted under the approval key. `turn` fences: an older turn cannot put its token in
    place of a newer one's.
    """

    id: str
    state: ApprovalState
    flywheel: str
    batch: int
    candidate: str
    baseline: str
    verdict_digest: str
    policy_version: int
    expires: datetime
    code_hash: str
    token: str
    turn: int
    facts: Mapping[str, Any]
    """What mail and page show; see usecases/approval_facts.py. No documents."""
    codes_tried: int = 0
    mailed_at: datetime | None = None
    by: str | None = None
    """Who answered: with `proof` code the name that the person gave, which nobody has checked; with iam the ARN."""
    proof: Proof = "code"
    reason: str | None = None
    decided_at: datetime | None = None
    ended_at: datetime | None = None
    end_reason: str | None = None

    @property
    def person(self) -> str:
        """Who answered, and what vouches for it."""
        return f"{self.by} ({'IAM identity' if self.proof == 'iam' else 'name as claimed on the approval page'})"

    @property
    def binding(self) -> Binding:
        return Binding(self.batch, self.candidate, self.baseline, self.verdict_digest, self.policy_version)


# ---- link and code -------------------------------------------------------------------------------------------------


def approval_id(nonce: str) -> str:
    """Return the id of the row that a link's nonce leads to: 64 hex digits."""
    return hashlib.sha256(nonce.encode()).hexdigest()


def could_be_nonce(text: str) -> bool:
    """Tell whether `text` has a nonce's form: at least 256 bits in URL-safe base64."""
    return _NONCE.fullmatch(text) is not None


def could_be_code(text: str) -> bool:
    """Tell whether `text` has a code's form."""
    return _CODE.fullmatch(text) is not None


def code_hash(nonce: str, code: str) -> str:
    """Return what is kept of a code: six digits alone could be tried out, with a nonce that is not kept they cannot."""
    return hashlib.sha256(f"{nonce}\0{code}".encode()).hexdigest()


def code_matches(approval: Approval, nonce: str, code: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(approval.code_hash, code_hash(nonce, code))


# ---- what the row means -------------------------------------------------------------------------------------------


def shown_state(row: Approval, now: datetime) -> ApprovalState:
    """Return the state as it really is: a row can be over before anybody has written so."""
    if row.state != "OPEN":
        return row.state
    if row.expires <= now:
        return "EXPIRED"
    return "CANCELLED" if row.codes_tried >= MOST_CODES else "OPEN"


# ---- the machine's side --------------------------------------------------------------------------------------------


def bind(
    batch: int, candidate: str | None, baseline: str, word: Word, verdict_digest: str, policy_version: int
) -> Binding:
    """Return the question that a verdict raises. Raises UnexpectedReplyError for one that nobody may be asked about."""
    if candidate is None or word not in _ASKABLE:
        raise UnexpectedReplyError(f"A verdict {word} is not put before people: approval of it could promote nothing.")
    return Binding(batch, candidate, baseline, verdict_digest, policy_version)


Request = Literal["ASK", "ASK_AGAIN", "WAIT", "GO_ON"]


def next_request(row: Approval | None, question: Binding | None, expires: datetime | None, now: datetime) -> Request:
    """Return what the state RequestApproval does with what it finds.

    ASK: put a new row and mail it. ASK_AGAIN: the same, and supersede `row`, whose mail may not have gone out. WAIT:
    the mail is out, only the waiting task is new. GO_ON: there is nothing to wait for; ReadDecision knows what
    follows. `question`: what would be asked now, None if its terms have moved. `expires`: the batch's own, None
    before the first mail.
    """
    if row is None or row.state in {"CANCELLED", "SUPERSEDED"}:
        past = expires is not None and expires <= now
        return "GO_ON" if past or question is None else "ASK"
    if shown_state(row, now) != "OPEN" or row.binding != question:
        return "GO_ON"
    return "WAIT" if row.mailed_at is not None else "ASK_AGAIN"


@dataclass(frozen=True)
class Reading:
    """What a row means to the machine. `end`: how the row must end first, None if it may stay as it is."""

    word: Literal["APPROVED", "REJECTED", "EXPIRED", "ASK_AGAIN", "JUDGE_AGAIN"]
    end: Ending | None = None


def read_row(row: Approval | None, question: Binding | None, expires: datetime | None, now: datetime) -> Reading:
    """Return what follows from a row; arguments as in `next_request`.

    Silence never promotes: what is past its time has expired, whatever else has moved. An answer counts only for the
    question as it stands.
    """
    if row is None or row.state in {"CANCELLED", "SUPERSEDED"}:
        if expires is not None and expires <= now:
            return Reading("EXPIRED")
        return Reading("JUDGE_AGAIN" if question is None or _has_moved(row, question) else "ASK_AGAIN")
    state = shown_state(row, now)
    if state != "EXPIRED" and _has_moved(row, question):
        return Reading("JUDGE_AGAIN", end="SUPERSEDED")
    match state:
        case "APPROVED" | "REJECTED":
            return Reading(state)
        case "EXPIRED" | "CANCELLED":
            word: Literal["EXPIRED", "ASK_AGAIN"] = "EXPIRED" if state == "EXPIRED" else "ASK_AGAIN"
            return Reading(word, end=state if row.state == "OPEN" else None)
    return Reading("ASK_AGAIN")


def _has_moved(row: Approval | None, question: Binding | None) -> bool:
    return row is not None and row.binding != question


def needs_wake(row: Approval, now: datetime) -> bool:
    """Tell whether a task that waits for `row` has something to look at; sweep repeats a wake that was lost."""
    return shown_state(row, now) != "OPEN"
