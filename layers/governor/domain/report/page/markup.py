"""HTML that is safe by construction: text becomes markup only by being escaped here.

What a policy, a label, a key or a model's name says can therefore never become an element or an attribute.
"""

import unicodedata
from collections.abc import Iterable
from html import escape
from typing import TypeAlias


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


Content: TypeAlias = "str | int | Markup | Iterable[Content] | None"
_VOID = frozenset({"meta", "br", "col", "hr", "wbr"})
_ALONE = frozenset({"rect", "line", "circle", "path"})


def element(name: str, *content: Content, **attributes: str | float | bool | None) -> Markup:
    """Return an element. `class_="a"` is `class="a"`, `aria_label` is `aria-label`; None and False leave one out."""
    given = "".join(_attribute(key, value) for key, value in attributes.items() if value is not None)
    if name in _VOID:
        return Markup(f"<{name}{given}>")
    inner = text(*content)
    return Markup(f"<{name}{given}/>" if name in _ALONE and not inner else f"<{name}{given}>{inner}</{name}>")


def text(*content: Content) -> Markup:
    """Return content one after the other; what is no markup yet is escaped, control characters are shown as such."""
    return Markup("".join(_piece(each) for each in content))


def _piece(content: Content) -> str:
    if content is None:
        return ""
    if isinstance(content, Markup):
        return content
    if isinstance(content, str):
        return escape(_printable(content))
    if isinstance(content, int):
        return str(content)
    return "".join(_piece(each) for each in content)


def _attribute(key: str, value: str | float | bool) -> str:
    if value is False:
        return ""
    name = key.removesuffix("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escape(_printable(str(value)))}"'


def _printable(value: str) -> str:
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(each) in {"Cc", "Cs"} and each != "\n" else each
        for each in value
    )
