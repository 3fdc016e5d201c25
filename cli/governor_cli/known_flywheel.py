"""Slips in a flywheel's name are told before anything is looked up."""

from governor.bootstrap import AwsPorts
from governor_cli.complaint import Complaint


def require_known(ports: AwsPorts, flywheel: str) -> None:
    """Raise Complaint if nothing is known of a flywheel of that name."""
    if ports.heads.read(flywheel) is None and not ports.policies.version(flywheel):
        raise Complaint(
            f"Nothing is known of a flywheel named {flywheel}. `governor status` shows those that there are."
        )
