"""Removes a stack whose buckets outlive it by design: what is in them, the stack, then the buckets."""

from collections.abc import Callable, Sequence

from botocore.exceptions import ClientError

from governor_cli.complaint import Complaint
from governor_cli.deployment import DeployedStack

_LOOK_SECONDS = 10.0
_MOST_LOOKS = 180


def remove_stack(
    stack: DeployedStack, buckets: Sequence[str], *, tell: Callable[[str], None], pause: Callable[[float], None]
) -> None:
    """Delete everything; may be run again as long as the stack is there, which knows the buckets' names.

    Raises Complaint, with what is left, if CloudFormation does not delete the stack.
    """
    emptying = {bucket: stack.ports.emptying(bucket) for bucket in buckets}
    for bucket, contents in emptying.items():
        _empty(contents.delete_some, bucket, tell)
    cloud = stack.client("cloudformation")
    cloud.delete_stack(StackName=stack.name)
    tell(f"The stack {stack.name} is being deleted.")
    for _ in range(_MOST_LOOKS):
        if (status := _status(cloud, stack.name)) in {None, "DELETE_COMPLETE"}:
            break
        if status == "DELETE_FAILED":
            raise Complaint(
                f"CloudFormation could not delete the stack {stack.name}: `aws cloudformation describe-stack-events "
                f"--stack-name {stack.name}` says why. Cure that and run the command again."
            )
        pause(_LOOK_SECONDS)
    else:
        raise Complaint(f"The stack {stack.name} is not gone after half an hour. Run the command again later.")
    # Only now can nothing write into them any more.
    storage = stack.client("s3")
    for bucket, contents in emptying.items():
        _empty(contents.delete_some, bucket, tell)
        try:
            storage.delete_bucket(Bucket=bucket)
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchBucket":
                raise Complaint(
                    f"The bucket {bucket} is empty and could not be deleted ({error.response['Error']['Code']}). The "
                    f"stack is gone, so delete what is left by hand: {', '.join(buckets)}."
                ) from error
        tell(f"The bucket {bucket} is deleted.")


def _empty(delete_some: Callable[[str], int], bucket: str, tell: Callable[[str], None]) -> None:
    total = 0
    while deleted := delete_some(""):
        total += deleted
    if total:
        tell(f"{total} object versions of {bucket} are deleted.")


def _status(cloud: object, name: str) -> str | None:
    try:
        reply = cloud.describe_stacks(StackName=name)  # type: ignore[attr-defined]
    except ClientError as error:
        if "does not exist" in error.response["Error"].get("Message", ""):
            return None
        raise Complaint(f"The stack could not be looked at: {error}") from error
    return str(reply["Stacks"][0]["StackStatus"])
