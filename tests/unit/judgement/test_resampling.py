"""Bootstrap and swaps beside scipy's and beside all swaps that there are; rare labels; large exams; determinism."""

import itertools
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from scipy import stats
from sklearn.metrics import f1_score

from governor.domain.judgement import scores
from governor.domain.judgement.answers import Answers
from governor.domain.judgement.evidence import Answered
from governor.domain.judgement.intervals import wilson
from governor.domain.judgement.measures import Measure
from governor.domain.judgement.resampling import MOST_SWAPS, REPLICATES, SWAPS, Resampling, _table
from governor.domain.judgement.statistics import Drawn
from governor.domain.sheet import Row, Sheet, sheet_of
from tests.unit.judgement.sheets import LABELS, Document, flipping, multi_class, searched, sheet


def drawn(answers: Sheet, metric: Any = "f1", label: str = "macro") -> Drawn:
    found = Answered(answers).statistic(metric, label, 0)
    assert isinstance(found, Drawn)
    return found


def an_exam(documents: int, seed: int, labels: int = 4, flips: float = 0.2) -> list[Document]:
    draw = random.Random(seed)
    found: list[Document] = []
    for _ in range(documents):
        truth = draw.randrange(labels)
        new = old = truth if draw.random() < 0.8 else draw.randrange(labels)
        if draw.random() < flips:
            new, old = draw.sample([truth, draw.randrange(labels)], 2)
        found.append(((truth,), (new,), (old,)))
    return found


@pytest.mark.parametrize(("metric", "label"), [("f1", "macro"), ("recall", "macro"), ("precision", "bug")])
def test_the_standard_error_is_scipys(metric: str, label: str) -> None:
    documents = an_exam(300, 1)
    tallied = scores.tally(sheet(documents))

    def gain(places: Any, axis: int = -1) -> Any:
        chosen = np.bincount(np.asarray(places, dtype=int), minlength=len(documents))
        kept = [document for document, times in zip(documents, chosen, strict=True) for _ in range(times)]
        found = Answers(sheet(kept))
        measure = drawn(sheet(kept), metric, label).measure
        return found.value("candidate", measure) - found.value("baseline", measure)

    theirs = stats.bootstrap(
        (np.arange(len(documents)),), gain, n_resamples=600, vectorized=False, method="percentile",
        rng=np.random.default_rng(5),
    ).standard_error  # fmt: skip
    ours = Answers(tallied.sheet)
    measure = drawn(sheet(documents), metric, label).measure
    spread = ours._drawn("candidate", measure) - ours._drawn("baseline", measure)
    assert float(measure.chosen(spread.std(axis=0))) == pytest.approx(theirs, rel=0.12)


def test_the_chance_of_a_gain_is_that_among_all_swaps() -> None:
    agreed: list[Document] = [((place,), (place,), (place,)) for place in (0, 1, 2) for _ in range(4)]
    apart: list[Document] = [((0,), (0,), (1,)), ((1,), (1,), (2,)), ((2,), (2,), (0,)), ((2,), (2,), (1,))]
    apart += [((0,), (1,), (0,)), ((1,), (0,), (2,)), ((1,), (1,), (0,))]

    def gain(heads: tuple[bool, ...]) -> float:
        swapped = [
            (truth, old, new) if head else (truth, new, old)
            for head, (truth, new, old) in zip(heads, apart, strict=True)
        ]
        truth, new, old = ([part[0] for part in column] for column in zip(*agreed, *swapped, strict=True))
        return float(f1_score(truth, new, average="macro") - f1_score(truth, old, average="macro"))

    found = gain((False,) * len(apart))
    everything = [gain(heads) for heads in itertools.product([False, True], repeat=len(apart))]
    exact = sum(each >= found - 1e-12 for each in everything) / len(everything)
    chance = drawn(sheet([*agreed, *apart])).chance(0.95)
    assert chance is not None
    assert chance == pytest.approx(exact, abs=0.04)
    assert chance * (SWAPS + 1) == pytest.approx(round(chance * (SWAPS + 1)))


def test_a_stricter_gate_throws_more_coins() -> None:
    whole = Resampling(scores.tally(sheet(an_exam(50, 2))))
    assert [len(whole.swapped(doubt)[0].hits) for doubt in (0.05, 0.001, 1e-9)] == [SWAPS, 3999, MOST_SWAPS]
    assert len(whole.bootstrap[0].hits) == REPLICATES


