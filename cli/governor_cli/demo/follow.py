"""Live progress: what becomes of the uploads, which states the execution goes through, what is mailed.

Each thing is told once.
"""

import time
from collections.abc import Callable
from typing import TypeVar

from rich.markup import escape

from governor.domain.upload import Upload
from governor_cli.demo.stage import Scene

Found = TypeVar("Found")

_PAUSE_SECONDS = 0.4

_STATES = {
    "TakeTurn": "takes the flywheel's turn",
    "WaitForQuiet": "waits until no more files come",
    "WaitForFlywheel": "creates the flywheel in Comprehend from the policy's definition and waits for it",
    "PlanBatch": "makes a batch of what is pending",
    "RegisterDatasets": "registers the batch's datasets with Comprehend",
    "StartIteration": "starts the iteration: Comprehend trains the candidate and scores both models",
    "CompareModels": "compares the candidate with the active model",
    "RequestApproval": "asks the reviewers by mail and waits",
    "ReadDecision": "reads the decision",
    "PromoteModel": "makes the candidate the active model",
    "EndTurn": "ends the turn and looks for more work",
}


def follow(scene: Scene, what: str, probe: Callable[[], Found | None], seconds: float = 120.0) -> Found:
    """Tell what happens until `probe()` finds something; raises TimeoutError, naming `what`."""
    deadline = time.monotonic() + seconds
    with scene.console.status(what):
        while True:
            found = probe()
            _tell_news(scene)
            if found is not None and found is not False:
                return found
            if time.monotonic() > deadline:
                raise TimeoutError(f"{what}: not within {seconds:.0f} seconds")
            time.sleep(_PAUSE_SECONDS)


def _tell_news(scene: Scene) -> None:
    for upload in _uploads(scene):
        _once(scene, f"{upload.id} {upload.state}", f"  [blue]upload[/blue]  {upload.key}: {_fate(upload)}")
    for execution in scene.rig.executions():
        for state in scene.rig.states(execution["executionArn"]):
            if state in _STATES:
                _once(
                    scene,
                    f"{execution['name']} {state}",
                    f"  [magenta]turn[/magenta]    {execution['name']} {_STATES[state]}",
                )
    for mail in scene.rig.mailbox.mails:
        _once(scene, f"mail {mail.number}", f"  [yellow]mail[/yellow]    {escape(mail.subject)}")


def _uploads(scene: Scene) -> list[Upload]:
    return sorted(scene.ports.uploads.all(scene.flywheel), key=lambda upload: upload.recorded_at)


def _fate(upload: Upload) -> str:
    match upload.state:
        case "ADMITTED":
            return "recorded"
        case "PENDING":
            return f"inspected ({upload.documents} documents, {upload.labels} labels), waits for a batch"
        case "REGISTERED":
            return f"registered in batch {upload.batch}"
    return f"{upload.state.lower()}: {upload.reason}"


def _once(scene: Scene, occasion: str, line: str) -> None:
    if occasion not in scene.seen:
        scene.seen.add(occasion)
        scene.console.print(line)
