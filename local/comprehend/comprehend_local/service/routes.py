"""Which model answers for an endpoint, at hand for real-time calls: they ask no store and wait for no transaction."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import NamedTuple

from comprehend_local.engine.learner import Model


class Route(NamedTuple):
    """An endpoint that answers: its model, and the model's mode (MULTI_CLASS, MULTI_LABEL, ENTITIES)."""

    model: Model
    mode: str


class Routes:
    """The routes that were looked up, until their endpoint changes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, Route] = {}
        self._changes = 0

    def get(self, endpoint: str, look_up: Callable[[], Route]) -> Route:
        """The route of an endpoint. What `look_up` raises is not remembered."""
        route = self._known.get(endpoint)
        if route is not None:
            return route
        seen = self._changes
        route = look_up()
        with self._lock:
            # An endpoint that changed since may have been looked up as it was before.
            if self._changes == seen:
                self._known[endpoint] = route
        return route

    def forget(self, endpoint: str) -> None:
        """To be called inside the transaction that changes the endpoint: a look-up waits until that has ended."""
        with self._lock:
            self._changes += 1
            self._known.pop(endpoint, None)
