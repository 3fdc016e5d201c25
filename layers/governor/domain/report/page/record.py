"""The parts of the page for the record: what it cost, and where everything came from."""

from governor.domain.pricing import dollars
from governor.domain.report import words
from governor.domain.report.content import Report
from governor.domain.report.page.markup import Content, Markup, element, text
from governor.domain.report.page.tables import pairs, section


def cost_section(report: Report) -> Markup | None:
    """Return what was spent, if anything is known of it."""
    cost = report.cost
    parts = (
        ("Training", cost.training_usd, cost.training_seconds),
        ("Exam", cost.exam_usd, cost.exam_seconds),
    )
    known = [part for part in parts if part[1:] != (None, None)]
    if not known:
        return None
    entries: list[tuple[str, Content]] = [
        (what, f"{'cost not known' if usd is None else dollars(usd)}, {words.seconds(seconds)}")
        for what, usd, seconds in known
    ]
    spent = [usd for _, usd, _ in known if usd is not None]
    if len(spent) > 1:
        entries.append(("Together", element("span", dollars(sum(spent)), class_="value")))
    return section("cost", "Cost and time", pairs(entries))


def lineage_section(report: Report) -> Markup:
    """Return the names of all that the verdict rests on."""
    lineage, exam = report.lineage, report.exam
    uses = words.counted(exam.uses, "promotion") if exam.uses else "no promotion"
    entries: list[tuple[str, Content]] = [
        ("Candidate", _code(lineage.candidate or "none")),
        ("Active model", _code(lineage.baseline or "none yet")),
        ("Iteration", _code(lineage.iteration or "none")),
        ("Datasets", _lines(lineage.datasets) if lineage.datasets else "none new"),
        ("Policy", f"version {lineage.policy_version}"),
        ("Exam", _exam(report)),
        ("Earlier decisions", f"This exam had decided {uses} before."),
        ("Manifest", _with_hash(lineage.manifest_uri, lineage.manifest_sha256)),
        ("Decision record", _with_hash(lineage.decision_uri, lineage.decision_sha256)),
        ("Code", _code(lineage.code_version or "not known")),
    ]
    return section(
        "lineage",
        "Where it came from",
        element("p", "The decision record holds all that is needed to reach the same verdict again."),
        pairs(entries),
    )


def _exam(report: Report) -> Markup:
    exam = report.exam
    kind = "golden" if exam.kind == "golden" else "the flywheel's TEST datasets"
    size = None if exam.documents is None else f", {words.counted(exam.documents, 'document')}"
    return text(kind, size, (element("br"), _code(f"sha256 {exam.digest}")) if exam.digest else None)


def _with_hash(uri: str, sha256: str) -> Markup:
    return text(_code(uri), element("br"), _code(f"sha256 {sha256}"))


def _lines(values: tuple[str, ...]) -> Markup:
    return text(*((element("br") if number else None, _code(value)) for number, value in enumerate(values)))


def _code(value: str) -> Markup:
    return element("code", value)
