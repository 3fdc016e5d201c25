"""`governor policy init`: the file that a policy begins with."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from governor.domain.policy_document import DEFAULTS, PolicyFile
from governor.domain.upload import is_flywheel_name
from governor.ports import EndpointFacts
from governor.usecases.adopt_flywheel import Adopted, look_at_flywheel
from governor.usecases.policy_faults import resolved
from governor_cli.complaint import Complaint
from governor_cli.deployment import DeployedStack
from governor_cli.policy_schema import schema_text
from governor_cli.policy_starter import SCHEMA_FILE, starter
from governor_cli.stack_option import with_stack

_INIT = """Write a policy file to begin with: short, commented, and ready to apply as soon as the gates are yours.

It asks nothing, and without --from it does not ask AWS either. Beside it stands policy.schema.json, by which an editor
that speaks the YAML language server completes the fields and marks what is wrong.

\b
examples:
  governor policy init --name reviews --labels praise,complaint,question
  governor policy init --name topics --mode MULTI_LABEL --labels billing,delivery,quality --language de
  governor policy init --name orders --entity-types PRODUCT,ORDER
  governor policy init --from reviews            of a flywheel that Comprehend has already
  governor policy init --name '*'                the defaults of all flywheels
"""
_LABELS = ("praise", "complaint", "question")


@click.command("init", help=_INIT, short_help="write a commented file to begin with")
@click.option("--name", help="the flywheel's name; '*', in quotes, for the defaults of all (default: my-flywheel)")
@click.option("--labels", metavar="A,B,...", help="of a classifier: its labels, with commas between them")
@click.option("--entity-types", metavar="A,B,...", help="of a recognizer: its entity types, with commas between them")
@click.option(
    "--mode", type=click.Choice(["MULTI_CLASS", "MULTI_LABEL"]), help="of a classifier: one label a document, or more"
)
@click.option(
    "--language", type=click.Choice(["en", "es", "fr", "it", "de", "pt"]), help="the documents' (default: en)"
)
@click.option("--from", "source", metavar="FLYWHEEL", help="name or ARN of a flywheel that Comprehend has already")
@click.option("--out", type=click.Path(path_type=Path), help="the file to write (default: NAME.yaml)")
@with_stack
def init(
    stack: DeployedStack,
    name: str | None,
    labels: str | None,
    entity_types: str | None,
    mode: str | None,
    language: str | None,
    source: str | None,
    out: Path | None,
) -> None:
    """Write the file, and the schema beside it; never over a file that is there."""
    told = {"labels": labels, "entity-types": entity_types, "mode": mode, "language": language}
    given = [option for option, value in told.items() if value is not None]
    if source is not None:
        if given or name is not None:
            raise click.UsageError(f"--from brings all of it along: leave out --{(given or ['name'])[0]}.")
        found = look_at_flywheel(stack.ports, _arn(stack, source))
        name, text = found.name, adopted_starter(found)
    elif name == DEFAULTS:
        if given:
            raise click.UsageError(f"The defaults are of all flywheels: leave out --{given[0]}.")
        text = starter(DEFAULTS, None)
    else:
        name = name or "my-flywheel"
        if not is_flywheel_name(name):
            raise click.UsageError("--name has at most 63 letters, digits and inner hyphens.")
        if labels is not None and entity_types is not None:
            raise click.UsageError("A classifier has --labels, a recognizer --entity-types: give one of them.")
        if entity_types is not None and mode is not None:
            raise click.UsageError("A recognizer has no --mode: leave it out.")
        definition = _definition(labels, entity_types, mode, language)
        resolved(PolicyFile(name, {"flywheel": definition}), {})
        text = starter(name, definition)
    file = out or Path("defaults.yaml" if name == DEFAULTS else f"{name}.yaml")
    write_policy_file(file, text)
    click.echo(f"{file} is written, and {SCHEMA_FILE} beside it for your editor.")
    click.echo(f"Set labels and gates, then: governor policy apply {file}")


def write_policy_file(file: Path, text: str) -> None:
    """Write a new file and the schema beside it. Raises Complaint if the file is there, or cannot be written."""
    try:
        with file.open("x", encoding="utf-8") as new:
            new.write(text)
        (file.parent / SCHEMA_FILE).write_text(schema_text(), encoding="utf-8")
    except FileExistsError:
        raise Complaint(f"{file} is there already. Name another file with --out. Nothing was changed.") from None
    except OSError as error:
        raise Complaint(f"{file} cannot be written: {error.strerror}. Name another file with --out.") from error


def adopted_starter(found: Adopted) -> str:
    """Return a policy file for a flywheel as Comprehend has it, with the endpoint that follows it."""
    active = found.facts.active_model
    return starter(
        found.name,
        _definition_of(found),
        approval="always",
        serving=_serving(found.endpoints[0]) if found.endpoints else None,
        origin=f", which exists{f' with the active model {active}' if active else ''}",
    )


def _definition(
    labels: str | None, entity_types: str | None, mode: str | None, language: str | None
) -> Mapping[str, Any]:
    if entity_types is not None:
        names = _split(entity_types)
        return {"model_type": "ENTITY_RECOGNIZER", "language": language or "en", "entity_types": names}
    names = _split(labels) if labels is not None else list(_LABELS)
    return {"language": language or "en", "mode": mode or "MULTI_CLASS", "labels": names}


def _split(names: str) -> list[str]:
    return [name.strip() for name in names.split(",")]


def _arn(stack: DeployedStack, source: str) -> str:
    return source if source.startswith("arn:") else stack.ports.comprehend.flywheel_arn(source)


def _definition_of(found: Adopted) -> dict[str, Any]:
    facts = found.facts
    is_recognizer = facts.model_type == "ENTITY_RECOGNIZER"
    if facts.labels and facts.language:
        if is_recognizer:
            names = list(facts.labels)
            return {"model_type": "ENTITY_RECOGNIZER", "language": facts.language, "entity_types": names}
        return {"language": facts.language, "mode": facts.mode or "MULTI_CLASS", "labels": list(facts.labels)}
    if facts.active_model is None:
        raise Complaint(f"Comprehend tells neither labels nor an active model of flywheel {found.name}.")
    # A flywheel that began with a model may have no labels of its own.
    mode = {} if is_recognizer or facts.mode is None else {"mode": facts.mode}
    return {"active_model_arn": facts.active_model} | mode


def _serving(endpoint: EndpointFacts) -> dict[str, Any]:
    return {"endpoint": endpoint.arn.rpartition("/")[2], "inference_units": endpoint.units}
