"""What an examination finds."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from botocore.exceptions import BotoCoreError, ClientError

from governor.config import NotConfiguredError
from governor.domain.errors import GovernorError
from governor_cli.complaint import Complaint

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Finding:
    """Something that a person should know.

    error: something does not work. warning: it works, and somebody should look. note: nothing is wrong. `about`: a
    flywheel's name, or a part of the deployment.
    """

    severity: Severity
    about: str
    what: str
    remedy: str


def looked(about: str, look: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """Yield what `look` finds. That one may not look, or cannot, is a finding too and keeps nothing else back."""
    try:
        yield from look()
    except ClientError as error:
        code, message = error.response["Error"].get("Code", ""), error.response["Error"].get("Message", "")
        yield _blind(about, f"{error.operation_name} was refused ({code}): {message}")
    except (GovernorError, Complaint, NotConfiguredError, BotoCoreError) as error:
        yield _blind(about, str(error))


def _blind(about: str, why: str) -> Finding:
    return Finding(
        "error",
        about,
        f"It could not be looked at: {why.rstrip('.')}.",
        "If you lack a right, ask for it or use another profile; if it is gone, deploy the stack again.",
    )
