"""The report as one HTML page: no script, nothing fetched from anywhere, and the same bytes for the same report."""

import base64
import hashlib

from governor.domain.moments import from_text
from governor.domain.report import words
from governor.domain.report.content import Report
from governor.domain.report.page.comparing import gates_section, metrics_section
from governor.domain.report.page.documents import added_section, flips_section, must_pass_section
from governor.domain.report.page.labels import confusions_section, labels_section
from governor.domain.report.page.markup import Markup, element, text
from governor.domain.report.page.record import cost_section, lineage_section
from governor.domain.report.page.style import STYLE

_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'"
"""Whatever might ever get into a page: a browser runs and fetches none of it."""
_BADGES = {
    "PASS": ("pass", "\N{CHECK MARK}"),
    "FAIL": ("fail", "\N{BALLOT X}"),
    "INCONCLUSIVE": ("inconclusive", "?"),
    "NO_CHANGE": ("", "\N{EN DASH}"),
}


def page_of(report: Report) -> bytes:
    """Return the page in UTF-8."""
    parts = [
        ("metrics", "Metrics", metrics_section(report)),
        ("gates", "Gates", gates_section(report)),
        ("must-pass", "Must-pass", must_pass_section(report)),
        ("labels", "Types" if report.data_mode == "ENTITIES" else "Labels", labels_section(report)),
        ("confusions", "Mistakes", confusions_section(report)),
        ("flips", "Changed documents", flips_section(report)),
        ("data", "Data added", added_section(report)),
        ("cost", "Cost and time", cost_section(report)),
        ("lineage", "Lineage", lineage_section(report)),
    ]
    shown = [(anchor, title, part) for anchor, title, part in parts if part is not None]
    body = element(
        "div",
        _header(report, [(anchor, title) for anchor, title, _ in shown]),
        element("main", [part for _, _, part in shown], id="main"),
        element(
            "footer",
            element("p", "Written when the verdict was reached. What became of it since: ",
                    element("code", f"governor timeline {report.flywheel}")),
        ),
        class_="page",
    )  # fmt: skip
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("meta", name_="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name_="color-scheme", content="light dark"),
        element("meta", name_="referrer", content="no-referrer"),
        element("title", f"{report.flywheel}, batch {report.batch}: {report.decision.verdict}"),
        element("style", Markup(STYLE)),
    )
    html = element("html", head, "\n", element("body", _skip(), body), lang="en")
    return f"<!doctype html>\n{html}\n".encode()


def _skip() -> Markup:
    return element("a", "Skip to the numbers", href="#main", class_="skip")


def _header(report: Report, parts: list[tuple[str, str]]) -> Markup:
    decision = report.decision
    look, mark = _BADGES[decision.verdict]
    when = "" if report.reached_at is None else f", {words.moment(from_text(report.reached_at))}"
    return element(
        "header",
        element("p", "Flywheel ", element("strong", report.flywheel), f", batch {report.batch}{when}", class_="kicker"),
        element("p", element("span", mark, aria_hidden="true"), decision.verdict.replace("_", " "),
                class_=f"badge {look}".strip()),
        element("h1", decision.headline),
        element("p", decision.follows, class_="lead"),
        element("p", decision.because, class_="why"),
        (element("p", remark, class_="remark") for remark in decision.remarks),
        element(
            "nav",
            element("ul", (element("li", element("a", title, href=f"#{anchor}")) for anchor, title in parts)),
            aria_label="On this page",
        ),
    )  # fmt: skip


__all__ = ["POLICY", "page_of", "text"]
