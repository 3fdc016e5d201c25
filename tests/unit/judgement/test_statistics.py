"""When a gain is certain, and between which ends it lies: accuracy by McNemar, the others by draws and swaps."""

import dataclasses

import pytest
from scipy import stats

from governor.domain.judgement.answers import Answers
from governor.domain.judgement.evidence import Answered
from governor.domain.judgement.measures import ONE, Measure
from governor.domain.judgement.statistics import Drawn, Share, _doubt, accuracy_of
from governor.domain.sheet import Sheet
from tests.unit.judgement.sheets import counted, flipping


def drawn(answers: Sheet, of: str = "macro", *, label: int | None = None) -> Drawn:
    places = (0,) if label is None else (label,)
    return Drawn(Answers(answers), Measure("recall", of if label is None else ONE, places))


# ---- accuracy --------------------------------------------------------------------------------------------------------


def test_a_chance_of_exactly_as_much_as_is_allowed_is_certain_enough() -> None:
    """Four flips one way: a chance of one in sixteen, which is 0.0625 in binary too."""
    better, worse = Share(10, 4, 0, 0, paired=True), Share(10, 0, 4, 0, paired=True)
    assert [better.surely_higher(confidence) for confidence in (0.9374, 0.9375, 0.9376)] == [True, True, False]
    assert [worse.surely_lower(confidence) for confidence in (0.9374, 0.9375, 0.9376)] == [True, True, False]


def test_accuracy_less_a_share_of_the_active_models() -> None:
    """0.9 against half of 0.9, on 1,000 documents."""
    bounds = Share(900, 0, 0, 100, paired=True).gain_bounds(0.95, 0.5)
    assert bounds is not None
    assert 0.42 < bounds.low < 0.45 < bounds.high < 0.48


def test_a_first_models_accuracy_is_its_own() -> None:
    alone = counted((7, "bug", "bug", ""), (3, "idea", "bug", ""))
    found = accuracy_of(Answers(dataclasses.replace(alone, has_baseline=False)))
    assert (found.candidate, found.baseline, found.documents) == (0.7, None, 10)


# ---- draws -----------------------------------------------------------------------------------------------------------


def test_another_confidence_and_another_share_have_an_interval_of_their_own() -> None:
    found = drawn(flipping(400, 40, 20, wrong=40))
    wide, narrow, half = (found.gain_bounds(*asked) for asked in ((0.99, 1.0), (0.9, 1.0), (0.9, 0.5)))
    assert wide is not None
    assert narrow is not None
    assert half is not None
    assert wide.low < narrow.low < narrow.high < wide.high < half.low


def test_where_no_document_tells_the_models_apart_one_is_imagined() -> None:
    """100 documents that both answer right: half a document more for each, and Student's t of two degrees."""
    bounds = drawn(counted((100, "bug", "bug", "bug"))).gain_bounds(0.95, 1.0)
    assert bounds is not None
    reach = float(stats.t.ppf(0.95, 2)) / 100
    assert (bounds.low, bounds.high) == pytest.approx((-reach, reach), rel=1e-6)


def test_a_labels_recall_less_a_share_of_the_active_models() -> None:
    bounds = drawn(counted((900, "bug", "bug", "bug"), (100, "bug", "idea", "idea")), label=0).gain_bounds(0.95, 0.5)
    assert bounds is not None
    assert 0.42 < bounds.low < 0.45 < bounds.high < 0.48


def test_no_difference_is_larger_than_one() -> None:
    lost, won = (drawn(counted((2, "bug", *answers))) for answers in (("idea", "bug"), ("bug", "idea")))
    low, high = lost.gain_bounds(0.95, 1.0), won.gain_bounds(0.95, 1.0)
    assert low is not None
    assert high is not None
    assert (low.low, high.high) == (-1, 1)


# ---- swaps -----------------------------------------------------------------------------------------------------------


def test_a_stricter_gate_is_told_a_finer_chance() -> None:
    """No swap of 200 documents makes such a gain: the chance is less than one in as many as were tried."""
    found = drawn(flipping(1000, 200, 0))
    assert [found.chance(confidence) for confidence in (0.95, 0.999)] == [1 / 1000, 1 / 4000]


def test_models_that_answer_alike_gain_nothing_by_swaps_either() -> None:
    assert drawn(flipping(1000, 0, 0)).chance(0.95) == 1


def test_a_first_model_gains_nothing() -> None:
    first = Answered(dataclasses.replace(counted((7, "bug", "bug", "")), has_baseline=False)).of_label("recall", "bug")
    assert first is not None
    assert (first.chance(0.95), first.gain_bounds(0.95, 1.0), first.baseline_bounds(0.95)) == (None, None, None)
    assert not first.surely_higher(0.95)
    assert not first.surely_lower(0.95)


def test_what_coins_cannot_tell_is_left_to_the_interval() -> None:
    """9,999 swaps tell a chance of one in 10,000, and nothing below it."""
    assert [_doubt(confidence) for confidence in (0.95, 0.9999, 0.999999)] == pytest.approx([0.05, 1e-4, 1e-4])
    assert _doubt(0.95) >= 0.05
    assert drawn(flipping(1000, 200, 0)).surely_higher(0.999999)
    assert drawn(flipping(1000, 0, 200)).surely_lower(0.999999)
