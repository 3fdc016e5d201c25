"""What the acts play on: the rig, the flywheel with its policy, and the ledger to read from."""

from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.markup import escape

from governor.bootstrap import AwsPorts
from governor.config import Deployment
from governor.domain.policy_document import PolicyFile
from governor.usecases.apply_policy import apply_policy
from governor_cli.deployment import SETTINGS_OF_OUTPUTS
from governor_local.corpus import Corpus, build
from governor_local.rig import Rig

FLYWHEEL = "which-service"


@dataclass
class Scene:
    """One run of the demo. `seen`: what the live progress has told already."""

    rig: Rig
    console: Console
    ports: AwsPorts
    corpus: Corpus
    flywheel: str = FLYWHEEL
    seen: set[str] = field(default_factory=set)


class _RigSession:
    """Makes the rig's own clients, so that the adapters read the emulated cloud."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig

    def client(self, service: str, **_: Any) -> Any:
        return self._rig.client(service)


def stage(rig: Rig, console: Console) -> Scene:
    """Build the files and write the policy."""
    settings = {setting: rig.outputs[output] for setting, output in SETTINGS_OF_OUTPUTS.items()}
    ports = AwsPorts(Deployment(settings), _RigSession(rig))
    with console.status("Cutting the documentation of 12 AWS services, which botocore ships, into sentences"):
        corpus = build()
    labels = sorted({document.label for document in corpus.first})
    apply_policy(ports.policy_writer, ports.clock, demo_policy(labels), author="make demo")
    _tell(console, corpus, labels)
    return Scene(rig, console, ports, corpus)


def demo_policy(labels: list[str]) -> PolicyFile:
    """Return the policy of the demo: seconds where AWS would take minutes, everything else as one would want it."""
    return PolicyFile(
        FLYWHEEL,
        {
            "flywheel": {"language": "en", "mode": "MULTI_CLASS", "labels": labels},
            "batch": {"quiet_seconds": 2, "quiet_max_seconds": 20},
            "polling": {"min_seconds": 1, "max_seconds": 3},
            "gates": [
                {"metric": "f1", "at_least": 0.5, "gain_at_least": 0.01},
                {"metric": "accuracy", "at_least": 0.5},
            ],
            "approval": "replacement",
            "approval_expires_seconds": 3600,
        },
    )


def _tell(console: Console, corpus: Corpus, labels: list[str]) -> None:
    console.print(
        f"\nThe question: [bold]which AWS service is this sentence about?[/bold] {len(labels)} labels:\n"
        f"{', '.join(labels)}.\n"
        f'For instance, [italic]"{escape(corpus.test[0].text[:110])}..."[/italic] is about {corpus.test[0].label}.\n'
        f"The policy of flywheel {FLYWHEEL}: F1 and accuracy at least 0.5, F1 at least 0.01 better than the\n"
        "active model's; a person approves every replacement; a regression holds the flywheel."
    )
