"""What a batch's row says of its exam and of its costs.

Sittings and costs are attributes of their own, so that each is written by itself: `sitting_<paper>_<model>`,
`cost_training_<attempt>`, `cost_sitting_<paper>_<model>_<attempt>`. DynamoDB has no binary fractions, so numbers that
are not whole are kept as text.
"""

from typing import Any

from governor.adapters.dynamodb import Item
from governor.domain.batch import digest_of
from governor.domain.budget import Cost
from governor.domain.moments import from_text, to_text
from governor.ports import ExamRecord, Sitting

_SITTING, _COST = "sitting", "cost_"


def exam_item(exam: ExamRecord) -> Item:
    """Return the exam as an attribute."""
    return _without_none(vars(exam) | {"cost_usd": repr(exam.cost_usd)})


def exam_of(value: Item) -> ExamRecord:
    """Return the exam of an attribute."""
    numbers = {name: int(value[name]) for name in ("documents", "units")}
    return ExamRecord(**value | numbers | {"cost_usd": float(value["cost_usd"])})


def sitting_name(sitting: Sitting) -> str:
    """Return the attribute's name: one for each model and paper."""
    return f"{_SITTING}_{sitting.paper[:16]}_{digest_of(sitting.model.encode())[:16]}"


def sitting_item(sitting: Sitting) -> Item:
    """Return a sitting as an attribute."""
    texts = {
        "began": None if sitting.began is None else to_text(sitting.began),
        "seconds": None if sitting.seconds is None else repr(sitting.seconds),
    }
    return _without_none(vars(sitting) | texts)


def sittings_of(item: Item) -> tuple[Sitting, ...]:
    """Return all sittings of a batch's row, always in the same order."""
    return tuple(_sitting(value) for name, value in sorted(item.items()) if name.startswith(f"{_SITTING}_"))


def cost_item(cost: Cost) -> Item:
    """Return a cost as an attribute."""
    texts = {
        "usd": repr(cost.usd),
        "at": to_text(cost.at),
        "seconds": None if cost.seconds is None else repr(cost.seconds),
    }
    return _without_none(vars(cost) | texts)


def costs_of(item: Item) -> tuple[Cost, ...]:
    """Return all costs of a batch's row, the oldest first."""
    found = [_cost(value) for name, value in item.items() if name.startswith(_COST)]
    return tuple(sorted(found, key=lambda cost: (cost.at, cost.kind, cost.usd)))


def _sitting(value: Item) -> Sitting:
    return Sitting(
        paper=value["paper"],
        model=value["model"],
        units=int(value["units"]),
        attempt=int(value["attempt"]),
        job=value.get("job"),
        began=from_text(value["began"]) if "began" in value else None,
        answered=bool(value["answered"]),
        seconds=float(value["seconds"]) if "seconds" in value else None,
    )


def _cost(value: Item) -> Cost:
    seconds = float(value["seconds"]) if "seconds" in value else None
    return Cost(value["kind"], float(value["usd"]), from_text(value["at"]), seconds)


def _without_none(values: dict[str, Any]) -> Item:
    return {name: value for name, value in values.items() if value is not None}
