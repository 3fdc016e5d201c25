"""What each command does. Returns the lines to print; raises Complaint or a GovernorError."""

from pathlib import Path

from governor.domain.moments import to_text
from governor.ports import PolicyVersion
from governor.usecases.put_policy import put_policy, read_policy_file
from governor.usecases.resume_flywheel import Resumed, resume_flywheel
from governor_cli.complaint import Complaint
from governor_cli.deployment import DeployedStack
from governor_cli.policy_file import load


def put_policy_file(stack: DeployedStack, path: Path) -> list[str]:
    """Write the policy in the file, which is checked before AWS is asked for anything."""
    wanted = read_policy_file(load(path))
    name = wanted.flywheel
    put = put_policy(stack.ports.policy_writer, stack.ports.clock, wanted, author=stack.caller)
    match put.word:
        case "SAME":
            return [f"Flywheel {name} has this policy already, as {_told(put.version)}. Nothing was written."]
        case "LOST":
            raise Complaint(
                f"Somebody was faster: the policy of flywheel {name} changed meanwhile, to {_told(put.version)}. "
                "Nothing of yours was written. Look at theirs, then put yours again if it still holds."
            )
    before = f"; before: {_told(put.previous)}" if put.previous else ""
    lines = [f"Flywheel {name} has a new policy: version {put.version.number if put.version else '?'}{before}."]
    if put.previous is None:
        inbox = stack.outputs["InboxBucketName"]
        lines.append(f"Drop labelled files into s3://{inbox}/{name}/train/ and s3://{inbox}/{name}/test/.")
    return lines


def resume(stack: DeployedStack, flywheel: str) -> list[str]:
    """End the flywheel's hold, and say what was ended and what follows."""
    resumed = resume_flywheel(stack.ports, flywheel, by=stack.caller)
    told = resumed.cleared.sentences() or [f"Flywheel {flywheel} was not held: there was nothing to clear."]
    return [*told, _what_follows(flywheel, resumed)]


def _what_follows(flywheel: str, resumed: Resumed) -> str:
    if resumed.started:
        return f"A turn of flywheel {flywheel} was started."
    if resumed.running:
        return f"Turn {resumed.running} of flywheel {flywheel} is at work and goes on."
    return f"Nothing waits for flywheel {flywheel}: the next upload starts a turn."


def _told(version: PolicyVersion | None) -> str:
    if version is None:
        return "something that is no policy"
    return f"version {version.number}, which {version.author} wrote at {to_text(version.written_at)[:19]}Z"
