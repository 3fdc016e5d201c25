"""The parts of the page that compare the models over the whole exam: metrics, and what the gates found."""

from governor.domain.report import words
from governor.domain.report.content import GateLine, MetricLine, Report
from governor.domain.report.page.figures import Scale, against_threshold, axis, both, scale_of
from governor.domain.report.page.markup import Content, Markup, element, text
from governor.domain.report.page.tables import Column, difference, estimate, section, table

_OVER = {"macro": "mean of all labels", "micro": "all decisions together", "documents": "share of documents"}
_MARKS = {
    "met": "\N{CHECK MARK}",
    "missed": "\N{BALLOT X}",
    "undecided": "?",
    "unknown": "?",
}
SHADOW = "A shadow gate: it is told, and decides nothing."


def metrics_section(report: Report) -> Markup | None:
    """Return both models' metrics side by side."""
    if not report.metrics:
        return None
    has_new = any(line.numbers.candidate for line in report.metrics)
    has_old = any(line.numbers.baseline for line in report.metrics)
    scale = scale_of(line.numbers for line in report.metrics)
    columns = [Column("Metric"), Column("On one scale", "fig")]
    columns += [Column("Candidate", short="candidate")] if has_new else []
    columns += [Column("Active model", short="active")] if has_old else []
    columns += [Column("Difference", short="difference")] if has_new and has_old else []
    rows = [_metric(line, scale, has_new=has_new, has_old=has_old) for line in report.metrics]
    title = "Candidate and active model" if has_new and has_old else "The candidate" if has_new else "The active model"
    return section(
        "metrics",
        title,
        element("p", _exam_in_words(report, has_new=has_new, has_old=has_old)),
        table("metrics", _caption(report), columns, rows, [None, axis(scale), *(None for _ in columns[2:])]),
        _key(has_new=has_new, has_old=has_old),
    )


def _metric(line: MetricLine, scale: Scale, *, has_new: bool, has_old: bool) -> list[Content]:
    numbers = line.numbers
    return [
        text(words.metric_in_words(line.metric, line.over), " ", element("small", _OVER[line.over])),
        both(numbers, scale),
        *([estimate(numbers.candidate, strong=True)] if has_new else []),
        *([estimate(numbers.baseline)] if has_old else []),
        *([difference(numbers.difference)] if has_new and has_old else []),
    ]


def _exam_in_words(report: Report, *, has_new: bool, has_old: bool) -> str:
    exam = report.exam
    documents = "test documents" if exam.documents is None else words.counted(exam.documents, "test document")
    sat = "The candidate sat" if has_new else "The active model sat"
    sat = "Both models sat the same" if has_new and has_old else sat
    told = "Comprehend told averages alone." if exam.kind == "iteration" else "Everything is computed from the answers."
    missing = [
        f"{whose} gave no answer to {words.counted(count, 'document')}, which counts as wrong."
        for whose, count in (
            ("The candidate", exam.unanswered_candidate),
            ("The active model", exam.unanswered_baseline),
        )
        if count
    ]
    return " ".join([f"{sat} {documents}.", told, *missing])


def _caption(report: Report) -> str:
    known = any(
        each is not None and each.low is not None
        for line in report.metrics
        for each in (line.numbers.candidate, line.numbers.difference)
    )
    if not known:
        return "Metrics of the exam"
    sure = words.percent(report.exam.confidence)
    return f"Metrics of the exam. Each is above its lower end with {sure} confidence, below its upper one with as much."


def _key(*, has_new: bool, has_old: bool) -> Markup:
    entries = [*([("new", "candidate")] if has_new else []), *([("old", "active model")] if has_old else [])]
    return element(
        "ul",
        (
            element(
                "li",
                element(
                    "svg",
                    element("line", class_=f"span {look}", x1="0", x2="100%", y1="8", y2="8"),
                    element("circle", class_=look, cx="50%", cy="8", r="4.5"),
                    aria_hidden="true",
                ),
                f"{who}, with interval",
            )
            for look, who in entries
        ),
        class_="key",
    )


# ---- gates -----------------------------------------------------------------------------------------------------------


def gates_section(report: Report) -> Markup:
    """Return every rule of every gate, and how it was met."""
    if not report.gates:
        return section("gates", "Gates", element("p", f"No gate was asked. {report.decision.reason}"))
    columns = [Column("Result"), Column("What the policy asks, and what was found", "words"), Column("Place", "fig")]
    rows = [[_result(gate), _rule(gate), against_threshold(gate)] for gate in report.gates]
    intro = (
        "The dashed line is what the policy asks for, each gate on a scale of its own. Right of it is good; "
        "a gate is met when the whole interval lies there."
    )
    caption = f"Gates of policy version {report.lineage.policy_version}"
    return section("gates", "Gates", element("p", intro), table("gates", caption, columns, rows))


def _result(gate: GateLine) -> Markup:
    mark = element("span", _MARKS[gate.word], aria_hidden="true")
    shadow = (" ", element("span", "shadow", class_="tag shadow")) if gate.mode == "shadow" else None
    return text(element("span", mark, gate.word, class_=f"tag {gate.word}"), shadow)


def _rule(gate: GateLine) -> Markup:
    shadow = element("p", SHADOW, class_="note") if gate.mode == "shadow" else None
    return text(element("span", gate.asks, class_="asks"), element("p", gate.words), shadow)
