"""The page of a report: well-formed, alone, without script, readable for everybody, and nothing in it is believed."""

import base64
import hashlib
import itertools
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governor.domain.decision import DecisionRecord, UploadFacts
from governor.domain.report import Report, page_of
from governor.domain.report.content import Comparison, Estimate
from governor.domain.report.page.comparing import SHADOW
from governor.domain.report.page.figures import against_threshold, scale_of
from governor.domain.report.page.style import DARK, LIGHT, STYLE
from tests.unit.report.browser import Element, read
from tests.unit.report.records import a_policy, a_record, a_report, a_sheet, hostile, records, some_flips

ELEMENTS = re.compile(
    "html|head|meta|title|style|body|div|a|header|main|footer|nav|section|h[123]|p|strong|small|span|code|pre|b|bdi|"
    "ul|li|dl|dt|dd|table|caption|thead|tbody|tfoot|tr|th|td|details|summary|svg|rect|line|circle|text|w?br"
)
ATTRIBUTES = re.compile(
    "lang|charset|http-equiv|content|name|class|id|href|role|scope|aria-(label|labelledby|hidden)|data-name|open|"
    "focusable|width|height|[xy][12]?|c[xy]|rx?"
)
any_record = settings(
    max_examples=settings().max_examples * 3 // 5, deadline=None, suppress_health_check=list(HealthCheck)
)


def _full() -> Report:
    return a_report(a_record(a_sheet()), flips=some_flips(20, 2))


def _pages() -> dict[str, Report]:
    policy = a_policy(regression_margin=0.01)
    return {
        "full": _full(),
        "first": a_report(a_record(a_sheet(first=True))),
        "averages": a_report(a_record()),
        "worse": a_report(a_record(a_sheet(worse=True), policy)),
        "several labels": a_report(a_record(a_sheet("MULTI_LABEL"), a_policy("MULTI_LABEL"))),
        "recognizer": a_report(a_record(a_sheet("ENTITIES"), a_policy("ENTITIES"))),
        "no change": a_report(a_record(trained=False)),
        "nothing known": a_report(a_record(trained=False, judged_against=None, uploads=(), exam={"documents": None})),
    }


@pytest.fixture(scope="module", params=_pages())
def page(request: pytest.FixtureRequest) -> Element:
    return read(page_of(_pages()[request.param]))


@given(record=records(), flip=hostile)
@any_record
def test_any_report_is_a_page_of_known_elements_and_shows_each_gate_and_file(record: DecisionRecord, flip: str) -> None:
    flips = some_flips(key=flip, label=flip) if record.sheet is not None and record.sheet.has_baseline else None
    report = a_report(record, flips=flips)
    root = read(page_of(report))

    for each in root.all():
        assert ELEMENTS.fullmatch(each.name)
        assert all(map(ATTRIBUTES.fullmatch, each.attributes))
    (gates,) = (each for each in root.all("section") if each.attributes["id"] == "gates")
    rows = [row.text for row in gates.all("tr")][1:]
    assert len(rows) == len(record.verdict.gates)
    for row, gate in zip(rows, record.verdict.gates, strict=True):
        assert gate.word in row
        assert gate.words in row
        assert (gate.mode == "shadow") == ("shadow" in row.replace(gate.words, "").replace(SHADOW, ""))
        assert (gate.mode == "shadow") == (SHADOW in row)
    shown = root.one("main").text
    for upload in record.uploads:
        assert upload.key in shown
    for line in report.labels:
        assert line.label in shown
    for names in record.exam.must_pass.failed if record.exam.must_pass else ():
        assert names in shown
    if flips is not None:
        assert shown.count(flip) >= 6
    assert page_of(a_report(record, flips=flips)) == page_of(report), "the same bytes for the same record"


@given(record=records())
@any_record
def test_nothing_runs_and_nothing_is_fetched(record: DecisionRecord) -> None:
    root = read(page_of(a_report(record)))
    for each in root.all():
        assert each.name not in {"script", "iframe", "object", "embed", "link", "img", "form", "base"}
        for name, value in each.attributes.items():
            assert not name.startswith("on")
            assert name not in {"src", "style", "srcset", "action", "formaction"}
            assert name != "href" or str(value).startswith("#")
    assert not re.search(r"url\(|@import|expression|http", STYLE)


def test_the_policy_in_the_page_allows_its_one_style_sheet_and_nothing_else() -> None:
    root = read(page_of(_full()))
    sheet = root.one("style").text
    (policy,) = (each.attributes["content"] for each in root.all("meta") if "http-equiv" in each.attributes)
    digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


# ---- for everybody ---------------------------------------------------------------------------------------------------


def test_the_page_has_landmarks_a_language_and_a_title(page: Element) -> None:
    assert page.attributes["lang"] == "en"
    assert page.one("title").text
    body = page.one("body")
    for landmark in ("header", "main", "nav", "footer"):
        assert len(list(body.all(landmark))) == 1
    assert body.one("nav").attributes["aria-label"]
    first = next(body.all("a"))
    assert first.attributes["href"] == "#main"


def test_headings_follow_one_another_and_each_section_has_its_own(page: Element) -> None:
    levels = [int(each.name[1]) for each in page.all("h1", "h2", "h3")]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    for section in page.all("section"):
        assert section.attributes["aria-labelledby"] == next(section.all("h2")).attributes["id"]


def test_ids_are_unique_and_every_link_of_the_page_leads_to_one(page: Element) -> None:
    ids = [each.attributes["id"] for each in page.all() if "id" in each.attributes]
    assert len(set(ids)) == len(ids)
    for link in page.all("a"):
        assert str(link.attributes["href"])[1:] in ids
    assert {link.attributes["href"] for link in page.one("nav").all("a")} == {
        f"#{section.attributes['id']}" for section in page.all("section")
    }


