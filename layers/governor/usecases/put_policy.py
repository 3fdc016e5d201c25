"""Writes a flywheel's policy on a person's behalf.

A policy file has the flywheel's `name` and the policy's fields in one document. All faults are told at once, each with
its path and what to do about it; no value is quoted, because the output ends in terminals and CI logs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

from governor.domain.errors import InvalidInputError
from governor.domain.gates import ExamRules, Gate
from governor.domain.policy import BatchRules, DataRules, FlywheelDefinition, Policy, PollingRules, ServingRules
from governor.domain.upload import is_flywheel_name
from governor.ports import Clock, PolicyPut, PolicyWriter

_PARTS: dict[tuple[str, ...], type[BaseModel]] = {
    (): Policy,
    ("flywheel",): FlywheelDefinition,
    ("data",): DataRules,
    ("batch",): BatchRules,
    ("polling",): PollingRules,
    ("serving",): ServingRules,
    ("gates",): Gate,
    ("exam",): ExamRules,
}
_REMEDIES = {
    "missing": "is missing: add it",
    "string_type": "must be text: put it in quotes (YAML reads no, yes, on, numbers and dates as something else)",
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
_PATTERNS = {
    "labels": "must be text without control characters, and not empty",
    "entity_types": "must be text without commas, tabs and line ends, and not empty",
    "label_delimiter": "must be one of the characters that Comprehend takes: ~!@#$%^*-_+=|\\:;>?/ blank or tab",
    "endpoint": "must be an endpoint's name: at most 40 letters, digits and inner hyphens",
    "smoke": "must be the name of a .csv file in the flywheel's folder smoke/, without a path",
    "active_model_arn": "must be the ARN of a Comprehend document classifier or entity recognizer (console page)",
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
    name = fields.pop("name", None)
    faults = _faults_of_name(name)
    try:
        policy = Policy.model_validate(fields)
    except ValidationError as error:
        raise _refusal(faults + _sentences(error)) from error
    if faults:
        raise _refusal(faults)
    return NamedPolicy(str(name), policy)


def put_policy(writer: PolicyWriter, clock: Clock, wanted: NamedPolicy, *, author: str) -> PolicyPut:
    """Make `wanted` the flywheel's next policy version. `author`: the ARN of whoever asks; the row keeps it."""
    return writer.put(wanted.flywheel, wanted.policy, author=author, now=clock.now())


def _faults_of_name(name: object) -> list[str]:
    if isinstance(name, str) and is_flywheel_name(name):
        return []
    return [f"name: is missing; it {_NAME_RULE}" if name is None else f"name: {_NAME_RULE}"]


def _refusal(faults: list[str]) -> InvalidInputError:
    count = "a fault" if len(faults) == 1 else f"{len(faults)} faults"
    return InvalidInputError(
        f"The policy has {count}; nothing was written.\n" + "\n".join(f"  {each}" for each in faults)
    )


def _sentences(error: ValidationError) -> list[str]:
    """Return one sentence a fault; a list that is short only because its entries are faulty is no fault of its own."""
    faults = error.errors(include_url=False, include_input=False)
    inner = {fault["loc"][:depth] for fault in faults for depth in range(len(fault["loc"]))}
    return [_sentence(fault) for fault in faults if fault["type"] != "too_short" or fault["loc"] not in inner]


def _sentence(fault: Mapping[str, Any]) -> str:
    where = ".".join(str(step) for step in fault["loc"]) or "policy"
    return f"{where}: {_remedy(fault)}"


def _remedy(fault: Mapping[str, Any]) -> str:
    kind, message = str(fault["type"]), str(fault["msg"])
    match kind:
        case "extra_forbidden":
            remedy = _unknown_field(fault["loc"])
        case "literal_error":
            remedy = f"must be {fault['ctx']['expected']}"
        case "string_pattern_mismatch":
            remedy = next((text for field, text in _PATTERNS.items() if field in fault["loc"]), message)
        case "too_short":
            remedy = f"needs at least {fault['ctx']['min_length']} entries"
        case "too_long":
            remedy = f"takes at most {fault['ctx']['max_length']} entries"
        case _:
            plain = message.removeprefix("Value error, ").replace("Input should be", "must be", 1)
            remedy = _REMEDIES.get(kind, plain)
    return remedy


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
