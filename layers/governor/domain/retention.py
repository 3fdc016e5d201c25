"""Which model versions of a flywheel may be deleted.

A version that is gone cannot be brought back, so everything here errs on the side of keeping.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

USABLE = frozenset({"TRAINED", "TRAINED_WITH_WARNING"})
"""Versions of any other status (in training, failed, being deleted) are never touched, nor counted as newest."""
MOST_AT_ONCE = 3
"""How many versions one look deletes, so that a slip in a policy can be noticed before it has cost much."""


@dataclass(frozen=True)
class ModelVersion:
    """A version of a custom model. `flywheel`: the ARN of the flywheel that trained it, None of no flywheel."""

    arn: str
    status: str
    submitted: datetime
    flywheel: str | None

    @property
    def is_version(self) -> bool:
        """Tell whether it is one version of a model, and not a model that somebody trained by itself."""
        return "/version/" in self.arn


def spare_versions(
    versions: Iterable[ModelVersion],
    *,
    flywheel: str,
    active: str,
    previous: str | None,
    newest: int,
    needed: Collection[str],
) -> list[str]:
    """Return the ARNs that may be deleted, the oldest first.

    Kept are the active model, the previous good one (which a rollback restores), the `newest` versions, whatever else
    is `needed` (by an endpoint, a running job, any flywheel, an open batch, a policy), every model that this flywheel
    did not train, and every model that is not done.
    """
    own = [each for each in versions if each.flywheel == flywheel and each.is_version and each.status in USABLE]
    own.sort(key=lambda each: (each.submitted, each.arn))
    kept = {active, previous, *needed, *(each.arn for each in own[len(own) - min(newest, len(own)) :])}
    return [each.arn for each in own if each.arn not in kept]
