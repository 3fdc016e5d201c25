"""The parts of the page about single labels: their metrics, and which of them are taken for one another."""

from collections import Counter
from collections.abc import Sequence

from governor.domain.report import words
from governor.domain.report.content import Comparison, ConfusionLine, Estimate, LabelLine, Report
from governor.domain.report.page.figures import bar, share
from governor.domain.report.page.markup import Content, Markup, element, text
from governor.domain.report.page.tables import Column, difference, name, plain, section, table

_MOST_CONFUSIONS = 12
_DIGITS = 3
"""Of numbers that rest on a part of the exam."""
_MANY = 10
"""So many labels, and some look clearly different by chance."""


def labels_section(report: Report) -> Markup | None:
    """Return a line for every label, what lost most first."""
    if not report.labels:
        return None
    compared = report.lineage.baseline is not None
    noun = "Type" if report.data_mode == "ENTITIES" else "Label"
    counted = "Mentions" if report.data_mode == "ENTITIES" else "Documents"
    columns = [Column(noun), Column(counted, short=counted.lower()), Column("F1 as a bar", "fig")]
    columns += [Column("F1", short="F1")]
    if compared:
        columns += [Column("Active", short="active"), Column("Difference", short="difference")]
    columns += [Column("Precision", short="prec."), Column("Recall", short="recall")]
    rows = [_line(each, compared=compared) for each in report.labels]
    caption = f"F1, precision and recall of every {noun.lower()}"
    if compared:
        caption += "; what lost most comes first. Precision and recall: candidate, then active model"
    return section(
        "labels",
        f"{noun}s",
        _tally(report.labels) if compared else None,
        _by_chance(report, noun.lower()) if compared else None,
        table("labels", caption, columns, rows),
        _key() if compared else None,
    )


def _line(line: LabelLine, *, compared: bool) -> list[Content]:
    f1 = line.f1
    active: list[Content] = []
    if compared:
        active = [plain(f1.baseline, digits=_DIGITS), difference(f1.difference, digits=_DIGITS)]
    return [
        name(line.label),
        f"{line.support:,}",
        bar(_value(f1.candidate), _value(f1.baseline)) if line.support else None,
        plain(f1.candidate, strong=True, digits=_DIGITS),
        *active,
        _two(line.precision, compared=compared),
        _two(line.recall, compared=compared),
    ]


def _two(numbers: Comparison, *, compared: bool) -> Markup:
    new, old = (plain(each, digits=_DIGITS) for each in (numbers.candidate, numbers.baseline))
    return text(new, " ", element("small", old) if compared else None)


def _value(estimate: Estimate | None) -> float | None:
    return None if estimate is None else estimate.value


def _tally(labels: Sequence[LabelLine]) -> Markup:
    signs = Counter(each.f1.difference.sign for each in labels if each.f1.difference is not None)
    untested = sum(not each.support for each in labels)
    entries = [
        (signs["better"], "clearly better"),
        (signs["worse"], "clearly worse"),
        (signs["unsure"], "no clear difference"),
    ]
    if untested:
        entries.append((untested, "without test documents"))
    return element(
        "ul",
        (element("li", element("b", count), element("span", what)) for count, what in entries),
        class_="tally",
    )


def _by_chance(report: Report, noun: str) -> Markup | None:
    """Return how many labels would stand out although nothing has changed."""
    tested = sum(each.support > 0 for each in report.labels)
    if tested < _MANY:
        return None
    chance = max(1, round(tested * (1 - report.exam.confidence)))
    return element(
        "p", f"If nothing had changed, about {chance} of the {tested} {noun}s would look clearly better by chance, and "
        "about as many clearly worse.",
    )  # fmt: skip


def _key() -> Markup:
    return element(
        "ul",
        element("li", element("svg", element("rect", class_="new", width="100%", height="6", y="5", rx="3"),
                              aria_hidden="true"), "candidate, from 0 to 1"),
        element("li", element("svg", element("line", class_="old", x1="50%", x2="50%", y1="1", y2="15"),
                              aria_hidden="true"), "active model"),
        class_="key",
    )  # fmt: skip


# ---- confusions ------------------------------------------------------------------------------------------------------


def confusions_section(report: Report) -> Markup | None:
    """Return the mistakes that came, and those that went."""
    gained, lost = report.confusions_gained, report.confusions_lost
    if not report.labels:
        return None
    if report.lineage.baseline is None:
        return section("confusions", "Mistakes", _mistakes("Its most frequent mistakes", gained, compared=False))
    return section(
        "confusions",
        "Mistakes gained and lost",
        element(
            "div",
            element("div", element("h3", "Made more often"), _mistakes("Mistakes made more often", gained)),
            element("div", element("h3", "Made less often"), _mistakes("Mistakes made less often", lost)),
            class_="pair",
        ),
    )


def _mistakes(caption: str, lines: Sequence[ConfusionLine], *, compared: bool = True) -> Markup:
    if not lines:
        return element("p", "None.")
    shown = lines[:_MOST_CONFUSIONS]
    most = max(max(each.candidate, each.baseline or 0) for each in shown)
    columns = [Column("Right, then answered"), Column("Share", "fig")]
    if compared:
        columns += [Column("Active", short="active"), Column("Candidate", short="candidate"), Column("Change")]
        rows: list[list[Content]] = [
            [_pair(each), share(max(each.candidate, each.baseline or 0), most), f"{each.baseline or 0:,}",
             element("span", f"{each.candidate:,}", class_="value"), _change(each)]
            for each in shown
        ]  # fmt: skip
    else:
        columns += [Column("Documents", short="documents")]
        rows = [[_pair(each), share(each.candidate, most), f"{each.candidate:,}"] for each in shown]
    left = len(lines) - len(shown)
    return text(
        table("mistakes", caption, columns, rows, titled=compared),
        element("p", f"And {words.counted(left, 'rarer one')}, in the JSON of this report.", class_="intro")
        if left
        else None,
    )


def _pair(line: ConfusionLine) -> Markup:
    right, answered = (
        element("small", "nothing") if each is None else name(each) for each in (line.truth, line.answer)
    )
    return text(
        right,
        element("span", "\N{RIGHTWARDS ARROW}", class_="arrow", aria_hidden="true"),
        element("span", " answered as ", class_="hidden"),
        answered,
        # A recognizer's type that is right, at a place that is not.
        element("small", " elsewhere") if line.truth == line.answer else None,
    )


def _change(line: ConfusionLine) -> Markup:
    change = line.candidate - (line.baseline or 0)
    look = "worse" if change > 0 else "better"
    return element("span", f"{change:+,}".replace("-", words.MINUS), class_=look)
