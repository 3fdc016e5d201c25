"""Routes: what was looked up before a change is not kept after it."""

from typing import Any, cast

import pytest

from comprehend_local.service.routes import Route, Routes

OLD, NEW = (Route(cast(Any, name), "MULTI_CLASS") for name in ("old", "new"))


def test_a_route_is_looked_up_once() -> None:
    routes = Routes()
    found = [OLD, NEW]

    assert routes.get("e", lambda: found.pop(0)) is OLD
    assert routes.get("e", lambda: found.pop(0)) is OLD
    routes.forget("e")
    assert routes.get("e", lambda: found.pop(0)) is NEW


def test_a_change_during_the_look_up() -> None:
    routes = Routes()

    def look_up() -> Route:
        routes.forget("e")
        return OLD

    assert routes.get("e", look_up) is OLD, "the call had begun before the change"
    assert routes.get("e", lambda: NEW) is NEW


def test_a_failure_is_not_remembered() -> None:
    routes = Routes()

    with pytest.raises(ZeroDivisionError):
        routes.get("e", lambda: cast(Route, 1 / 0))

    assert routes.get("e", lambda: NEW) is NEW
