"""From which probability on a document has a label, and how that is told as 0.5."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from comprehend_local.engine.linear import Truth
from comprehend_local.engine.thresholds import answers, chosen, decisions

shares = st.floats(0, 1)
cuts = st.floats(0.02, 0.7)


def truth(rows: list[list[int]], width: int) -> Truth:
    pairs = [(place, label) for place, labels in enumerate(rows) for label in labels]
    places, labels = (np.array([pair[side] for pair in pairs], dtype=np.intp) for side in (0, 1))
    return Truth(places, labels, len(rows), width)


@given(shares, shares, cuts)
def test_the_threshold_is_told_as_a_half_and_the_order_stays(one: float, other: float, cut: float) -> None:
    bent = answers(np.array([[one], [other], [cut], [0], [1]]), np.array([cut], dtype=np.float32)).ravel().tolist()

    assert (bent[0] < bent[1]) <= (one < other)
    assert (bent[0] >= 0.5 - 1e-6) if one >= cut else (bent[0] <= 0.5 + 1e-6)
    assert abs(bent[2] - 0.5) < 1e-6
    assert bent[3:] == [0, 1]


def test_a_document_has_what_reaches_a_half_or_else_the_most_probable_label() -> None:
    bent = np.array([[0.5, 0.6, 0.1], [0.1, 0.2, 0.49], [0.0, 0.0, 0.0]])

    assert decisions(bent).tolist() == [[True, True, False], [False, False, True], [True, False, False]]


def test_rare_labels_get_lower_thresholds() -> None:
    chance = np.random.default_rng(0)
    actual = chance.random((2000, 2)) < [0.5, 0.05]
    found = np.where(actual, [0.8, 0.2], [0.3, 0.04]) + chance.normal(0, 0.02, actual.shape)
    rows = [np.flatnonzero(row).tolist() for row in actual]

    common, rare = chosen(found.clip(0, 1).astype(np.float32), truth(rows, 2)).tolist()

    assert 0.3 < common < 0.8
    assert 0.08 < rare < 0.2


def test_where_many_thresholds_are_as_good_it_is_the_middle_one() -> None:
    found = np.array([[0.9, 0.01], [0.01, 0.9]] * 500, dtype=np.float32)

    for cut in chosen(found, truth([[0], [1]] * 500, 2)).tolist():
        assert 0.1 < cut < 0.4
