"""Reads a page as strictly as a validator does: every element is closed where it must be, and nothing is foreign."""

import dataclasses
from collections.abc import Iterator
from html.parser import HTMLParser

VOID = {"meta", "br", "wbr"}


@dataclasses.dataclass
class Element:
    """An element of the page. `parts`: elements and texts, in order."""

    name: str
    attributes: dict[str, str | None]
    parts: list["Element | str"] = dataclasses.field(default_factory=list)

    def all(self, *names: str) -> Iterator["Element"]:
        """Yield the elements below, in the page's order; of these names if any are given."""
        for part in self.parts:
            if isinstance(part, Element):
                if not names or part.name in names:
                    yield part
                yield from part.all(*names)

    @property
    def text(self) -> str:
        return "".join(part if isinstance(part, str) else part.text for part in self.parts)

    def one(self, name: str) -> "Element":
        (found,) = self.all(name)
        return found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Element("", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), f"an attribute twice in {tag}"
        element = Element(tag, dict(attrs))
        self.open[-1].parts.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().name == tag, f"{tag} is closed where it is not open"

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in {"rect", "line", "circle"}, f"{tag} does not close itself"
        self.open[-1].parts.append(Element(tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.open[-1].parts.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")


def read(page: bytes) -> Element:
    """Return the root of a page; raises AssertionError if it is not well-formed."""
    text = page.decode()
    assert text.startswith("<!doctype html>\n<html ")
    reader = _Reader()
    reader.feed(text)
    reader.close()
    assert len(reader.open) == 1, "something was never closed"
    return reader.open[0].one("html")
