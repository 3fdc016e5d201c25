"""What is wrong with a policy file: all of it at once, each fault with its path and what to do about it.

No value is quoted, because the output ends in terminals and CI logs and a label may be a document's text by mistake.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

from governor.domain.errors import InvalidInputError
from governor.domain.gates import ExamRules, Gate
from governor.domain.policy import (
    AnalysisRules,
    BatchRules,
    DataRules,
    FlywheelDefinition,
    Policy,
    PollingRules,
    RetentionRules,
    ServingRules,
)
from governor.domain.policy_document import DEFAULTS, PolicyFile, merged
from governor.domain.upload import is_flywheel_name

Path = tuple[int | str, ...]

_PARTS: dict[tuple[str, ...], type[BaseModel]] = {
    (): Policy,
    ("flywheel",): FlywheelDefinition,
    ("data",): DataRules,
    ("batch",): BatchRules,
    ("polling",): PollingRules,
    ("serving",): ServingRules,
    ("analysis",): AnalysisRules,
    ("retention",): RetentionRules,
    ("gates",): Gate,
    ("exam",): ExamRules,
}
_REMEDIES = {
    "missing": "is missing: add it",
    "string_type": "must be text: put it in quotes (YAML reads no, yes, on, numbers and dates as something else)",
    "string_too_short": "must not be empty",
    "tuple_type": "must be a list",
    "model_type": "must be a block of fields",
    "model_attributes_type": "must be a block of fields",
    "int_type": "must be a whole number, without quotes",
    "float_type": "must be a number, without quotes",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false, without quotes",
}
_PATTERNS = {
    "labels": "must be text without control characters, and not empty",
    "entity_types": "must be text without commas, tabs and line ends, and not empty",
    "label_delimiter": "must be one of the characters that Comprehend takes: ~!@#$%^*-_+=|\\:;>?/ blank or tab",
    "endpoint": "must be an endpoint's name: at most 40 letters, digits and inner hyphens",
    "smoke": "must be the name of a .csv file in the flywheel's folder smoke/, without a path",
    "must_pass": "must be the name of a .csv file in the flywheel's folder must-pass/, without a path",
    "set": "must be the name of a folder in the flywheel's folder exam/: letters, digits and inner hyphens",
    "active_model_arn": "must be the ARN of a Comprehend document classifier or entity recognizer (console page)",
}
_RANGES = {
    "confidence": "must be at least 0.5, where the bare numbers decide, and less than 1; usual is 0.95",
    "budget_usd_per_month": "must be more than 0 dollars; leave it out to have no budget",
}
_OUT_OF_RANGE = frozenset({"greater_than", "greater_than_equal", "less_than", "less_than_equal"})
_NAME_RULE = "must be the flywheel's name: at most 63 letters, digits and inner hyphens, as in its inbox folder"
_OF_DEFAULTS = f"; the defaults of all flywheels are named '{DEFAULTS}', in quotes"
_INCOMPLETE = frozenset({"missing", "contradiction", "disagreement"})
"""What only a flywheel's own file can mend: the defaults need not be whole."""


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: where, and what to do about it. `in_defaults`: not in the file, but in the defaults."""

    path: str
    remedy: str
    in_defaults: bool = False

    def __str__(self) -> str:
        return f"{'in the defaults, ' if self.in_defaults else ''}{self.path}: {self.remedy}"


class FaultyPolicy(InvalidInputError):
    """A policy with everything that is wrong with it. `of`: which policy, if it is not the one that was asked about."""

    def __init__(self, faults: Sequence[Fault], of: str = "The policy") -> None:
        count = "a fault" if len(faults) == 1 else f"{len(faults)} faults"
        lines = "".join(f"\n  {fault}" for fault in faults)
        super().__init__(f"{of} has {count}; nothing was written.{lines}")
        self.faults = tuple(faults)


def read_policy_file(document: object) -> PolicyFile:
    """Return what the file wants, checked for all that no defaults could mend.

    `document`: the content of a policy file, which has the flywheel's `name` and the policy's fields in one block.
    Raises FaultyPolicy that lists what is wrong, one a line, as `  path: what to do`.
    """
    if not isinstance(document, Mapping):
        raise FaultyPolicy([Fault("policy", "must be a block of fields, beginning with `name: <flywheel>`")])
    fields = {str(key): value for key, value in document.items()}
    name = fields.pop("name", None)
    file = PolicyFile(name if isinstance(name, str) else "", fields)
    named, mistakes = _faults_of_name(name), faults_of_defaults(fields)
    strange = [Fault(_told(path), "must be plain text, a number, a list or a block") for path in _strange(fields)]
    if named or mistakes or strange:
        raise FaultyPolicy([*named, *(mistakes if file.for_all else _all_faults(fields)), *strange])
    return file


def resolved(file: PolicyFile, defaults: Mapping[str, Any]) -> Policy:
    """Return a flywheel's whole policy; raises FaultyPolicy."""
    try:
        return Policy.model_validate(merged(defaults, file.fields))
    except ValidationError as error:
        raise FaultyPolicy(_faults(error, file.fields, defaults)) from error


