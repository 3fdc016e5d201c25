"""Which limits of its policy an endpoint is over: too old, or not asked for too long. It costs the same either way.

CloudWatch counts the requests that an endpoint answered, by the hour; about one that was never asked it says nothing.
Nothing is also what it says where the metric is missing for another reason, so that alone never deletes an endpoint.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from governor.domain.policy import ServingRules

RESOLUTION = timedelta(hours=1)
"""A request is known to the hour that it fell into."""


@dataclass(frozen=True)
class Overrun:
    """One limit that an endpoint is over, and since when. `last_request`: the beginning of the hour of the newest."""

    reason: Literal["AGE", "IDLE", "NEVER_ASKED"]
    since: datetime
    last_request: datetime | None = None

    @property
    def may_delete(self) -> bool:
        """Tell whether it is known well enough for the policy's word to count."""
        return self.reason != "NEVER_ASKED"


def too_old(rules: ServingRules, created: datetime, now: datetime) -> Iterator[Overrun]:
    """Yield the overrun of `max_hours`, if there is one."""
    if rules.max_hours is not None:
        since = created + timedelta(hours=rules.max_hours)
        if now > since:
            yield Overrun("AGE", since)


def may_be_idle(rules: ServingRules, created: datetime, now: datetime) -> bool:
    """Tell whether the endpoint is older than `idle_hours`, so that it is worth asking for its last request."""
    return rules.idle_hours is not None and now > created + timedelta(hours=rules.idle_hours)


def idle(rules: ServingRules, created: datetime, last_request: datetime | None, now: datetime) -> Iterator[Overrun]:
    """Yield the overrun of `idle_hours`, if there is one.

    `last_request`: the beginning of the newest hour with an answered request since the endpoint was created, None if
    CloudWatch has none. The request is taken to have come at the hour's very end.
    """
    if rules.idle_hours is None or not may_be_idle(rules, created, now):
        return
    patience = timedelta(hours=rules.idle_hours)
    if last_request is None:
        yield Overrun("NEVER_ASKED", created + patience)
        return
    since = max(created, last_request + RESOLUTION) + patience
    if now > since:
        yield Overrun("IDLE", since, last_request)
