"""Building and deploying the template, unmodified, with the real SAM CLI."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

from governor_local.cloud import REGION, administrator_client, client_environment
from governor_local.processes import Child

ROOT = Path(__file__).resolve().parents[3]

_BUILD_SECONDS = 300.0
_DEPLOY_SECONDS = 300.0
_EVENT = re.compile(r"^(CREATE|UPDATE)_COMPLETE\s+(AWS::\S+)")


class DeploymentFailed(RuntimeError):
    """The SAM CLI refused the template, or the cloud could not create a resource; the message ends with its output."""


class Deployment:
    """One stack made from the template of a project folder."""

    def __init__(self, project: Path, folder: Path, stack_name: str) -> None:
        """Build `project/template.yaml` into `folder`, which is ours alone, so that builds for AWS stay untouched."""
        self._project = project
        self._folder = folder
        self._stack_name = stack_name
        self._build = folder / "build"
        folder.mkdir(parents=True, exist_ok=True)

    def build(self) -> None:
        """`sam build`, with the layer for this interpreter, which runs the functions here too; the lock is the same."""
        uv = ROOT / ".venv" / "bin" / "uv"
        self._sam(
            "sam build",
            [
                "build",
                "--template-file",
                str(self._project / "template.yaml"),
                "--build-dir",
                str(self._build),
                "--build-in-source",
            ],
            {"LAYER_INTERPRETER": sys.executable} | ({"UV": str(uv)} if uv.exists() else {}),
            _BUILD_SECONDS,
        )

    def deploy(self, endpoint_url: str, tell: Callable[[str], None]) -> dict[str, str]:
        """`sam deploy` to the embedded cloud; tells of each resource; returns the stack's outputs."""
        done = 0

        def follow(line: str) -> None:
            nonlocal done
            if found := _EVENT.match(line):
                done += 1
                tell(f"{done} resources, last {found[2]}")

        bucket = f"{self._stack_name}-artifacts"
        administrator_client("s3", endpoint_url).create_bucket(Bucket=bucket)
        self._sam(
            "sam deploy",
            [
                *("deploy", "--template-file", str(self._build / "template.yaml"), "--stack-name", self._stack_name),
                *("--s3-bucket", bucket, "--no-resolve-s3", "--region", REGION, "--capabilities", "CAPABILITY_IAM"),
                *("--no-confirm-changeset", "--no-fail-on-empty-changeset", "--no-progressbar"),
            ],
            client_environment(endpoint_url),
            _DEPLOY_SECONDS,
            follow,
        )
        stacks = administrator_client("cloudformation", endpoint_url).describe_stacks(StackName=self._stack_name)[
            "Stacks"
        ]
        return {output["OutputKey"]: output["OutputValue"] for output in stacks[0]["Outputs"]}

    def _sam(
        self,
        name: str,
        arguments: list[str],
        environment: dict[str, str],
        seconds: float,
        follow: Callable[[str], None] | None = None,
    ) -> None:
        program = ROOT / ".venv-sam" / "bin" / "sam"
        if not program.exists():
            raise DeploymentFailed(f"{program} is missing: run `make setup`")
        log = self._folder / f"{name.replace(' ', '-')}.log"
        own = {
            "SAM_CLI_TELEMETRY": "0",
            "SAM_CLI_POLL_DELAY": "0.5",
            "__SAM_CLI_APP_DIR": str(self._folder / "sam"),
            "PYTHONUNBUFFERED": "1",
        }
        child = Child(name, [str(program), *arguments], client_environment("") | environment | own, log, self._project)
        seen = 0

        def ended() -> bool:
            nonlocal seen
            if follow:
                text = log.read_text(errors="replace")
                complete = text.rfind("\n") + 1
                for line in text[seen:complete].splitlines():
                    follow(line)
                seen = max(seen, complete)
            return child.ended

        try:
            child.wait_until(ended, seconds)
            code = child.wait(1)
        finally:
            child.stop()
        if code != 0:
            raise DeploymentFailed(f"{name} failed with exit code {code}:\n{child.tail()}")
