"""What people do: answer a mail's question on its page, and promote a model in the console."""

import re
from typing import Any
from urllib.parse import urlencode

from tests.doubles.data import FLYWHEEL
from tests.doubles.stack import Stack

ADA = "arn:aws:iam::123456789012:user/ada"
_LINK = re.compile(r"https://approvals\.example\.com/(\S+)")
_CODE = re.compile(r"Code: (\d{6})")


def answer(stack: Stack, decision: str, *, code: str | None = None, mail: int = -1) -> int:
    """Open the mail's page and send its form; return the HTTP status. `decision`: approve or reject."""
    _, body = stack.approvals.mails[mail]
    link, right_code = _LINK.search(body), _CODE.search(body)
    assert link is not None
    assert right_code is not None
    form = {"code": code or right_code[1], "name": "Ada", "reason": "Looked at both.", "decision": decision}
    event = {"requestContext": {"http": {"method": "POST"}}, "rawPath": f"/{link[1]}", "body": urlencode(form)}
    status: int = stack.call("answer_approval", event)["statusCode"]
    return status


def wrong_code(stack: Stack) -> str:
    """Return a code that the last mail does not have."""
    right = _CODE.search(stack.approvals.mails[-1][1])
    assert right is not None
    return f"{(int(right[1]) + 1) % 1_000_000:06}"


def flywheel(stack: Stack, name: str = FLYWHEEL) -> dict[str, Any]:
    """Return what the console shows of a flywheel."""
    arn = stack.ports.comprehend.flywheel_arn(name)
    properties: dict[str, Any] = stack.comprehend.describe_flywheel(FlywheelArn=arn)["FlywheelProperties"]
    return properties


def active(stack: Stack, name: str = FLYWHEEL) -> str | None:
    """Return the active model's ARN."""
    return flywheel(stack, name).get("ActiveModelArn")


def promote_in_console(stack: Stack, model: str, name: str = FLYWHEEL) -> None:
    arn = stack.ports.comprehend.flywheel_arn(name)
    stack.comprehend.update_flywheel(FlywheelArn=arn, ActiveModelArn=model)


def iterations(stack: Stack, name: str = FLYWHEEL) -> list[dict[str, Any]]:
    """Return the flywheel's iterations, oldest first."""
    arn = stack.ports.comprehend.flywheel_arn(name)
    reply = stack.comprehend.list_flywheel_iteration_history(FlywheelArn=arn)
    found: list[dict[str, Any]] = reply["FlywheelIterationPropertiesList"]
    return found[::-1]


def datasets(stack: Stack, name: str = FLYWHEEL) -> list[dict[str, Any]]:
    """Return the flywheel's datasets, oldest first."""
    arn = stack.ports.comprehend.flywheel_arn(name)
    found: list[dict[str, Any]] = stack.comprehend.list_datasets(FlywheelArn=arn)["DatasetPropertiesList"]
    return found[::-1]


def order(stack: Stack, word: str, number: int = 1, name: str = FLYWHEEL, **more: Any) -> dict[str, Any]:
    """Invoke promote_model as `governor rollback` and `governor promote` do. `word`: rollback or override."""
    event = {"order": word, "id": f"order-{number:04}", "flywheel": name, "by": ADA, "because": "It misreads returns."}
    answer: dict[str, Any] = stack.call("promote_model", event | more)
    return answer
