"""The parts of the approval page, as HTML: everything from the row or the form is escaped here."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from governor.domain.approval import Approval
from governor.usecases.approval_facts import counted, shown_moment, shown_number
from governor.usecases.approval_form import LONGEST, FieldName, FormFaults
from governor.usecases.approval_mail import silence

_MINUS = "\u2212"
_VERDICTS = {
    "PASS": ("good", "Every gate of the policy is met."),
    "INCONCLUSIVE": ("", "The gates of the policy could not decide."),
}
_GATES = {"met": ("up", "\u2713"), "missed": ("down", "\u2717")}


def note(text: str, *, alert: bool = False) -> str:
    """Return a highlighted sentence; `alert` also makes screen readers speak it at once."""
    attributes = 'class="note bad" role="alert"' if alert else 'class="note"'
    return f"<p {attributes}>{escape(text)}</p>\n"


# ---- what is on record -----------------------------------------------------------------------------------------------


def answer_section(row: Approval) -> str:
    """Return who answered, when and why; nothing if nobody has."""
    if row.by is None or row.decided_at is None:
        return ""
    answer = [
        ("By", escape(row.person)),
        ("When", escape(shown_moment(row.decided_at))),
        ("Reason", escape(row.reason or "")),
    ]
    return _section("The answer", _pairs(answer))


def fact_sections(row: Approval) -> str:
    """Return the numbers side by side, the verdict, and what data the batch added."""
    facts = row.facts
    if facts["has_test_data"]:
        models = "Candidate and active model" if facts["has_active"] else "The candidate"
        title = f"{models}, on the same test documents"
    else:
        title = "Numbers from documents picked at random"
    return (
        _section(title, _metrics(facts, title))
        + _section("Verdict", _verdict(facts) + _report(row))
        + _section(f"Data added by batch {row.batch}", _added(facts) + _names(row))
    )


def _metrics(facts: Mapping[str, Any], title: str) -> str:
    columns = ["Metric", "Candidate", *(["Active", "Difference"] if facts["has_active"] else [])]
    head = "".join(f'<th scope="col">{column}</th>' for column in columns)
    rows = "".join(_metric(each, compared=facts["has_active"]) for each in facts["metrics"])
    return f'<table aria-label="{escape(title)}"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


def _metric(row: Mapping[str, Any], *, compared: bool) -> str:
    cells = f'<th scope="row">{escape(row["metric"].capitalize())}</th>'
    cells += f'<td class="candidate">{shown_number(row["candidate"])}</td>'
    if compared:
        cells += f"<td>{shown_number(row['active'])}</td>{_difference(row['difference'])}"
    return f"<tr>{cells}</tr>"


def _difference(value: float | None) -> str:
    text = shown_number(value, signed=True)
    if text.startswith("+"):
        return f'<td class="up"><span aria-hidden="true">\u25b2 </span>{text}</td>'
    if text.startswith("-") and value is not None:
        return f'<td class="down"><span aria-hidden="true">\u25bc </span>{_MINUS}{text[1:]}</td>'
    return f'<td class="none">{text}</td>'


def _verdict(facts: Mapping[str, Any]) -> str:
    look, words = _VERDICTS.get(facts["verdict"], ("", ""))
    summary = f'<p><span class="badge {look}">{escape(facts["verdict"])}</span> {words}</p>'
    remarks = "".join(f"<p>{escape(remark)}</p>" for remark in facts.get("remarks", ()))
    if not facts["gates"]:
        return f"{summary}<p>{escape(facts['reason'])}</p>{remarks}"
    return f"{summary}<ul>{''.join(_gate(gate) for gate in facts['gates'])}</ul>{remarks}"


def _gate(gate: Mapping[str, str]) -> str:
    look, mark = _GATES.get(gate["word"], ("none", "?"))
    return f'<li><span class="mark {look}" aria-hidden="true">{mark}</span>{escape(gate["words"])}</li>'


def _added(facts: Mapping[str, Any]) -> str:
    if not facts["added"]:
        return "<p>None: the iteration ran on what the flywheel already had.</p>"
    return _pairs(
        (escape(each["kind"]), f"{counted(each['files'], 'file')} with {counted(each['documents'], 'document')}")
        for each in facts["added"]
    )


def _report(row: Approval) -> str:
    """Return where the report is: this page may not read it."""
    uri = row.facts.get("report")
    if uri is None:
        return ""
    command = f"governor report {row.flywheel} {row.batch} --open"
    return (
        "<p>The report has every label, every mistake and the documents that changed sides. "
        f"Who may read the records bucket sees it with <code>{escape(command)}</code>:<br>"
        f"<code>{escape(uri)}</code></p>"
    )


def _names(row: Approval) -> str:
    active = row.baseline if row.facts["has_active"] else "none yet"
    names = [
        ("Candidate", f"<code>{escape(row.candidate)}</code>"),
        ("Active model", f"<code>{escape(active)}</code>"),
        ("Policy", f"version {row.policy_version}"),
    ]
    return f"<details><summary>Names for the record</summary>{_pairs(names)}</details>"


# ---- the form --------------------------------------------------------------------------------------------------------


def form_section(row: Approval, faults: FormFaults) -> str:
    """Return the form; with `faults`, what to correct in which field and what was typed before."""
    alert = ""
    if faults.faults:
        alert = note(f"Nothing was recorded. {next(iter(faults.faults.values()))}", alert=True)
    keep = "keep the active one" if row.facts["has_active"] else "do not use it"
    code = 'inputmode="numeric" autocomplete="one-time-code" spellcheck="false"'
    # Enter in a field presses a form's first button: that one is switched off, so that nobody approves by accident.
    form = f"""{alert}<form method="post" autocomplete="off">
