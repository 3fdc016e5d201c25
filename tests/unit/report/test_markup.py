"""HTML that is safe by construction."""

from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from governor.domain.report.page.markup import Markup, element, text
from governor.domain.report.page.tables import name


class _Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.texts = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, attrs))

    def handle_data(self, data: str) -> None:
        self.texts += data


plain = st.text(st.characters(blacklist_categories=["Cs", "Cc"]))


@given(content=plain, value=plain)
@example(content="<b>&lt;</b>", value='" onload="x')
def test_whatever_a_text_says_it_stays_text_and_an_attribute_an_attribute(content: str, value: str) -> None:
    seen = _Seen()
    seen.feed(element("p", content, class_=value))
    seen.close()
    assert seen.tags == [("p", [("class", value)])]
    assert seen.texts == content


def test_attributes_that_are_none_or_false_are_left_out() -> None:
    assert element("a", "b", href=None, open=False) == "<a>b</a>"
    assert element("a", open=True, aria_label="x", class_="y") == '<a open aria-label="x" class="y"></a>'


def test_content_is_put_together_and_markup_stays_as_it_is() -> None:
    assert text("<", Markup("<br>"), None, 3, ["a", ("b", Markup("&amp;"))]) == "&lt;<br>3ab&amp;"
    assert element("meta", charset="utf-8") == '<meta charset="utf-8">'
    assert element("rect", width="1") == '<rect width="1"/>'


def test_control_characters_are_shown_and_not_obeyed() -> None:
    assert text("a\x00b\x1b[31m\x85\ud800\nc") == "a\ufffdb\ufffd[31m\ufffd\ufffd\nc"


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("praise", "praise"),
        ("refund_not_showing", "refund_<wbr>not_<wbr>showing"),
        ("a/b.c-d", "a/<wbr>b.<wbr>c-<wbr>d"),
        ("ends_", "ends_"),
        ("<b>_<i>", "&lt;b&gt;_<wbr>&lt;i&gt;"),
        ("", ""),
    ],
)
def test_a_long_label_is_broken_at_its_joints(label: str, shown: str) -> None:
    assert name(label) == f"<bdi>{shown}</bdi>"
