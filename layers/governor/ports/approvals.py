"""The approvals table and the vault for task tokens."""

from datetime import datetime
from typing import Protocol

from governor.domain.approval import Answer, Approval, Ending, Proof


class Approvals(Protocol):
    """The approvals table. Every move away from OPEN is one conditional update."""

    def read(self, approval: str) -> Approval | None:
        """Return the row (strongly consistent), None if no such link was ever sent."""

    def put(self, approval: Approval) -> None:
        """Put a new row; there is none of that id, because a nonce is random."""

    def replace(self, old: str, new: Approval, now: datetime) -> bool:
        """Supersede an OPEN row that was not mailed and put `new` in one transaction.

        False if the old one has moved, or is a newer turn's.
        """

    def set_token(self, approval: str, token: str, turn: int) -> bool:
        """Give an OPEN row the token of the task that waits now.

        False if it is no longer OPEN, or a newer turn waits for it.
        """

    def mark_mailed(self, approval: str, now: datetime) -> None: ...

    def count_code(self, approval: str, most: int) -> int | None:
        """Count a code before it is looked at and return the count; None if the row is not OPEN or has had `most`.

        Counting first bounds what many requests at the same time can try.
        """

    def decide(
        self, approval: str, answer: Answer, *, by: str, reason: str, now: datetime, proof: Proof = "code"
    ) -> bool:
        """Record a person's answer if the row is OPEN and not expired; False otherwise."""

    def end(self, approval: str, ending: Ending, reason: str, now: datetime) -> bool:
        """End the row; False if it is in none of the states from which it may end so."""


class TokenVault(Protocol):
    """Keeps task tokens out of tables in clear: encrypts under the approval key, bound to the approval's id."""

    def seal(self, approval: str, token: str) -> str: ...

    def open(self, approval: str, sealed: str) -> str: ...
