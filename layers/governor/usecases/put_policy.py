"""Writes a flywheel's policy on a person's behalf."""

from governor.domain.policy_file import NamedPolicy
from governor.ports import Clock, PolicyPut, PolicyWriter


def put_policy(writer: PolicyWriter, clock: Clock, wanted: NamedPolicy, *, author: str) -> PolicyPut:
    """Make `wanted` the flywheel's next policy version. `author`: the ARN of whoever asks; the row keeps it for ever."""
    return writer.put(wanted.flywheel, wanted.policy, author=author, now=clock.now())
