"""Tables that become lists of cards where there is no room for columns, and stay tables for those who listen."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from governor.domain.report import words
from governor.domain.report.content import Estimate
from governor.domain.report.page.markup import Content, Markup, element, text

_JOINTS = re.compile(r"(?<=[_/.-])(?=.)", re.DOTALL)
_SIGNS = {
    "better": ("\N{BLACK UP-POINTING TRIANGLE}", "better"),
    "worse": ("\N{BLACK DOWN-POINTING TRIANGLE}", "worse"),
}


@dataclass(frozen=True)
class Column:
    """`look`: the class of its cells. `short`: what a cell is called on a card; empty if it speaks for itself."""

    title: str
    look: str = ""
    short: str = ""


def table(
    kind: str,
    caption: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Content]],
    foot: Sequence[Content] | None = None,
    *,
    titled: bool = False,
) -> Markup:
    """Return a table; the first cell of a row is its header.

    `foot`: what stands below, for the eye alone. `titled`: a heading right above says to the eye what the caption does.

    Roles are said again, because a browser forgets those of a table whose rows are laid out otherwise.
    """
    head = (
        element("th", element("span", column.title, class_="hidden") if column.look == "fig" else column.title,
                scope="col", role="columnheader", class_=column.look or None)
        for column in columns
    )  # fmt: skip
    return element(
        "table",
        element("caption", element("span", caption, class_="hidden") if titled else caption),
        element("thead", element("tr", head, role="row"), role="rowgroup"),
        element("tbody", (_row(columns, cells) for cells in rows), role="rowgroup"),
        foot and element("tfoot", element("tr", (element("td", cell) for cell in foot)), aria_hidden="true"),
        class_=f"{kind} stack",
        role="table",
    )


def _row(columns: Sequence[Column], cells: Sequence[Content]) -> Markup:
    first, *others = zip(columns, cells, strict=True)
    return element(
        "tr",
        element(
            "th",
            first[1],
            scope="row",
            role="rowheader",
            class_=f"lead-cell {first[0].look}".strip(),
            data_name=first[0].short or None,
        ),
        (
            element("td", cell, role="cell", class_=column.look or None, data_name=column.short or None)
            for column, cell in others
        ),
        role="row",
    )


def plain(value: Estimate | None, *, strong: bool = False, digits: int = 4) -> Markup:
    """Return a number."""
    if value is None:
        return element("span", words.number(None), class_="none")
    return element("span", words.number(value.value, digits=digits), class_="value" if strong else None)


def estimate(value: Estimate | None, *, strong: bool = False) -> Markup:
    """Return a number with its interval."""
    return text(plain(value, strong=strong), " ", _interval(value))


def difference(value: Estimate | None, *, digits: int = 4) -> Markup:
    """Return a difference with its interval; what is clear has a sign, a colour and a word for those who listen."""
    if value is None:
        return element("span", words.number(None), class_="none")
    known = value.low is not None and value.high is not None
    mark, meaning = _SIGNS.get(value.sign, ("", "not clear" if known else ""))
    return text(
        element("span", mark, class_=f"sign {value.sign}", aria_hidden="true"),
        element("span", words.number(value.value, signed=True, digits=digits), class_=value.sign),
        element("span", f" {meaning}", class_="hidden") if meaning else None,
        " ",
        _interval(value, signed=True, digits=digits),
    )


def _interval(value: Estimate | None, *, signed: bool = False, digits: int = 4) -> Markup | None:
    if value is None or value.low is None or value.high is None:
        return None
    ends = (words.number(end, signed=signed, digits=digits) for end in (value.low, value.high))
    return element("small", "{} to {}".format(*ends))


def name(label: str) -> Markup:
    """Return a label as it is, whichever way it is written; a long one is broken behind `_`, `-`, `.` and `/`."""
    first, *rest = _JOINTS.split(label)
    return element("bdi", first, ((element("wbr"), part) for part in rest))


def section(id_: str, title: str, *content: Content) -> Markup:
    """Return a part of the page with its heading."""
    return element("section", element("h2", title, id=f"{id_}-title"), *content, id=id_, aria_labelledby=f"{id_}-title")


def pairs(entries: Iterable[tuple[str, Content]]) -> Markup:
    """Return a list of terms."""
    return element("dl", ((element("dt", term), element("dd", value)) for term, value in entries))
