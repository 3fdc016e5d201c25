"""The parts of the page about documents: those that flip, those that must be right, and those that the batch added."""

from collections import Counter

from governor.domain.report import words
from governor.domain.report.content import AddedFile, Flip, Flips, FlipsOfFile, Report
from governor.domain.report.page.figures import share
from governor.domain.report.page.markup import Content, Markup, element, text
from governor.domain.report.page.tables import Column, name, section, table

_OPEN_AT_MOST = 12
"""Flips of a file that are shown without being asked for."""
_MOST_ADDED_LABELS = 100


def flips_section(report: Report) -> Markup | None:
    """Return the documents on which the models differ, by where they are."""
    wrong, right = report.right_to_wrong, report.wrong_to_right
    if wrong is None or right is None:
        return None
    tally = element(
        "ul",
        (
            element("li", element("b", f"{flips.count:,}"), element("span", what))
            for flips, what in ((wrong, "right before, wrong now"), (right, "wrong before, right now"))
        ),
        class_="tally",
    )
    intro = (
        "Texts are not in this report. Each document is named by its file in the inbox and its line there; "
        "the command fetches the file, for those who may read it."
    )
    return section(
        "flips",
        "Documents that changed sides",
        tally,
        element("p", intro),
        _flips("Right before, wrong now", wrong, shown=True),
        _flips("Wrong before, right now", right, shown=False),
    )


def _flips(title: str, flips: Flips, *, shown: bool) -> Markup | None:
    if not flips.count:
        return None
    left = flips.count - flips.listed
    return text(
        element("h3", title),
        (_file(each, title, shown=shown) for each in flips.files),
        element("p", f"And {left:,} more; the first {flips.listed} are listed.", class_="intro") if left else None,
    )


def _file(file: FlipsOfFile, title: str, *, shown: bool) -> Markup:
    columns = [
        Column("Line", short="line"),
        Column("Right", "words", "right"),
        Column("Candidate", "words", "candidate"),
        Column("Active model", "words", "active"),
    ]
    return element(
        "details",
        element("summary", element("code", file.key), " ",
                element("small", f"{words.counted(len(file.documents), 'document')}")),
        element("pre", element("code", file.command)),
        table("flips", f"{title}: {file.key}, version {file.version}", columns, map(_flip, file.documents),
              titled=True),
        open=shown and len(file.documents) <= _OPEN_AT_MOST,
    )  # fmt: skip


def _flip(flip: Flip) -> list[Content]:
    return [f"{flip.line:,}", *(_names(each) for each in (flip.truth, flip.candidate, flip.baseline))]


def _names(labels: tuple[str, ...]) -> Markup:
    if not labels:
        return element("small", "nothing")
    return text(*((", " if number else None, name(label)) for number, label in enumerate(labels)))


# ---- must-pass -------------------------------------------------------------------------------------------------------


def must_pass_section(report: Report) -> Markup | None:
    """Return how the candidate did on documents that it must get right."""
    found = report.must_pass
    if found is None:
        return None
    right = found.documents - found.failures
    if not found.failures:
        words_ = (
            "The one document is right." if found.documents == 1 else f"All {found.documents:,} documents are right."
        )
        return section("must-pass", "Documents that must be right", element("p", _tag("met", "met"), " ", words_))
    more = found.failures - len(found.failed)
    return section(
        "must-pass",
        "Documents that must be right",
        element("p", _tag("missed", "missed"), f" {right:,} of {words.counted(found.documents, 'document')} are right. "
                "Wrong are, by file and line:"),
        element("ul", (element("li", element("code", each)) for each in found.failed), class_="failed"),
        element("p", f"And {more:,} more.") if more > 0 else None,
    )  # fmt: skip


def _tag(look: str, word: str) -> Markup:
    mark = "\N{CHECK MARK}" if look == "met" else "\N{BALLOT X}"
    return element("span", element("span", mark, aria_hidden="true"), word, class_=f"tag {look}")


# ---- added data ------------------------------------------------------------------------------------------------------


def added_section(report: Report) -> Markup:
    """Return the batch's files, and what they are made of."""
    title = f"Data that batch {report.batch} added"
    if not report.added:
        return section("data", title, element("p", "None: the iteration ran on what the flywheel already had."))
    suspects = [each for each in report.added if each.suspect is not None]
    warning = None
    if suspects:
        warning = element(
            "p",
            "The candidate is worse than the active model, and these files are what it learned besides. "
            "Look at the ones marked as suspects first: wrong or shifted labels are the usual cause.",
            class_="remark",
        )
    return section("data", title, warning, _files(report.added), _added_labels(report))


def _files(files: tuple[AddedFile, ...]) -> Markup:
    columns = [Column("File"), Column("For", "words"), Column("Documents", short="documents")]
    columns += [Column("Version", "words", "version")]
    rows: list[list[Content]] = [
        [
            text(
                element("code", each.key),
                element("p", _tag("missed", "suspect"), f" {each.suspect}") if each.suspect else None,
            ),
            "training" if each.kind == "train" else "exam",
            f"{each.documents:,}",
            element("code", each.version),
        ]
        for each in files
    ]
    return table("files", f"{words.counted(len(files), 'file')} of the inbox", columns, rows)


def _added_labels(report: Report) -> Markup | None:
    counts = {kind: Counter[str]() for kind in ("train", "test")}
    for each in report.added:
        counts[each.kind].update(each.labels)
    labels = sorted({*counts["train"], *counts["test"]}, key=lambda label: (-counts["train"][label], label))
    if not labels:
        return None
    most = max(max(kind.values(), default=0) for kind in counts.values())
    noun = "type" if report.data_mode == "ENTITIES" else "label"
    columns = [Column(noun.capitalize()), Column("Share", "fig"), Column("Training", short="training")]
    columns += [Column("Exam", short="exam")]
    rows: list[list[Content]] = [
        [name(label), share(counts["train"][label], most), f"{counts['train'][label]:,}", f"{counts['test'][label]:,}"]
        for label in labels[:_MOST_ADDED_LABELS]
    ]
    return element(
        "details",
        element("summary", f"By {noun} ", element("small", words.counted(len(labels), noun))),
        table("added", f"What was added of each {noun}", columns, rows),
        open=len(labels) <= _OPEN_AT_MOST,
    )
