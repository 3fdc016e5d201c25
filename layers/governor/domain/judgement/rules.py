"""What a gate asks for, one rule at a time, and what a rule comes to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from governor.domain.gates import Gate, share_or_points
from governor.domain.judgement.evidence import Statistic
from governor.domain.verdict import Interval

RuleName = Literal["at_least", "gain_at_least", "drop_at_most"]
Word = Literal["met", "missed", "undecided", "unknown"]

ROUNDING = 1e-9
"""0.87 - 0.85 is a hair under 0.02 in binary; a threshold is met when only that hair is missing."""
BARE = 0.5
"""At this confidence the bare numbers decide."""


@dataclass(frozen=True)
class Rule:
    """A gate asks for up to three things; each is a rule."""

    gate: Gate
    name: RuleName
    threshold: float | str

    @property
    def compares(self) -> bool:
        """Whether it needs the active model's value."""
        return self.name != "at_least"

    @property
    def asked(self) -> float:
        """The least value, or the least gain; negative for a loss that is allowed. In points or as a share."""
        amount = share_or_points(self.threshold)[0]
        return -amount if self.name == "drop_at_most" else amount

    @property
    def relative(self) -> bool:
        """Whether it asks for a share of the active model's value."""
        return self.compares and share_or_points(self.threshold)[1]

    @property
    def times(self) -> float:
        """The active model's value times this is what the candidate must reach, besides points."""
        return 1 + self.asked if self.relative else 1.0

    @property
    def any_gain(self) -> bool:
        """Whether all that is asked for is to be better."""
        return self.compares and self.asked == 0

    def slack(self, candidate: float, baseline: float | None) -> float:
        """Return by how much the bare numbers meet the rule; negative: by how much they do not."""
        if not self.compares or baseline is None:
            return candidate - self.asked
        return candidate - self.times * baseline - (0.0 if self.relative else self.asked)


@dataclass(frozen=True)
class Finding:
    """What a rule comes to for one label (or one overall metric).

    `slack`: see `Rule.slack`. `too_few`: the metric rests on fewer test documents than min_support. `chance`: see
    `Statistic.chance`, of rules that ask for any gain. `unsure_loss`: worse by more than the margin, which may be
    chance, and nothing but averages to tell by.
    """

    word: Word
    statistic: Statistic | None
    slack: float = 0.0
    interval: Interval | None = None
    needed: int | None = None
    regression: bool = False
    too_few: bool = False
    chance: float | None = None
    unsure_loss: bool = False


def rules_of(gate: Gate, *, first: bool) -> list[Rule]:
    """Return the rules of a gate; of a first model, which has nothing to be compared with, the floor alone."""
    names: Sequence[RuleName] = ("at_least",) if first else ("at_least", "gain_at_least", "drop_at_most")
    return [Rule(gate, name, getattr(gate, name)) for name in names if getattr(gate, name) is not None]