def faults_of_defaults(fields: Mapping[str, Any]) -> list[Fault]:
    """Return what is wrong with defaults; that something is missing is for each flywheel's file to say."""
    try:
        Policy.model_validate(fields)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        wrong = [fault for fault in faults if fault["type"] not in _INCOMPLETE or _is_of_a_gate(fault)]
        return [Fault(_told(fault["loc"]), _remedy(fault)) for fault in _without_echoes(wrong)]
    return []


def _faults_of_name(name: object) -> list[Fault]:
    if name == DEFAULTS or (isinstance(name, str) and is_flywheel_name(name)):
        return []
    return [Fault("name", f"is missing; it {_NAME_RULE}" if name is None else f"{_NAME_RULE}{_OF_DEFAULTS}")]


def _all_faults(fields: Mapping[str, Any]) -> list[Fault]:
    """Return also what defaults could mend: whoever corrects the file wants to know all of it."""
    try:
        Policy.model_validate(fields)
    except ValidationError as error:
        return _faults(error, fields, {})
    return []


def _faults(error: ValidationError, fields: Mapping[str, Any], defaults: Mapping[str, Any]) -> list[Fault]:
    return [
        Fault(
            _told(fault["loc"]),
            _remedy(fault),
            in_defaults=not _has(fields, fault["loc"]) and _has(defaults, fault["loc"]),
        )
        for fault in _without_echoes(error.errors(include_url=False, include_input=False))
    ]


def _without_echoes(faults: Sequence[Any]) -> list[Any]:
    """A list that is short only because its entries are faulty is no fault of its own."""
    inner = {fault["loc"][:depth] for fault in faults for depth in range(len(fault["loc"]))}
    return [fault for fault in faults if fault["type"] != "too_short" or fault["loc"] not in inner]


def _is_of_a_gate(fault: Mapping[str, Any]) -> bool:
    """Gates are replaced as a whole, so that each must be whole already in the defaults."""
    return bool(fault["loc"][:1] == ("gates",) and fault["type"] != "disagreement")


def _has(document: object, path: Path) -> bool:
    for step in path:
        if isinstance(document, Mapping):
            if step not in document:
                return False
            document = document[step]
        elif isinstance(document, Sequence) and not isinstance(document, str):
            if not isinstance(step, int) or step >= len(document):
                return False
            document = document[step]
        else:
            return False
    return bool(path)


def _told(path: Path) -> str:
    return ".".join(str(step) for step in path) or "policy"


def _remedy(fault: Mapping[str, Any]) -> str:
    kind, message, path = str(fault["type"]), str(fault["msg"]), fault["loc"]
    match kind:
        case "extra_forbidden":
            remedy = _unknown_field(path)
        case "literal_error":
            remedy = f"must be {fault['ctx']['expected']}"
        case "string_pattern_mismatch":
            remedy = next((text for field, text in _PATTERNS.items() if field in path), message)
        case "too_short":
            remedy = f"needs at least {fault['ctx']['min_length']} entries"
        case "too_long":
            remedy = f"takes at most {fault['ctx']['max_length']} entries"
        case _ if kind in _OUT_OF_RANGE and path[-1] in _RANGES:
            remedy = _RANGES[path[-1]]
        case _:
            plain = message.removeprefix("Value error, ").replace("Input should be", "must be", 1)
            remedy = _REMEDIES.get(kind, plain.replace("String should have", "must have", 1))
    return remedy


def _unknown_field(path: Path) -> str:
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


def _strange(value: object, path: Path = ()) -> Iterator[Path]:
    """Yield the paths of what JSON does not have and a policy would take: YAML knows sets and bytes."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _strange(inner, (*path, str(name)))
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            yield from _strange(inner, (*path, number))
    elif isinstance(value, bytes | set | frozenset):
        yield path