<button type="submit" disabled></button>
{_field("code", "Code", "The six digits after the word Code in the mail.", faults, code)}
{_field("name", "Your name", "Recorded with the answer as you type it.", faults, 'autocomplete="name"')}
{_field("reason", "Reason", "A sentence for those who read the record later.", faults, long=True)}
<div class="buttons">
<button class="approve" type="submit" name="decision" value="approve">Approve: make it active</button>
<button type="submit" name="decision" value="reject">Reject: {keep}</button>
</div>
<p class="hint">{escape(silence(row.facts))} A rejection also holds the flywheel until a person resumes it.</p>
</form>"""
    return _section("Your answer", form)


def _field(
    name: FieldName, label: str, hint: str, faults: FormFaults, attributes: str = "", *, long: bool = False
) -> str:
    given, fault = escape(faults.given.get(name, "")), faults.faults.get(name)
    complaint, described = "", f'aria-describedby="{name}-hint"'
    if fault:
        complaint = f'<p class="fault" id="{name}-fault">{escape(fault)}</p>'
        described = f'aria-describedby="{name}-fault {name}-hint" aria-invalid="true"'
        described += " autofocus" if name == next(iter(faults.faults)) else ""
    shared = f'id="{name}" name="{name}" required maxlength="{LONGEST[name]}" {described} {attributes}'
    control = f"<textarea {shared}>{given}</textarea>" if long else f'<input type="text" {shared} value="{given}">'
    return f"""<div class="field">
<label for="{name}">{label}</label>
<p class="hint" id="{name}-hint">{hint}</p>{complaint}
{control}
</div>"""


def _section(title: str, inner: str) -> str:
    return f"<section>\n<h2>{escape(title)}</h2>\n{inner}\n</section>\n"


def _pairs(pairs: Iterable[tuple[str, str]]) -> str:
    """Return a list of terms; the values are HTML."""
    return f"<dl>{''.join(f'<dt>{term}</dt><dd>{value}</dd>' for term, value in pairs)}</dl>"
