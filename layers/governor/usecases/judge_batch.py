"""Reaches the verdict of a batch and writes down all that it rests on."""

from governor.domain.batch import NO_BASELINE, digest_of
from governor.domain.decision import DecisionRecord, UploadFacts, to_bytes
from governor.domain.judgement import judge
from governor.domain.judgement.averages import worse_labels
from governor.domain.policy import Policy
from governor.domain.suspects import Suspect, suspects
from governor.ports import Ports, VerdictRecord
from governor.usecases.batch_in_work import BatchInWork, manifest_rows
from governor.usecases.sat_exam import SatExam
from governor.usecases.spending import spent_on
from governor.version import VERSION

MOST_SUSPECTS = 20


def judge_batch(
    ports: Ports, flywheel: str, work: BatchInWork, policy: Policy, baseline: str, sat: SatExam
) -> VerdictRecord:
    """Judge, put the decision record and the flips into the records bucket, and return the row that names them."""
    judged_against = None if baseline == NO_BASELINE else baseline
    sheet = sat.marking.sheet if sat.marking is not None else None
    uses = earlier_uses(ports, flywheel, sat.exam.candidate_digest)
    verdict = judge(policy, sat.exam, judged_against, sheet, uses=uses)
    now, flips = ports.clock.now(), None
    if sat.marking is not None and sat.exam.candidate is not None and judged_against is not None:
        name = f"{work.batch.id:09}-{digest_of(baseline.encode())[:12]}.json"
        flips = ports.records.put(f"flips/{flywheel}/{name}", sat.marking.flips_to_json())
    uploads = _uploads(ports, work)
    record = DecisionRecord(
        flywheel=flywheel,
        batch=work.batch.id,
        baseline=baseline,
        policy_version=work.batch.policy_version,
        policy=policy,
        exam=sat.exam,
        verdict=verdict,
        reached_at=now,
        sheet=sheet,
        uses=uses,
        manifest_uri=work.record.manifest_uri,
        manifest_sha256=work.record.digest,
        iteration=work.record.iterations.get(work.batch.attempt),
        uploads=uploads,
        datasets=tuple(sorted(dataset.name for dataset in work.record.datasets.values())),
        spent=spent_on(work.record),
        flips_uri=flips,
        code_version=VERSION,
    )
    content = to_bytes(record)
    digest = digest_of(content)
    # Named by what is in it: of two attempts that overlap, neither writes over the record that the other's row names.
    key = f"decisions/{flywheel}/{work.batch.id:09}-{digest[:12]}.json"
    return VerdictRecord(
        batch=work.batch.id,
        candidate=sat.exam.candidate,
        baseline=baseline,
        verdict=verdict,
        exam=sat.exam,
        policy_version=work.batch.policy_version,
        reached_at=now,
        decision_uri=ports.records.put(key, content),
        decision_sha256=digest,
        suspects=_suspects(record) if verdict.regression else (),
    )


def earlier_uses(ports: Ports, flywheel: str, digest: str | None) -> int:
    """Return how many promotions the same exam has decided before: models come to fit an exam by chance."""
    if digest is None:
        return 0
    return sum(
        record.outcome == "PROMOTED" and any(verdict.exam.candidate_digest == digest for verdict in verdicts)
        for record, verdicts in ports.batches.history(flywheel)
    )


def _uploads(ports: Ports, work: BatchInWork) -> tuple[UploadFacts, ...]:
    return tuple(
        UploadFacts(row["key"], row["version"], row["kind"], row["documents"], row.get("counts", {}))
        for row in manifest_rows(ports, work.record)
    )


def _suspects(record: DecisionRecord) -> tuple[Suspect, ...]:
    worse = worse_labels(record.sheet) if record.sheet is not None else []
    return tuple(suspects(record.uploads, worse)[:MOST_SUSPECTS])