@searched
@given(multi_class)
def test_sums_of_replicates_fit_together(documents: list[Document]) -> None:
    tallied = scores.tally(scores.canonical(sheet(documents)))
    whole = Resampling(tallied)
    candidate, baseline = whole.bootstrap
    assert baseline is not None
    totals = tallied.totals()
    new, old = tallied.candidate(totals), tallied.baseline(totals)
    for sums in (candidate, baseline):
        assert (sums.support == candidate.support).all()
        assert (sums.hits <= np.minimum(sums.support, sums.given)).all()
        assert (sums.support.sum(axis=1) == sums.given.sum(axis=1)).all(), "one label, one answer"
    mine, other = whole.swapped(0.05)
    assert (mine.support == new.support).all()
    for block in ("given", "hits"):
        both = getattr(mine, block) + getattr(other, block)
        assert (both == getattr(new, block) + getattr(old, block)).all(), "a swap loses no answer"


@pytest.mark.parametrize("mean", [1, 2, 7, 64])
def test_the_table_is_poissons_distribution(mean: int) -> None:
    counts = np.bincount(_table(mean), minlength=200)
    assert counts.sum() == 65536
    expected = stats.poisson.pmf(np.arange(len(counts)), mean) * 65536
    assert np.abs(counts - expected).max() <= 1.0


def test_documents_that_are_many_alike_are_drawn_like_others() -> None:
    """10,000 alike documents are beyond the table: the normal distribution, as good as Poisson's there."""
    rows = [Row(10_000, (0,), (0,), (0,)), Row(100, (1,), (0,), (1,)), Row(70, (0,), (1,), (1,))]
    whole = Resampling(scores.tally(sheet_of("MULTI_CLASS", LABELS, rows, has_baseline=True)))
    support = whole.bootstrap[0].support[:, 0]
    assert support.mean() == pytest.approx(10_070, rel=0.003)
    assert support.std() == pytest.approx(np.sqrt(10_070), rel=0.12)


def test_a_large_exam_is_dealt_out_and_scatters_the_same() -> None:
    """More different rows than units: the standard error is what the formula says, whichever way it is drawn."""
    draw = random.Random(3)
    labels = [f"label {number:02}" for number in range(60)]
    documents: list[Document] = []
    for _ in range(12_000):
        truth = draw.randrange(60)
        new = truth if draw.random() < 0.7 else draw.randrange(60)
        documents.append(((truth,), (new,), (truth if draw.random() < 0.7 else draw.randrange(60),)))
    answers = sheet(documents, labels=labels)
    assert len(answers.rows) > 2048
    error = Answers(answers).spread("candidate", Measure("recall", "micro", tuple(range(60))))
    recall = Answers(answers).value("candidate", Measure("recall", "micro", tuple(range(60))))
    assert error == pytest.approx((recall * (1 - recall) / 12_000) ** 0.5, rel=0.15)
    spread = np.std(Answers(answers).swapped(Measure("recall", "micro", tuple(range(60))), 0.05))
    flips = sum((truth == new) != (truth == old) for truth, new, old in documents)
    assert spread == pytest.approx(flips**0.5 / 12_000, rel=0.1)


@pytest.mark.parametrize("documents", [63, 64, 65])
def test_no_number_of_documents_is_left_out_of_a_draw(documents: int) -> None:
    """From a table up to 64, from the normal distribution above: either has the mean and the scatter of Poisson's."""
    rows = [Row(documents, (0,), (0,), (0,)), Row(documents, (1,), (1,), (1,))]
    support = Resampling(scores.tally(sheet_of("MULTI_CLASS", LABELS, rows, has_baseline=True))).bootstrap[0].support
    assert support[:, :2].mean() == pytest.approx(documents, rel=0.05)
    assert support[:, :2].std() == pytest.approx(documents**0.5, rel=0.15)


def test_coins_are_thrown_for_documents_that_are_answered_differently_alone() -> None:
    """3,000 of 103,000 share 2,048 coins as evenly as they can: 952 coins for two documents, and 1,096 for one."""
    rows = [Row(100_000, (0,), (0,), (0,)), Row(3_000, (0,), (0,), (1,))]
    gains = Answers(sheet_of("MULTI_CLASS", LABELS, rows, has_baseline=True)).swapped(
        Measure("recall", "micro", (0,)), 0.05
    )
    assert np.std(gains) == pytest.approx((952 * 4 + 1_096) ** 0.5 / 103_000, rel=0.08)


def test_mentions_of_the_same_type_at_other_places_are_another_answer() -> None:
    """Both models find ten mentions of the type in as many documents, the candidate alone where they are."""
    rows = [Row(10, (0,), (0,), (0,), (0,), ()), Row(10, (0,), (0,), (0,), (0,), (0,))]
    gains = Answers(sheet_of("ENTITIES", LABELS, rows, has_baseline=True)).swapped(
        Measure("recall", "micro", (0,)), 0.05
    )
    assert abs(np.mean(gains)) < 0.03
    assert np.std(gains) == pytest.approx(10**0.5 / 20, rel=0.1)


