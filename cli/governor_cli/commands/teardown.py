"""`governor teardown`: takes a flywheel apart, or the whole stack, after a plan that says what keeping would cost."""

import time
from collections.abc import Callable, Iterator

import click

from governor.domain.pricing import dollars, endpoint_month, models_month, storage_month
from governor.usecases.tear_down import Store, Survey, Wanted, survey, tear_down
from governor_cli.asking import require_word, require_yes
from governor_cli.commands.removing import remove_stack
from governor_cli.complaint import Complaint
from governor_cli.deployment import DeployedStack
from governor_cli.stack_option import with_stack

_TEARDOWN = """Delete a flywheel with what belongs to it; or, without FLYWHEEL and with --stack NAME, the whole stack.

It prints its plan and what keeping each thing costs, asks, and deletes in this order: endpoints that follow the
flywheel, the flywheel, the model versions that it trained, its staged uploads, its exams, what jobs wrote, the results
of analyses, its data lake. What something else uses stays, and the plan says why. If anything fails on the way, run it
again: it goes on where it was.

It refuses while a turn, an iteration or an analysis is at work. The ledger keeps what happened and that the flywheel
was torn down: nothing brings it back by itself, and files that are dropped for it are refused with a notice. `governor
resume` begins it anew by its policy. What it does, it does with your own rights (comprehend:Delete...,
s3:DeleteObjectVersion).

With --stack NAME alone: empties the three buckets, every version, and deletes stack and buckets. Flywheels must be torn
down before. You are asked to type the stack's name. The tables with policies and ledger stay.

\b
examples:
  governor teardown reviews --dry-run
  governor teardown reviews --keep-models --keep-results
  governor teardown reviews --yes
  governor teardown --stack trial
"""
_LOOK_SECONDS = 10.0
_MOST_WAITS = 360
pause: Callable[[float], None] = time.sleep


@click.command("teardown", help=_TEARDOWN, short_help="delete a flywheel with what belongs to it, or the stack")
@click.argument("flywheel", required=False)
@click.option("--dry-run", is_flag=True, help="print the plan and change nothing")
@click.option("--yes", is_flag=True, help="do not ask")
@click.option("--keep-models", is_flag=True, help="keep the model versions, and with them the data lake")
@click.option("--keep-staged", is_flag=True, help="keep the checked uploads in the lake bucket's staging/")
@click.option("--keep-exams", is_flag=True, help="keep what models sat and answered, in the lake bucket's exams/")
@click.option("--keep-jobs", is_flag=True, help="keep what jobs wrote, in the lake bucket's jobs/")
@click.option("--keep-results", is_flag=True, help="keep the results of analyses, in the lake bucket's results/")
@click.option("--keep-lake", is_flag=True, help="keep the flywheel's data lake")
@click.option("--keep-data", is_flag=True, help="keep all five: staged uploads, exams, jobs, results and data lake")
@with_stack
def teardown(
    stack: DeployedStack,
    flywheel: str | None,
    dry_run: bool,
    yes: bool,
    keep_models: bool,
    keep_staged: bool,
    keep_exams: bool,
    keep_jobs: bool,
    keep_results: bool,
    keep_lake: bool,
    keep_data: bool,
) -> None:
    """Plan, ask, act."""
    if flywheel is None:
        _whole_stack(stack, dry_run=dry_run, yes=yes)
        return
    bucket = stack.ports.emptying(stack.outputs["LakeBucketName"])
    found = survey(stack.ports, bucket, flywheel, by=stack.caller)
    # What is kept can be adopted by another flywheel only while its training data are where they were.
    lake = not (keep_lake or keep_data or keep_models or found.kept_models)
    wanted = Wanted(
        models=not keep_models,
        staged=not (keep_staged or keep_data),
        exams=not (keep_exams or keep_data),
        jobs=not (keep_jobs or keep_data),
        results=not (keep_results or keep_data),
        lake=lake,
    )
    if found.is_over:
        click.echo(f"Flywheel {flywheel} is torn down already. Nothing is left to delete.")
        return
    plan = list(_plan(found, wanted))
    if dry_run:
        click.echo("\n".join([*plan, "This was a dry run. Nothing was changed."]))
        return
    require_yes(plan, "Tear it down?", yes=yes)
    waits = 0
    for act in tear_down(stack.ports, bucket, found, wanted):
        if act.word != "WAIT":
            click.echo(act.sentence)
            continue
        waits += 1
        if waits == 1:
            click.echo(act.sentence)
        if waits > _MOST_WAITS:
            raise Complaint(f"It takes longer than an hour. {act.sentence} Run the command again later: it goes on.")
        pause(_LOOK_SECONDS)
    click.echo(f"To begin it anew by its policy: governor resume {flywheel}")


