"""Names of Comprehend's resources."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a call acts: one account in one region."""

    account: str
    region: str

    def arn(self, tail: str) -> str:
        """`arn:aws:comprehend:<region>:<account>:<tail>`."""
        return f"arn:aws:comprehend:{self.region}:{self.account}:{tail}"

    def flywheel(self, name: str) -> str:
        """A flywheel's ARN."""
        return self.arn(f"flywheel/{name}")

    def model(self, resource: str, name: str, version: str | None = None) -> str:
        """A model's ARN, with or without a version; `resource` is document-classifier or entity-recognizer."""
        return self.arn(f"{resource}/{name}" + (f"/version/{version}" if version else ""))


def dataset(flywheel_arn: str, name: str) -> str:
    """A dataset's ARN."""
    return f"{flywheel_arn}/dataset/{name}"


def scope_of(arn: str) -> Scope:
    """The account and region that an ARN names."""
    parts = arn.split(":")
    return Scope(account=parts[4], region=parts[3])


def resource_name(arn: str) -> str:
    """`NAME` of `arn:...:<type>/NAME[/...]`."""
    return arn.split(":", 5)[5].split("/")[1]


def split_uri(uri: str) -> tuple[str, str]:
    """(bucket, key) of `s3://bucket/key`; the key may be empty."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key
