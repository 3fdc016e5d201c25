"""The deployment: whether it is complete, its functions run, anybody hears it, and whether it complains itself."""

from collections.abc import Iterator

from governor_cli.deployment import SETTINGS_OF_OUTPUTS, DeployedStack
from governor_cli.doctor.finding import Finding, looked

_TOPICS = {
    "NoticeTopicArn": ("notice topic", "hears of refused files, failures and promotions"),
    "ApprovalTopicArn": ("approval topic", "can approve a model by mail"),
}
_DEAD_LETTERS = {
    "UploadsDeadLetterQueueUrl": "upload events could not be recorded",
    "InspectDeadLetterQueueUrl": "uploads could not be inspected",
    "EndedExecutionsDeadLetterQueueUrl": "ended executions could not be cleaned up after",
}
_WELL = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE")
_DEPLOY = "Deploy this version of the application: sam build && sam deploy."


def examine_deployment(stack: DeployedStack) -> Iterator[Finding]:
    """Yield what is wrong with the stack, apart from its flywheels."""
    yield from looked("stack", lambda: _stack(stack))
    yield from looked("functions", lambda: _functions(stack))
    yield from looked("tables", lambda: _tables(stack))
    for output in _TOPICS:
        yield from looked(_TOPICS[output][0], lambda output=output: _topic(stack, output))  # type: ignore[misc]
    for output in _DEAD_LETTERS:
        yield from looked("dead letters", lambda output=output: _dead_letters(stack, output))  # type: ignore[misc]
    yield from looked("alarms", lambda: _alarms(stack))


def _stack(stack: DeployedStack) -> Iterator[Finding]:
    status = stack.client("cloudformation").describe_stacks(StackName=stack.name)["Stacks"][0]["StackStatus"]
    if status.endswith("_IN_PROGRESS"):
        yield Finding("note", "stack", f"It is being changed: {status}.", "Look again when that is over.")
    elif status not in _WELL:
        what = f"Its last deployment did not end well: {status}."
        yield Finding("error", "stack", what, "Its events in CloudFormation say why. Then deploy it again.")
    wanted = {*SETTINGS_OF_OUTPUTS.values(), *_TOPICS, *_DEAD_LETTERS, "PromoteModelFunctionName", "SweepFunctionName"}
    missing = sorted(wanted - stack.outputs.keys())
    if missing:
        yield Finding("error", "stack", f"Outputs are missing: {', '.join(missing)}.", _DEPLOY)


def _functions(stack: DeployedStack) -> Iterator[Finding]:
    pages = stack.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack.name)
    found = [
        each["PhysicalResourceId"]
        for page in pages
        for each in page["StackResourceSummaries"]
        if each["ResourceType"] == "AWS::Lambda::Function"
    ]
    if not found:
        yield Finding("error", "functions", "The stack has no functions.", _DEPLOY)
    client = stack.client("lambda")
    for name in found:
        facts = client.get_function_configuration(FunctionName=name)
        state, update = facts.get("State", "Active"), facts.get("LastUpdateStatus", "Successful")
        # A function that nothing has called for weeks is Inactive, and wakes up with the next call.
        if state not in {"Active", "Inactive"} or update == "Failed":
            reason = facts.get("StateReason") or facts.get("LastUpdateStatusReason") or "no reason is given"
            yield Finding("error", name, f"The function is {state} and its last update {update}: {reason}.", _DEPLOY)


def _tables(stack: DeployedStack) -> Iterator[Finding]:
    """Reads one row of each: what `status`, `approve` and all the others need."""
    stack.ports.heads.names()
    stack.ports.policies.names()
    stack.ports.approvals.read("doctor")
    yield from ()


def _topic(stack: DeployedStack, output: str) -> Iterator[Finding]:
    name, meaning = _TOPICS[output]
    arn = stack.outputs.get(output)
    if arn is None:
        return
    pages = stack.client("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=arn)
    found = [each for page in pages for each in page["Subscriptions"]]
    waiting = [each["Endpoint"] for each in found if each["SubscriptionArn"] == "PendingConfirmation"]
    if waiting:
        what = f"Not confirmed yet, so that nothing is sent there: {', '.join(waiting)}."
        yield Finding("warning", name, what, "Open the link in the mail that AWS sent, or subscribe the address again.")
    if len(waiting) == len(found):
        subscribe = f"aws sns subscribe --topic-arn {arn} --protocol email --notification-endpoint ADDRESS"
        yield Finding("warning", name, f"Nobody {meaning}.", subscribe)


def _dead_letters(stack: DeployedStack, output: str) -> Iterator[Finding]:
    url = stack.outputs.get(output)
    if url is None:
        return
    wanted = "ApproximateNumberOfMessages"
    held = stack.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=[wanted])["Attributes"][wanted]
    if int(held):
        what = f"{held} in {output.removesuffix('Url')}: {_DEAD_LETTERS[output]}."
        read = f"Read one (aws sqs receive-message --queue-url {url}), cure the cause, then purge the queue."
        yield Finding("error", "dead letters", what, read)


def _alarms(stack: DeployedStack) -> Iterator[Finding]:
    pages = (
        stack.client("cloudwatch")
        .get_paginator("describe_alarms")
        .paginate(AlarmNamePrefix=f"{stack.name}-", StateValue="ALARM")
    )
    for page in pages:
        for alarm in page["MetricAlarms"]:
            if alarm["StateValue"] != "ALARM":
                continue
            name = alarm["AlarmName"].removeprefix(f"{stack.name}-")
            what = f"The alarm {name} is on. {alarm.get('AlarmDescription', '')}".strip()
            yield Finding("warning", "alarms", what, "docs/operations.md says what each alarm wants of you.")
