"""Takes a flywheel apart, with the rights of whoever asks: look, then one act at a time, in order.

Endpoints, the flywheel, its model versions, staged data, exams, what analyses left, the data lake; then the ledger
forgets what is gone. Every act is the next one by what Comprehend and S3 say now, so after any failure it is enough to
run it again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from governor.domain.errors import FlywheelUnavailableError, UnknownFlywheelError
from governor.domain.policy import DataMode
from governor.domain.turn import Hold
from governor.ports import Emptying, EndpointFacts, FlywheelFacts, Ports, Teardown
from governor.usecases.retire_models import needed_models
from governor.usecases.upkeep_notices import flywheel_torn_down

_AT_WORK = frozenset({"TRAINING", "EVALUATING", "STOP_REQUESTED"})
_CHANGING = frozenset({"CREATING", "UPDATING", "DELETING"})


@dataclass(frozen=True)
class Wanted:
    """What is deleted beside endpoints and flywheel."""

    models: bool = True
    staged: bool = True
    exams: bool = True
    jobs: bool = True
    results: bool = True
    lake: bool = True


@dataclass(frozen=True)
class Store:
    """Objects under a prefix of the lake bucket. `versions`: how many, delete markers included. `size`: bytes."""

    prefix: str
    versions: int
    size: int


@dataclass(frozen=True)
class Survey:
    """What there is of a flywheel. `kept_models`: why a version stays, by its ARN. `lake` None: not in our bucket.

    `exams`: what models sat and answered; `jobs`: the archives that jobs wrote; `results`: what people fetch of them.
    `pending` and `documents`: ids of the uploads that wait for a batch and for an analysis.
    """

    flywheel: str
    teardown: Teardown
    begun: bool
    facts: FlywheelFacts | None
    endpoints: Sequence[EndpointFacts]
    models: Sequence[str]
    kept_models: Mapping[str, str]
    staged: Store
    exams: Store
    jobs: Store
    results: Store
    lake: Store | None
    pending: Sequence[str] = field(default_factory=tuple)
    documents: Sequence[str] = field(default_factory=tuple)

    @property
    def is_over(self) -> bool:
        """Tell whether nothing is left but what is kept."""
        stores = (self.staged, self.exams, self.jobs, self.results, self.lake)
        rest = (self.endpoints, self.models, *(store.versions for store in stores if store is not None))
        return self.facts is None and self.teardown.ended is not None and not any(rest)


@dataclass(frozen=True)
class Act:
    """One thing that was done, or is waited for."""

    word: Literal["DID", "WAIT", "DONE"]
    sentence: str


def survey(ports: Ports, bucket: Emptying, flywheel: str, *, by: str) -> Survey:
    """Look at everything and change nothing.

    Raises UnknownFlywheelError, and FlywheelUnavailableError while a turn, an iteration or an analysis is at work.
    """
    teardown, begun = _teardown(ports, bucket, flywheel, by)
    facts = ports.comprehend.describe_flywheel(teardown.arn)
    if facts is not None and facts.status != "DELETING":
        _require_no_iteration(ports, flywheel, teardown.arn)
    endpoints = [each for each in ports.endpoints.every() if each.flywheel_arn == teardown.arn]
    own = [each for each in ports.models.versions(teardown.mode) if each.flywheel == teardown.arn]
    models = [each.arn for each in own if each.is_version and each.status != "DELETING"]
    mine = {teardown.arn, *(each.arn for each in endpoints)}
    needed = {model: [user for user in users if user not in mine] for model, users in needed_models(ports).items()}
    kept = {model: f"used by {', '.join(needed[model])}" for model in models if needed.get(model)}
    return Survey(
        flywheel=flywheel,
        teardown=teardown,
        begun=begun,
        facts=facts,
        endpoints=endpoints,
        models=[model for model in models if model not in kept],
        kept_models=kept,
        staged=_store(bucket, f"staging/{flywheel}/"),
        exams=_store(bucket, f"exams/{flywheel}/"),
        jobs=_store(bucket, f"jobs/{flywheel}/"),
        results=_store(bucket, f"results/{flywheel}/"),
        lake=_lake(bucket, teardown.lake_uri),
        pending=[upload.id for upload in ports.uploads.pending(flywheel)],
        documents=[upload.id for upload in ports.documents.pending(flywheel)],
    )


def tear_down(ports: Ports, bucket: Emptying, found: Survey, wanted: Wanted) -> Iterator[Act]:
    """Do one act, or take one look, each time that the next item is asked for; the last one is DONE.

    WAIT: Comprehend is at it; ask again later. Raises FlywheelUnavailableError if a turn was faster.
    """
    name, teardown = found.flywheel, found.teardown
    if teardown.ended is None:
        if not ports.teardowns.begin(name, teardown):
            raise _at_work(name)
        yield Act("DID", f"Turns of flywheel {name} are kept away, and new files are refused.")
    yield from _endpoints(ports, teardown.arn)
    yield from _flywheel(ports, teardown.arn)
    if wanted.models:
        for model in found.models:
            word = ports.models.delete(model)
            yield Act("DID", f"{model} is {'kept: it is in use' if word == 'IN_USE' else 'deleted'}.")
    if wanted.staged:
        _withdraw(ports, name)
        yield from _empty(bucket, found.staged.prefix)
        # What was in the middle of its inspection when turns were first kept away: nothing staged, nothing waits.
        _withdraw(ports, name)
        yield from _empty(bucket, found.staged.prefix)
    if wanted.exams:
        yield from _empty(bucket, found.exams.prefix)
    if wanted.jobs:
        yield from _empty(bucket, found.jobs.prefix)
    if wanted.results:
        yield from _empty(bucket, found.results.prefix)
    if wanted.lake and found.lake is not None:
        yield from _empty(bucket, found.lake.prefix)
    if teardown.ended is None:
        # The notice's time is that of the beginning: a second run writes the same row.
        notice = flywheel_torn_down(name, teardown.arn, teardown.by, teardown.began)
        ports.teardowns.end(name, teardown, notice, ports.clock.now())
    yield Act("DONE", f"Flywheel {name} is torn down.")


def _withdraw(ports: Ports, flywheel: str) -> None:
    """Withdraw what waits now. The plan is older: than the question, and than all that Comprehend took its time for."""
    ports.teardowns.withdraw(flywheel, [upload.id for upload in ports.uploads.pending(flywheel)])
    documents = [upload.id for upload in ports.documents.pending(flywheel)]
    if not ports.teardowns.withdraw_documents(flywheel, documents, ports.clock.now()):
        raise _analysis_at_work(flywheel)


def _teardown(ports: Ports, bucket: Emptying, flywheel: str, by: str) -> tuple[Teardown, bool]:
    """Return what a teardown began with, or begins with now, and whether it has begun."""
    head = ports.heads.read(flywheel)
    if head is not None and head.state == "RUNNING":
        raise _at_work(flywheel)
    analysis = ports.analyses.read(flywheel)
    if analysis is not None and analysis.state == "RUNNING":
        raise _analysis_at_work(flywheel)
    held = head is not None and isinstance(head.hold, Hold) and head.hold.reason == "TornDown"
    before = ports.teardowns.read(flywheel)
    if held and before is not None:
        return before, True
    arn = (head.flywheel_arn if head is not None else None) or ports.comprehend.flywheel_arn(flywheel)
    facts = ports.comprehend.describe_flywheel(arn)
    version = ports.policies.version(flywheel)
    if head is None and version == 0 and facts is None:
        raise UnknownFlywheelError(f"Nothing is known of a flywheel named {flywheel}. Look for a slip in the name.")
    mode: DataMode = "MULTI_CLASS"
    if facts is not None:
        mode = "ENTITIES" if facts.model_type == "ENTITY_RECOGNIZER" else "MULTI_CLASS"
    elif version:
        mode = ports.policies.current(flywheel).policy.flywheel.data_mode
    # Where prepare_flywheel would have put it, if somebody deleted the flywheel in Comprehend itself.
    lake = facts.lake_uri if facts is not None else f"s3://{bucket.bucket}/lakes/{arn.rpartition('/')[2]}/"
    return Teardown(by=by, began=ports.clock.now(), arn=arn, mode=mode, lake_uri=lake), False


def _require_no_iteration(ports: Ports, flywheel: str, arn: str) -> None:
    running = next((each for each in ports.comprehend.latest_iterations(arn) if each.status in _AT_WORK), None)
    if running is not None:
        raise FlywheelUnavailableError(
            f"The iteration {running.id} of flywheel {flywheel} is {running.status}, and Comprehend deletes no "
            "flywheel that works. Run the command again when it is over (`governor status` shows it)."
        )


def _at_work(flywheel: str) -> FlywheelUnavailableError:
    return FlywheelUnavailableError(
        f"A turn of flywheel {flywheel} is at work, and `governor status {flywheel}` shows what it waits for. Run the "
        "command again when it has ended; stopping its execution in Step Functions ends it within seven minutes."
    )


def _analysis_at_work(name: str) -> FlywheelUnavailableError:
    return FlywheelUnavailableError(
        f"An analysis of flywheel {name} is at work, on documents that would be deleted. Run the command again when "
        "its execution of the machine `analysis` has ended; stopping it in Step Functions ends it within seven minutes."
    )


def _endpoints(ports: Ports, arn: str) -> Iterator[Act]:
    """First: Comprehend does not say that a flywheel with endpoints can be deleted, and they are what costs most."""
    asked: set[str] = set()
    while there := [each for each in ports.endpoints.every() if each.flywheel_arn == arn]:
        for endpoint in there:
            if endpoint.status not in _CHANGING and endpoint.arn not in asked:
                ports.endpoints.delete(endpoint.arn)
                asked.add(endpoint.arn)
                yield Act("DID", f"{endpoint.arn} is being deleted.")
        yield Act("WAIT", f"Waiting for {len(there)} endpoint{'' if len(there) == 1 else 's'} to be gone.")


def _flywheel(ports: Ports, arn: str) -> Iterator[Act]:
    asked = False
    while (facts := ports.comprehend.describe_flywheel(arn)) is not None:
        if facts.status in {"ACTIVE", "FAILED"} and not asked:
            ports.comprehend.delete_flywheel(arn)
            asked = True
            yield Act("DID", f"{arn} is being deleted.")
        yield Act("WAIT", f"Waiting until the flywheel is gone; it is {facts.status}.")


def _empty(bucket: Emptying, prefix: str) -> Iterator[Act]:
    while deleted := bucket.delete_some(prefix):
        yield Act("DID", f"{deleted} object versions under s3://{bucket.bucket}/{prefix} are deleted.")


def _store(bucket: Emptying, prefix: str) -> Store:
    versions, size = bucket.size(prefix)
    return Store(prefix, versions, size)


def _lake(bucket: Emptying, uri: str) -> Store | None:
    """The flywheel's own part of our lake: `lakes/<name>/`, whatever Comprehend expanded it to."""
    root = uri.partition("schemaVersion=")[0]
    prefix = root.removeprefix(f"s3://{bucket.bucket}/")
    is_ours = root.startswith(f"s3://{bucket.bucket}/") and prefix.startswith("lakes/") and prefix.count("/") > 1
    return _store(bucket, prefix if prefix.endswith("/") else f"{prefix}/") if is_ours else None
