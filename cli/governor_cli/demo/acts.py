"""The three acts, and what each must end with."""

import html
import re
from collections.abc import Sequence

from rich.markup import escape
from rich.panel import Panel
from rich.text import Text

from governor.domain.decided import deciding_line
from governor.domain.upload import Kind
from governor.ports import BatchRecord, Serving, VerdictRecord
from governor_cli.demo.follow import follow
from governor_cli.demo.stage import Scene
from governor_local.corpus import Document, as_csv
from governor_local.mailbox import Mail

_CODE = re.compile(r"\b(\d{6})\b")


class Disappointed(Exception):
    """An act did not end as it should."""


def play(scene: Scene) -> None:
    """Play all acts; raises Disappointed or TimeoutError."""
    first = _first_act(scene)
    second = _second_act(scene, first)
    _third_act(scene, second)


def _first_act(scene: Scene) -> Serving:
    _heading(scene, "First act", "a TRAIN file and a TEST file are dropped into the inbox")
    _drop(scene, "train", "first.csv", scene.corpus.first)
    _drop(scene, "test", "exam.csv", scene.corpus.test)
    _, verdict = _next_closed_batch(scene, 1)
    serving = _serving(scene)
    _expect(verdict.verdict.word == "PASS" and serving.active == verdict.candidate, "the first model was not promoted")
    scene.console.print(f"  [green]Model 1 is active.[/green] {deciding_line(verdict.verdict)}")
    return serving


def _second_act(scene: Scene, before: Serving) -> Serving:
    _heading(scene, "Second act", "more good training data; the policy wants a person's approval to replace a model")
    _drop(scene, "train", "more.csv", scene.corpus.more)
    mail = follow(scene, "Waiting for the approval mail", lambda: _approval_mail(scene))
    scene.console.print(Panel(Text(mail.body.strip()), title=escape(mail.subject), border_style="yellow"))
    _answer(scene, mail)
    _, verdict = _next_closed_batch(scene, 2)
    serving = _serving(scene)
    _expect(serving.active == verdict.candidate != before.active, "the approved model did not replace model 1")
    scene.console.print(f"  [green]The candidate replaced model 1.[/green] {deciding_line(verdict.verdict)}")
    return serving


def _third_act(scene: Scene, before: Serving) -> None:
    _heading(scene, "Third act", "training data whose label column slipped by one row")
    _drop(scene, "train", "slipped.csv", scene.corpus.slipped)
    batch, verdict = _next_closed_batch(scene, 3)
    head, serving = scene.ports.heads.read(scene.flywheel), _serving(scene)
    _expect(
        batch.outcome == "KEPT" and verdict.verdict.word == "FAIL" and verdict.verdict.regression,
        "the worse model was not refused",
    )
    _expect(serving.active == before.active, "the active model did not stay")
    _expect(head is not None and head.hold is not None and head.hold.reason == "Regression", "the flywheel is not held")
    scene.console.print(
        "  [green]The worse model was refused, the active one stays, and the flywheel is held.[/green]\n"
        f"  {deciding_line(verdict.verdict)}\n\n"
        "  [bold]What cures it.[/bold] Comprehend cannot take a dataset back and training is cumulative: every later\n"
        "  candidate of this flywheel would have learned the slipped labels too. The cure: a second one that\n"
        "  starts from the active model and is fed with the good files, the corrected one included. In its policy:\n"
        "    flywheel:\n"
        f"      active_model_arn: {serving.active}\n"
        "  `governor resume` would let this one go on as it is.",
        soft_wrap=True,
    )


def _heading(scene: Scene, act: str, what: str) -> None:
    scene.console.print(f"\n[bold]{act}:[/bold] {what}")


def _drop(scene: Scene, kind: Kind, name: str, documents: Sequence[Document]) -> None:
    scene.rig.upload(scene.flywheel, kind, name, as_csv(documents))
    scene.console.print(
        f"  [cyan]you[/cyan]     drop {name} ({len(documents)} documents) as {scene.flywheel}/{kind}/{name}"
    )


def _next_closed_batch(scene: Scene, number: int) -> tuple[BatchRecord, VerdictRecord]:
    def closed() -> tuple[BatchRecord, VerdictRecord] | None:
        history = [each for each in scene.ports.batches.history(scene.flywheel) if each[0].outcome is not None]
        if _failed(scene):
            raise Disappointed(f"an execution failed: {_failed(scene)}")
        if len(history) < number or scene.rig.executions("RUNNING"):
            return None
        record, verdicts = history[number - 1]
        return record, verdicts[-1]

    return follow(scene, "Waiting for the turn to end", closed)


def _failed(scene: Scene) -> str:
    return "; ".join(
        f"{each['name']}: {each.get('error')}: {each.get('cause')}" for each in scene.rig.executions("FAILED")
    )


def _approval_mail(scene: Scene) -> Mail | None:
    topic = scene.rig.outputs["ApprovalTopicArn"]
    if _failed(scene):
        raise Disappointed(f"an execution failed: {_failed(scene)}")
    return next((mail for mail in scene.rig.mailbox.mails if mail.topic == topic and mail.links), None)


def _answer(scene: Scene, mail: Mail) -> None:
    """Do what a reviewer does: open the link, read, type code, name and reason into the form, press the button."""
    link, code = mail.links[0], _CODE.findall(re.sub(r"https?://\S+", "", mail.body))[-1]
    page = scene.rig.get_page(link)
    title = re.search(r"<h1[^>]*>(.*?)</h1>", page.body, re.DOTALL)
    shown = html.unescape(re.sub(r"<[^>]+>", "", title[1])).strip() if title is not None else ""
    scene.console.print(f"  [cyan]you[/cyan]     open the link; the page asks: {' '.join(shown.split())}")
    form = {
        "code": code,
        "name": "Ada Reviewer",
        "reason": "Better on the exam, and I looked at the new data.",
        "decision": "approve",
    }
    answer = scene.rig.post_form(link, form)
    _expect(page.status == answer.status == 200, f"the page answered {page.status} and {answer.status}")
    scene.console.print(f"  [cyan]you[/cyan]     type the code and approve as {form['name']}")


def _serving(scene: Scene) -> Serving:
    serving = scene.ports.serving.read(scene.flywheel)
    _expect(serving is not None, "the ledger does not say which model is active")
    assert serving is not None
    return serving


def _expect(condition: bool, otherwise: str) -> None:
    if not condition:
        raise Disappointed(otherwise)