def _plan(found: Survey, wanted: Wanted) -> Iterator[str]:
    yield f"{'Go on with tearing' if found.begun else 'Tear'} down flywheel {found.flywheel} ({found.teardown.arn}):"
    for endpoint in found.endpoints:
        yield f"  delete  {endpoint.arn}: {dollars(endpoint_month(endpoint.units))} in 30 days if kept"
    if found.facts is not None:
        yield "  delete  the flywheel: costs nothing if kept"
    number = len(found.models)
    if number:
        versions = f"{number} model version{'' if number == 1 else 's'}"
        yield f"  {_word(wanted.models)}  {versions}: {dollars(models_month(number))} a month if kept"
        if wanted.models:
            yield from (f"            {model}" for model in found.models)
    for model, why in found.kept_models.items():
        yield f"  keep    {model}: {why}"
    yield from _stored_plan(found, wanted)
    yield "  keep    the policy, the ledger, the records and the files in the inbox"


def _stored_plan(found: Survey, wanted: Wanted) -> Iterator[str]:
    staged = found.staged
    if staged.versions:
        yield _stored(staged, deleted=wanted.staged)
    if found.pending and wanted.staged:
        yield f"          {len(found.pending)} uploads wait there for a batch; they are withdrawn"
    if found.documents and wanted.staged:
        yield f"          {len(found.documents)} files of documents wait there for an analysis; they are withdrawn"
    if found.exams.versions:
        yield _stored(found.exams, deleted=wanted.exams)
    if found.jobs.versions:
        yield _stored(found.jobs, deleted=wanted.jobs)
    if found.results.versions:
        yield _stored(found.results, deleted=wanted.results)
    if found.lake is not None and found.lake.versions:
        yield _stored(found.lake, deleted=wanted.lake)
        if not wanted.lake:
            yield "          another flywheel can begin with a model that is kept only while these data are there"
    elif found.teardown.lake_uri and found.lake is None:
        yield f"  keep    {found.teardown.lake_uri}: it is not in this stack's lake bucket"


def _stored(store: Store, *, deleted: bool) -> str:
    return f"  {_word(deleted)}  {store.prefix} ({store.versions} object versions): {_month(store.size)} if kept"


def _word(deleted: bool) -> str:
    return "delete" if deleted else "keep  "


def _month(size: int) -> str:
    return f"{dollars(storage_month(size))} a month"


def _whole_stack(stack: DeployedStack, *, dry_run: bool, yes: bool) -> None:
    if "stack" not in (click.get_current_context().find_root().obj or {}):
        raise click.UsageError("Name a FLYWHEEL, or the whole stack with --stack NAME.")
    name = stack.name
    left = [each for each in _names(stack) if stack.ports.comprehend.describe_flywheel(_arn(stack, each)) is not None]
    if left:
        commands = "".join(f"\n  governor teardown {each}" for each in left)
        raise Complaint(f"These flywheels are still in Comprehend; tear them down first:{commands}")
    buckets = {key: stack.outputs[key] for key in ("InboxBucketName", "LakeBucketName", "RecordsBucketName")}
    plan = [f"Delete the stack {name} with all its functions, queues and topics, and for good:"]
    for bucket in buckets.values():
        versions, size = stack.ports.emptying(bucket).size("")
        plan.append(f"  delete  {bucket} ({versions} object versions): {_month(size)} if kept")
    tables = [stack.outputs[key] for key in ("PolicyTableName", "LedgerTableName", "ApprovalsTableName")]
    plan.append(f"  keep    the tables {', '.join(tables)}: cents a month; they may be protected from deletion")
    if dry_run:
        click.echo("\n".join([*plan, "This was a dry run. Nothing was changed."]))
        return
    require_word(plan, name, yes=yes)
    remove_stack(stack, list(buckets.values()), tell=click.echo, pause=pause)


def _names(stack: DeployedStack) -> list[str]:
    return sorted({*stack.ports.heads.names(), *stack.ports.policies.names()})


def _arn(stack: DeployedStack, flywheel: str) -> str:
    head = stack.ports.heads.read(flywheel)
    return (head.flywheel_arn if head is not None else None) or stack.ports.comprehend.flywheel_arn(flywheel)
