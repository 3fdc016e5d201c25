"""The approval page's form: what a person typed, bounded and cleaned, or what is wrong with it."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qs

from governor.domain.approval import Answer, could_be_code

FieldName = Literal["code", "name", "reason", "decision"]

LONGEST: dict[FieldName, int] = {"code": 16, "name": 100, "reason": 500, "decision": 16}
"""Characters. The page says so, and the server holds it."""
_ANSWERS: dict[str, Answer] = {"approve": "APPROVED", "reject": "REJECTED"}
_WANTED: dict[FieldName, str] = {
    "name": "Say who you are.",
    "reason": "Say why, in a sentence; it is kept with the answer.",
}
_MOST_FIELDS = 16


@dataclass(frozen=True)
class AnswerForm:
    """A complete answer. `given`: the name and the reason as typed, to show them again if the code is wrong."""

    code: str
    name: str
    reason: str
    answer: Answer
    given: Mapping[str, str]


@dataclass(frozen=True)
class FormFaults:
    """What is missing, field by field, in words; and what was typed, to show it again. A code is never shown again."""

    given: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)


def read_form(body: bytes) -> AnswerForm | FormFaults:
    """Read a form (application/x-www-form-urlencoded, UTF-8). A field that comes twice counts as missing."""
    fields = _fields(body)
    code = "".join(fields["code"].split()).replace("-", "")
    answer = _ANSWERS.get(fields["decision"])
    given = {"name": fields["name"], "reason": fields["reason"]}
    faults: dict[str, str] = {}
    if not could_be_code(code):
        faults["code"] = "Type the six digits that follow the word Code in the mail."
    for name, wanted in _WANTED.items():
        if not fields[name]:
            faults[name] = wanted
        elif len(fields[name]) > LONGEST[name]:
            faults[name] = f"At most {LONGEST[name]} characters."
    if answer is None:
        faults["decision"] = "Choose one of the two buttons."
    if faults or answer is None:
        return FormFaults(given, faults)
    return AnswerForm(code, given["name"], given["reason"], answer, given)


def _fields(body: bytes) -> dict[FieldName, str]:
    try:
        parsed = parse_qs(body.decode("utf-8", "replace"), max_num_fields=_MOST_FIELDS)
    except ValueError:
        parsed = {}
    return {name: _clean(parsed[name][0]) if len(parsed.get(name, ())) == 1 else "" for name in LONGEST}


def _clean(text: str) -> str:
    """Return `text` on one line, without control and formatting characters: they could disguise it."""
    visible = "".join(
        " " if unicodedata.category(character).startswith(("C", "Z")) else character for character in text
    )
    return " ".join(visible.split())
