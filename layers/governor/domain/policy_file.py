"""A policy as a person writes it: the flywheel's `name` and the policy's fields in one document.

All faults are told at once, each with its path and what to do about it. Unlike the functions, which read rows that others wrote, this may
tell what is allowed; it still quotes no values, because its output ends in terminals and CI logs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

from governor.domain.errors import InvalidInputError
from governor.domain.policy import BatchRules, FlywheelDefinition, Gate, Policy, PollingRules
from governor.domain.upload import is_flywheel_name

_PARTS: dict[tuple[str, ...], type[BaseModel]] = {
    (): Policy,
    ("flywheel",): FlywheelDefinition,
    ("batch",): BatchRules,
    ("polling",): PollingRules,
    ("gates",): Gate,
}
_REMEDIES = {
    "missing": "is missing: add it",
    "string_type": "must be text: put it in quotes (YAML reads no, yes, on, numbers and dates as something else)",
    "string_too_short": "must not be empty",
    "string_pattern_mismatch": "must be the ARN of a Comprehend document classifier, which its page in the console shows",
    "tuple_type": "must be a list",
    "model_type": "must be a block of fields",
    "model_attributes_type": "must be a block of fields",
    "int_type": "must be a whole number, without quotes",
    "int_parsing": "must be a whole number, without quotes",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number, without quotes",
    "float_parsing": "must be a number, without quotes",
    "finite_number": "must be a finite number",
}
_NAME_RULE = "must be the flywheel's name: at most 63 letters, digits and inner hyphens, as in its inbox folder"


@dataclass(frozen=True)
class NamedPolicy:
    """A policy and the flywheel it is for."""

    flywheel: str
    policy: Policy


def read_policy_file(document: object) -> NamedPolicy:
    """Return the policy in `document`, the content of a policy file.

    Raises InvalidInputError that lists every fault, one a line, as `  path: what to do`.
    """
    if not isinstance(document, Mapping):
        raise InvalidInputError("The file must be a block of fields, beginning with `name: <flywheel>`.")
    fields = {str(key): value for key, value in document.items()}
    faults = []
    name = fields.pop("name", None)
    if not isinstance(name, str) or not is_flywheel_name(name):
        faults.append(f"name: {_NAME_RULE}" if name is not None else f"name: is missing; it {_NAME_RULE}")
    try:
        policy = Policy.model_validate(fields)
    except ValidationError as error:
        faults += _sentences(error)
    if faults:
        count = "a fault" if len(faults) == 1 else f"{len(faults)} faults"
        raise InvalidInputError(
            f"The policy has {count}; nothing was written.\n" + "\n".join(f"  {fault}" for fault in faults)
        )
    return NamedPolicy(str(name), policy)


def _sentences(error: ValidationError) -> list[str]:
    """Return one sentence a fault; a list that is too short only because its entries are faulty is not a fault of its own."""
    faults = error.errors(include_url=False, include_input=False)
    inner = {fault["loc"][:depth] for fault in faults for depth in range(len(fault["loc"]))}
    return [_sentence(fault) for fault in faults if fault["type"] != "too_short" or fault["loc"] not in inner]


def _sentence(fault: Mapping[str, Any]) -> str:
    where = ".".join(str(step) for step in fault["loc"]) or "policy"
    match fault["type"]:
        case "extra_forbidden":
            return f"{where}: {_unknown_field(fault['loc'])}"
        case "literal_error":
            return f"{where}: must be {fault['ctx']['expected']}"
        case "too_short":
            return f"{where}: needs at least {fault['ctx']['min_length']} entries"
        case "too_long":
            return f"{where}: takes at most {fault['ctx']['max_length']} entries"
        case "value_error":
            return f"{where}: {str(fault['msg']).removeprefix('Value error, ')}"
        case kind if kind in _REMEDIES:
            return f"{where}: {_REMEDIES[kind]}"
    return f"{where}: {str(fault['msg']).replace('Input should be', 'must be', 1)}"


def _unknown_field(path: tuple[int | str, ...]) -> str:
    names = [step for step in path if isinstance(step, str)]
    part = _PARTS.get(tuple(names[:-1]))
    if part is None:
        return "no such field; leave it out"
    near = get_close_matches(names[-1], part.model_fields, n=1)
    return (
        f"no such field; did you mean {near[0]}?"
        if near
        else f"no such field; there are {', '.join(part.model_fields)}"
    )
