"""Whether a newer policy may refuse what an older one promotes.

A batch is judged under the version that it was planned with. If a stricter one is in force when its model would become
active, it is judged once more. What is uncertain counts as stricter: that costs one more look at the stored answers.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from governor.domain.gates import EVERY_LABEL, Gate, MetricName, share_or_points
from governor.domain.policy import Approval, Policy

_APPROVAL: tuple[Approval, ...] = ("never", "replacement", "always")
_REGRESSION = 0.95
"""With answers to be sure by, a regression is seen at the gate's confidence, but not below this one."""


@dataclass(frozen=True)
class _Rule:
    """One demand of one gate. `least`: of a floor its value, otherwise the gain, of a drop negative."""

    metric: MetricName
    label: str
    is_floor: bool
    least: float
    relative: bool
    confidence: float
    min_support: int

    @property
    def about(self) -> tuple[MetricName, str]:
        return self.metric, self.label

    def follows_from(self, other: "_Rule") -> bool:
        """Tell whether whatever meets `other` meets this one.

        Which labels `*` and `worst` look at depends on their support, in both directions.
        """
        same_unit = self.relative == other.relative or self.least == other.least == 0
        spread = self.label in {EVERY_LABEL, "worst"}
        return (
            self.about == other.about
            and self.is_floor == other.is_floor
            and same_unit
            and self.least <= other.least
            and self.confidence <= other.confidence
            and (self.min_support == other.min_support if spread else self.min_support <= other.min_support)
        )

    def __str__(self) -> str:
        amount = f"{self.least * 100:+g}%" if self.relative else f"{self.least:+g}"
        asked = f"at least {self.least:g}" if self.is_floor else f"a gain of at least {amount}"
        support = f", on {self.min_support:,} documents or more" if self.min_support else ""
        return f"{self.metric} ({self.label}): {asked}, confidence {self.confidence:g}{support}"


def stricter(new: Policy, old: Policy) -> tuple[str, ...]:
    """Return why `new` may refuse what `old` promotes, a phrase each; empty: whatever passes `old` passes `new`.

    Who is asked counts, and what a person's approval would carry past a verdict does not: that approval stands. What
    comes after a promotion (serving), or before a judgement (budget, batches), plays no part.
    """
    return (
        *_other_terms(new, old),
        *_more_rules(_rules(new), _rules(old)),
        *_sooner_regressions(new, old),
        *_more_people(new, old),
    )


def _other_terms(new: Policy, old: Policy) -> Iterator[str]:
    if new.flywheel != old.flywheel:
        yield "the flywheel is defined otherwise"
    if (new.exam.kind, new.exam.set) != (old.exam.kind, old.exam.set):
        yield "it wants another exam"
    added = sorted(set(new.exam.must_pass) - set(old.exam.must_pass))
    if added:
        yield f"documents must pass that did not have to: {', '.join(added)}"


def _more_rules(new: Sequence[_Rule], old: Sequence[_Rule]) -> Iterator[str]:
    for rule in new:
        if not any(rule.follows_from(other) for other in old):
            yield str(rule)
    if old and not new:
        yield "it has no gate that decides anything, and so promotes nothing by itself"
    elif any(rule.is_floor for rule in old) and not any(rule.is_floor for rule in new):
        yield "no gate with at_least is left to let a first model in"


def _sooner_regressions(new: Policy, old: Policy) -> Iterator[str]:
    if new.regression_margin < old.regression_margin:
        yield f"a loss of more than {new.regression_margin:g} is a regression already"
    before = {rule.about: _sureness(_rules(old), rule) for rule in _rules(old)}
    now = {rule.about: _sureness(_rules(new), rule) for rule in _rules(new)}
    for about, sureness in now.items():
        if about in before and sureness < before[about]:
            yield f"{about[0]} ({about[1]}): a regression is seen at confidence {sureness:g} already"


def _sureness(rules: Sequence[_Rule], like: _Rule) -> float:
    return min(max(rule.confidence, _REGRESSION) for rule in rules if rule.about == like.about)


def _more_people(new: Policy, old: Policy) -> Iterator[str]:
    if _APPROVAL.index(new.approval) > _APPROVAL.index(old.approval):
        yield f"approval is {new.approval}"
    if new.first_model == "ask" and old.first_model != "ask":
        yield "a person answers for the first model"


def _rules(policy: Policy) -> list[_Rule]:
    return [rule for gate in policy.gates if gate.mode == "enforce" for rule in _rules_of(gate, policy.overall)]


def _rules_of(gate: Gate, overall: str) -> Iterator[_Rule]:
    label = gate.label or overall
    if gate.at_least is not None:
        yield _Rule(gate.metric, label, True, gate.at_least, False, gate.confidence, gate.min_support)
    for amount, sign in ((gate.gain_at_least, 1), (gate.drop_at_most, -1)):
        if amount is not None:
            least, relative = share_or_points(amount)
            yield _Rule(gate.metric, label, False, sign * least, relative, gate.confidence, gate.min_support)
