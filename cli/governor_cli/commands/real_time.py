"""`governor classify` and `governor entities`: ask a flywheel's endpoint, text by text."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import click
from rich.console import Console
from rich.table import Table

from governor.domain.errors import EndpointUnavailableError, ServiceBusyError
from governor.ports import Found, Ports
from governor.usecases.endpoint_status import endpoint_of, require_answering
from governor_cli.commands.endpoints import endpoint_option
from governor_cli.complaint import Complaint
from governor_cli.deployment import DeployedStack
from governor_cli.stack_option import with_stack

Task = Literal["classify", "entities"]

_CLASSIFY = """Classify text by the flywheel's endpoint, in real time.

TEXT is the text itself, the name of a file that has it, or - for what comes in. Without it, what comes in is read too.
With --lines every line is a document of its own. One answer is a table, or with --json one object a document. The text
goes to Comprehend and nowhere else: it is not logged and not kept.

The endpoint is the one that the policy names (serving.endpoint, else the flywheel's own name). You need
comprehend:ClassifyDocument and comprehend:DescribeEndpoint. For thousands of documents an asynchronous job is cheaper.

\b
examples:
  governor classify reviews "The new search finds things before I have finished typing."
  governor classify reviews mail.txt --json
  tail -f new.txt | governor classify reviews - --lines
"""
_ENTITIES = """Find entities in text by the flywheel's endpoint, in real time.

TEXT is the text itself, the name of a file that has it, or - for what comes in. Without it, what comes in is read too.
With --lines every line is a document of its own. The text goes to Comprehend and nowhere else: it is not logged and
not kept. You need comprehend:DetectEntities and comprehend:DescribeEndpoint.

\b
examples:
  governor entities orders "Ada Lovelace ordered two chairs for Paris."
  governor entities orders letters.txt --lines --json
"""
_MOST_TRIES = 6
_FIRST_PAUSE_SECONDS = 1.0
pause: Callable[[float], None] = time.sleep


@dataclass(frozen=True)
class _Answer:
    """What the endpoint said of one document. `line`: its number in the input, None if the input is one document."""

    line: int | None
    found: list[Found]


def _options(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option("--json", "as_json", is_flag=True, help="print JSON, one object a document and line"),
        click.option("--lines", is_flag=True, help="every line is a document of its own"),
        endpoint_option,
        click.argument("text", required=False, metavar="[TEXT | FILE | -]"),
        click.argument("flywheel"),
    ):
        function = option(function)
    return function


@click.command("classify", help=_CLASSIFY, short_help="classify text in real time")
@_options
@with_stack
def classify(
    stack: DeployedStack, flywheel: str, text: str | None, endpoint: str | None, lines: bool, as_json: bool
) -> None:
    """Ask for labels."""
    _answer(stack.ports, "classify", flywheel, endpoint, _documents(text, lines=lines), as_json=as_json)


@click.command("entities", help=_ENTITIES, short_help="find entities in text in real time")
@_options
@with_stack
def entities(
    stack: DeployedStack, flywheel: str, text: str | None, endpoint: str | None, lines: bool, as_json: bool
) -> None:
    """Ask for entities."""
    _answer(stack.ports, "entities", flywheel, endpoint, _documents(text, lines=lines), as_json=as_json)


def _documents(text: str | None, *, lines: bool) -> Iterator[tuple[int | None, str]]:
    """Yield documents as they are read, so that a pipe that goes on is answered as it goes."""
    if not lines:
        whole = _whole(text)
        if not whole.strip():
            raise Complaint("There is no text. Give it as TEXT, name a file, or send it through a pipe.")
        yield None, whole
        return
    blank = True
    for number, line in enumerate(_lines(text), 1):
        if line.strip():
            blank = False
            yield number, line.rstrip("\r\n")
    if blank:
        raise Complaint("There is no text in any line.")


def _whole(text: str | None) -> str:
    return "".join(_lines(text))


def _lines(text: str | None) -> Iterator[str]:
    try:
        if text is None or text == "-":
            with click.open_file("-", encoding="utf-8") as incoming:
                yield from incoming
        elif _is_file(text):
            with Path(text).open(encoding="utf-8-sig") as file:
                yield from file
        else:
            yield from text.splitlines(keepends=True)
    except UnicodeDecodeError as error:
        raise Complaint("The text is not UTF-8. Save it as UTF-8.") from error
    except OSError as error:
        raise Complaint(f"{text} cannot be read: {error.strerror}.") from error


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):
        # A text may be too long for a file's name, or have characters that no name can have.
        return False


def _answer(
    ports: Ports,
    task: Task,
    flywheel: str,
    endpoint: str | None,
    documents: Iterator[tuple[int | None, str]],
    *,
    as_json: bool,
) -> None:
    found = endpoint_of(ports, flywheel, endpoint)
    require_answering(found, task)
    model = found.facts.model if found.facts is not None else None
    operation = ports.endpoints.detect if task == "entities" else ports.endpoints.classify
    answers: list[_Answer] = []
    for line, text in documents:
        answer = _Answer(line, _ask(operation, found.arn, text, flywheel))
        if as_json:
            click.echo(json.dumps(_as_document(answer, task, model), ensure_ascii=False))
        else:
            answers.append(answer)
    if not as_json:
        Console().print(_table(answers, task))


def _ask(operation: Callable[[str, str], list[Found]], arn: str, text: str, flywheel: str) -> list[Found]:
    """An endpoint takes as many characters a second as it has units for; what is too much for now is sent again."""
    wait = _FIRST_PAUSE_SECONDS
    for _ in range(_MOST_TRIES - 1):
        try:
            return operation(arn, text)
        except ServiceBusyError:
            pause(wait)
            wait *= 2
        except EndpointUnavailableError as error:
            raise EndpointUnavailableError(
                f"{error} `governor endpoint status {flywheel}` shows what it is doing."
            ) from error
    return operation(arn, text)


def _as_document(answer: _Answer, task: Task, model: str | None) -> dict[str, Any]:
    named = [{"name": each.name, "score": each.score} for each in answer.found]
    if task == "entities":
        found: dict[str, Any] = {
            "entities": [{"type": each.name, "text": each.words, "score": each.score} for each in answer.found]
        }
    else:
        found = {"labels": named}
    return ({"line": answer.line} if answer.line is not None else {}) | found | {"model": model}


def _table(answers: list[_Answer], task: Task) -> Table:
    table = Table(header_style="bold")
    numbered = any(answer.line is not None for answer in answers)
    if numbered:
        table.add_column("Line", justify="right")
    for name in ("Type", "Text") if task == "entities" else ("Label",):
        table.add_column(name, overflow="fold")
    table.add_column("Score", justify="right")
    for answer in answers:
        number = [str(answer.line)] if numbered else []
        # Of many documents the label that wins is enough; of one, all.
        shown = answer.found[:1] if numbered and task == "classify" else answer.found
        for each in shown:
            words = [each.name, each.words] if task == "entities" else [each.name]
            table.add_row(*number, *words, f"{each.score:.4f}")
        if not shown:
            table.add_row(*number, *(["-", "-"] if task == "entities" else ["-"]), "")
    return table
