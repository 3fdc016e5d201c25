"""Whatever versions there are: what is active, previous, newest, used, foreign or unfinished is never spare."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from governor.domain.retention import USABLE, ModelVersion, spare_versions

PREFIX = "arn:aws:comprehend:eu-west-1:123456789012"
OURS, THEIRS = f"{PREFIX}:flywheel/reviews", f"{PREFIX}:flywheel/other"
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


def version(
    number: int, *, status: str = "TRAINED", flywheel: str | None = OURS, at: int | None = None
) -> ModelVersion:
    arn = f"{PREFIX}:document-classifier/reviews/version/v{number}"
    return ModelVersion(arn, status, BEGINNING + timedelta(hours=number if at is None else at), flywheel)


statuses = st.sampled_from(["TRAINED", "TRAINED", "TRAINED_WITH_WARNING", "TRAINING", "IN_ERROR", "DELETING"])
shelves = st.lists(
    st.tuples(statuses, st.sampled_from([OURS, OURS, OURS, THEIRS, None]), st.integers(0, 20)), max_size=12
).map(lambda rows: [version(n, status=s, flywheel=f, at=at) for n, (s, f, at) in enumerate(rows)])


@given(shelves, st.integers(0, 6), st.data())
def test_what_is_needed_is_never_spare(shelf: list[ModelVersion], newest: int, data: st.DataObject) -> None:
    arns = [each.arn for each in shelf] or ["NONE"]
    active = data.draw(st.sampled_from([*arns, "NONE"]))
    previous = data.draw(st.sampled_from([*arns, None]))
    needed = data.draw(st.frozensets(st.sampled_from(arns)))

    spare = spare_versions(shelf, flywheel=OURS, active=active, previous=previous, newest=newest, needed=needed)

    by_arn = {each.arn: each for each in shelf}
    own = sorted(
        (each for each in shelf if each.flywheel == OURS and each.status in USABLE), key=lambda each: each.submitted
    )
    assert not {active, previous, *needed} & set(spare)
    assert all(by_arn[arn].flywheel == OURS and by_arn[arn].status in USABLE for arn in spare)
    assert len(set(spare)) == len(spare) <= max(0, len(own) - newest)
    kept = [each for each in own if each.arn not in spare]
    assert len(kept) >= min(newest, len(own))
    if newest and spare and kept:
        assert max(by_arn[arn].submitted for arn in spare) <= own[-newest].submitted
    assert [by_arn[arn].submitted for arn in spare] == sorted(by_arn[arn].submitted for arn in spare)


@given(shelves, st.integers(0, 6))
def test_nothing_that_could_go_stays(shelf: list[ModelVersion], newest: int) -> None:
    spare = spare_versions(shelf, flywheel=OURS, active="NONE", previous=None, newest=newest, needed=())
    own = [each for each in shelf if each.flywheel == OURS and each.status in USABLE]
    assert len(spare) == max(0, len(own) - newest)


def test_a_model_that_somebody_trained_by_itself_is_no_version() -> None:
    alone = ModelVersion(f"{PREFIX}:document-classifier/reviews", "TRAINED", BEGINNING, OURS)
    assert spare_versions([alone], flywheel=OURS, active="NONE", previous=None, newest=0, needed=()) == []


def test_the_oldest_go_first() -> None:
    spare = spare_versions(
        [version(n) for n in (3, 1, 2, 5, 4)],
        flywheel=OURS,
        active=version(2).arn,
        previous=version(1).arn,
        newest=1,
        needed=(),
    )
    assert spare == [version(3).arn, version(4).arn]
