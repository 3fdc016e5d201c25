"""Where this deployment's resources are: read from the environment when asked, never at import."""

import os
from dataclasses import dataclass


class NotConfiguredError(Exception):
    """An environment variable that this function needs is not set: its resource in template.yaml forgot it."""


@dataclass(frozen=True)
class Deployment:
    """Names and ARNs from the template. A function has only those that it needs, so each is asked for by name."""

    values: dict[str, str]

    def get(self, name: str) -> str:
        """Return the value of `name`; raises NotConfiguredError."""
        value = self.values.get(name, "")
        if not value:
            raise NotConfiguredError(f"The environment variable {name} is not set.")
        return value


def from_environment() -> Deployment:
    """Return the deployment that the Lambda environment describes."""
    return Deployment(dict(os.environ))
