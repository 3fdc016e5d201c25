"""What is compared of two gates, field by field, and the exact words of what is stricter."""

from typing import Any

import pytest

from governor.domain.strictness import stricter
from tests.unit.test_strictness import GATE, golden

GAIN: dict[str, Any] = {"metric": "f1", "gain_at_least": 0.01}
WORST: dict[str, Any] = {"metric": "f1", "label": "worst", "at_least": 0.5, "min_support": 10}


@pytest.mark.parametrize(
    ("new", "old", "reasons"),
    [
        (GAIN | {"metric": "recall"}, GAIN, ("recall (macro): a gain of at least +0.01, confidence 0.95",)),
        (GAIN | {"label": "micro"}, GAIN, ("f1 (micro): a gain of at least +0.01, confidence 0.95",)),
        (
            WORST | {"min_support": 9},
            WORST,
            ("f1 (worst): at least 0.5, confidence 0.95, on 9 documents or more",),
        ),
        (
            GAIN | {"confidence": 0.98},
            GAIN | {"confidence": 0.99},
            ("f1 (macro): a regression is seen at confidence 0.98 already",),
        ),
        (GAIN | {"confidence": 0.5}, GAIN, ()),
        (
            GAIN,
            {"metric": "f1", "at_least": 0.5, "gain_at_least": 0.01},
            ("no gate with at_least is left to let a first model in",),
        ),
    ],
)
def test_a_gate_is_stricter_in_these_words(new: dict[str, Any], old: dict[str, Any], reasons: tuple[str, ...]) -> None:
    assert stricter(golden(gates=[new]), golden(gates=[old])) == reasons


def test_without_gates_before_and_after_nothing_is_stricter() -> None:
    assert stricter(golden(gates=[]), golden(gates=[])) == ()
    assert stricter(golden(gates=[]), golden(gates=[GATE])) == (
        "it has no gate that decides anything, and so promotes nothing by itself",
    )