def test_every_table_has_a_caption_and_headers_with_a_scope_and_stays_a_table(page: Element) -> None:
    for table in page.all("table"):
        assert table.one("caption").text.strip()
        assert table.attributes["role"] == "table"
        columns = list(table.one("thead").all("th"))
        assert all(each.attributes["scope"] == "col" and each.text for each in columns)
        for row in table.one("tbody").all("tr"):
            cells = [part for part in row.parts if isinstance(part, Element)]
            assert [cell.attributes["role"] for cell in cells] == ["rowheader", *["cell"] * (len(columns) - 1)]
            assert cells[0].attributes["scope"] == "row"


def test_pictures_are_for_the_eye_and_colour_is_never_alone(page: Element) -> None:
    for svg in page.all("svg"):
        assert svg.attributes["aria-hidden"] == "true"
    for each in page.all("span"):
        look = set(str(each.attributes.get("class", "")).split())
        if "tag" in look or "badge" in look:
            assert re.search(r"\w", each.text)
        if look & {"better", "worse"} and "sign" not in look:
            assert re.match("[+\N{MINUS SIGN}]", each.text)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_every_pair_of_colours_that_text_stands_in_can_be_read(theme: dict[str, str]) -> None:
    pairs = [(ink, ground) for ink in ("ink", "soft", "new") for ground in ("ground", "sheet", "wash")]
    pairs += [(name, f"{name}-wash") for name in ("good", "bad", "open")]
    pairs += [("ink", "open-wash"), ("soft", "open-wash"), ("good", "sheet"), ("bad", "sheet"), ("open", "sheet")]
    for ink, ground in pairs:
        assert _contrast(theme[ink], theme[ground]) >= 4.5, (ink, ground)
    for figure in ("new", "old", "good", "bad", "open"):
        assert _contrast(theme[figure], theme["track"]) >= 3, figure


def _contrast(one: str, other: str) -> float:
    """Return the contrast of two colours. Source: WCAG 2.2, contrast ratio and relative luminance."""
    low, high = sorted(_luminance(colour) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_the_page_knows_both_themes_narrow_screens_paper_and_forced_colours() -> None:
    for query in ("prefers-color-scheme: dark", "max-width: 58rem", "print", "forced-colors: active"):
        assert f"@media ({query})" in STYLE or f"@media {query}" in STYLE


# ---- what it says ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "word", "headline"),
    [
        (a_record(a_sheet()), "PASS", "Batch 7 passes: its model becomes active."),
        (a_record(a_sheet(first=True)), "PASS", "Batch 7 passes: its model becomes the first active one."),
        (a_record(a_sheet(worse=True)), "FAIL", "Batch 7 fails: its model is worse than the active one."),
        (a_record(trained=False), "NO CHANGE", "Batch 7 trained no new model."),
    ],
)
def test_the_decision_is_the_heading(record: DecisionRecord, word: str, headline: str) -> None:
    root = read(page_of(a_report(record)))
    assert root.one("h1").text == headline
    assert word in root.one("header").text


def test_a_certain_difference_has_a_sign_and_a_word_and_what_is_not_certain_has_none() -> None:
    sheet = a_sheet()
    (row,) = (row for row in read(page_of(a_report(a_record(sheet)))).all("tr") if row.text.startswith("Macro F1"))
    assert " better" in row.text
    same = [each._replace(candidate=each.baseline) for each in sheet.rows]
    equal = a_record(type(sheet)(sheet.mode, sheet.labels, tuple(same), has_baseline=True))
    (row,) = (row for row in read(page_of(a_report(equal))).all("tr") if row.text.startswith("Macro F1"))
    assert " not clear" in row.text
    assert not {"better", "worse"} & set(row.text.split())


def test_a_hundred_labels_are_all_there_and_chance_is_named() -> None:
    labels = [f"label-{number:03}" for number in range(100)]
    sheet = a_sheet()
    rows = [row._replace(truth=(place,), candidate=(place,)) for place in range(100) for row in sheet.rows[:2]]
    wide = type(sheet)(sheet.mode, tuple(labels), tuple(rows), has_baseline=True)
    policy = a_policy(labels=tuple(labels))
    upload = UploadFacts("t/train/a.csv", "v1", "train", 100, dict.fromkeys(labels, 1))
    root = read(page_of(a_report(a_record(wide, policy, uploads=(upload,)))))
    (section,) = (each for each in root.all("section") if each.attributes["id"] == "labels")
    assert len(list(section.one("tbody").all("tr"))) == 100
    assert "about 5 of the 100 labels would look clearly better by chance" in section.text
    assert len(page_of(a_report(a_record(wide, policy)))) < 400_000


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1)), max_size=5))
def test_a_scale_has_room_for_all_that_is_drawn_on_it(numbers: list[tuple[float, float, float]]) -> None:
    drawn = [Comparison(Estimate(value, min(value, one), max(value, other))) for value, one, other in numbers]
    scale = scale_of(drawn)
    assert 0 <= scale.low < scale.high <= 1
    for each in drawn:
        assert each.candidate is not None
        for number in (each.candidate.value, each.candidate.low, each.candidate.high):
            assert number is not None
            assert scale.low - 1e-9 <= number <= scale.high + 1e-9


def test_a_gate_that_was_missed_for_its_margin_is_not_drawn_on_the_good_side() -> None:
    gate = {"metric": "f1", "drop_at_most": 0.5}
    record = a_record(a_sheet(worse=True), a_policy(gates=[gate]))
    (line,) = a_report(record).gates
    assert (line.word, line.regression) == ("missed", True)
    assert against_threshold(line) is None
    (line,) = a_report(a_record(a_sheet(), a_policy(gates=[gate]))).gates
    assert against_threshold(line) is not None