@searched
@given(multi_class)
def test_the_same_answers_give_the_same_draws_and_others_others(documents: list[Document]) -> None:
    once, again = (Resampling(scores.tally(scores.canonical(sheet(each)))) for each in (documents, documents[::-1]))
    assert (once.bootstrap[0].hits == again.bootstrap[0].hits).all()
    assert (once.swapped(0.05)[1].given == again.swapped(0.05)[1].given).all()


def test_another_exam_is_drawn_otherwise() -> None:
    one, other = (Resampling(scores.tally(sheet(an_exam(200, seed)))) for seed in (1, 2))
    assert one._seed != other._seed


@pytest.mark.parametrize("label", ["macro", "bug", "micro", "worst"])
def test_few_documents_are_never_certain(label: str) -> None:
    """All right, both alike: a bootstrap alone would say that nothing can ever differ."""
    few = drawn(flipping(4, 0, 0), label=label)
    assert few.value_bounds(0.95).low < 0.75
    bounds = few.gain_bounds(0.95, 1.0)
    assert bounds is not None
    assert bounds.low < -0.3
    assert bounds.high > 0.3
    many = drawn(flipping(4000, 0, 0), label=label)
    assert many.value_bounds(0.95).low > 0.99
    sure = many.gain_bounds(0.95, 1.0)
    assert sure is not None
    assert sure.low > -0.002


def test_labels_with_two_right_answers_each_are_no_proof_of_a_high_mean() -> None:
    """The bootstrap never sees them fail; 19 labels of two documents may well be wrong every fifth time."""
    labels = [f"label {number:02}" for number in range(20)]
    documents: list[Document] = [((place,), (place,), (place,)) for place in range(20) for _ in range(2)]
    documents += [((0,), (0,), (0,))] * 90 + [((0,), (1,), (1,))] * 10
    found = drawn(sheet(documents, labels=labels))
    bounds = found.value_bounds(0.95)
    spread = found.answers.spread("candidate", found.measure)
    assert found.candidate > 0.96
    assert found.candidate - 3 * spread > bounds.low
    assert bounds.low < 0.9


def test_recall_rests_on_what_there_is_and_precision_on_what_was_answered() -> None:
    """All ten bugs are found, and ninety ideas are called bugs; all ten praises are praise, and ninety are missed."""
    documents: list[Document] = [((0,), (0,), (0,))] * 10
    documents += [((1,), (0,), (1,))] * 90
    documents += [((2,), (2,), (2,))] * 10 + [((2,), (3,), (2,))] * 90
    for metric, label in (("recall", "bug"), ("precision", "praise")):
        found = drawn(sheet(documents), metric, label)
        assert found.candidate == 1
        assert found.value_bounds(0.95).low == pytest.approx(wilson(1, 10, 0.95).low)


def test_the_interval_of_a_labels_f1_is_wilsons_of_its_share_of_hits() -> None:
    """7 hits, 2 misses, 1 wrong answer: J = 0.7 of 10, F1 = 2 J / (1 + J); wider where the bootstrap says so."""
    rows = [(((0,),) * 3, 7), (((0,), (1,), (0,)), 2), (((1,), (0,), (1,)), 1), (((1,),) * 3, 5)]
    found = drawn(sheet([document for document, count in rows for _ in range(count)]), label="bug")
    share = stats.binomtest(7, 10).proportion_ci(0.9, method="wilson")
    bounds = found.value_bounds(0.95)
    assert found.candidate == pytest.approx(2 * 0.7 / 1.7)
    assert bounds.low <= 2 * share.low / (1 + share.low) + 1e-9
    assert bounds.high >= 2 * share.high / (1 + share.high) - 1e-9
    assert bounds.low == pytest.approx(2 * share.low / (1 + share.low), abs=0.06)


def test_models_that_name_a_label_differently_often_are_not_told_apart_by_swaps_alone() -> None:
    """15 of 20 against 210 of 350: swapped answers rarely differ so much in precision, two such models often do."""
    right, wrong = ((0,), (0,)), ((1,), (0,))
    documents: list[Document] = [(truth, given, (1,)) for truth, given in [right] * 15 + [wrong] * 5]
    documents += [(truth, (1,), given) for truth, given in [right] * 210 + [wrong] * 140]
    documents += [((1,), (1,), (1,))] * 630
    precision = drawn(sheet(documents), "precision", LABELS[0])
    assert (precision.candidate, precision.baseline) == (0.75, 0.6)
    chance = precision.chance(0.95)
    assert chance is not None
    assert chance <= 0.05
    assert not precision.surely_higher(0.95)
