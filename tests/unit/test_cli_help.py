"""Every command's help shows how it is used, and what it shows is understood by the command itself."""

import re
import shlex
from collections.abc import Iterator

import click
import pytest

from governor_cli.main import governor


def _commands(group: click.Group, *names: str) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        yield (*names, name)
        if isinstance(command, click.Group):
            yield from _commands(command, *names, name)


def _found(names: tuple[str, ...]) -> tuple[click.Command, click.Context]:
    command: click.Command = governor
    context = click.Context(governor, info_name="governor")
    for name in names:
        assert isinstance(command, click.Group)
        command = command.commands[name]
        context = click.Context(command, info_name=name, parent=context)
    return command, context


def _examples(command: click.Command) -> list[str]:
    _, _, listed = (command.help or "").partition("\nexamples:\n")
    return [line.strip() for line in listed.partition("\n\n")[0].splitlines() if line.strip()]


@pytest.mark.parametrize("names", list(_commands(governor)), ids=" ".join)
def test_every_command_s_help_has_examples(names: tuple[str, ...]) -> None:
    command, _ = _found(names)
    assert any(f"governor {' '.join(names)}" in each for each in _examples(command)), command.help


@pytest.mark.parametrize("names", list(_commands(governor)), ids=" ".join)
def test_examples_are_printed_as_they_stand(names: tuple[str, ...]) -> None:
    command, context = _found(names)
    shown = command.get_help(context)
    assert all(f"    {each}\n" in f"{shown}\n" for each in _examples(command))


@pytest.mark.parametrize("names", list(_commands(governor)), ids=" ".join)
def test_examples_have_arguments_that_their_command_takes(names: tuple[str, ...]) -> None:
    for example in _examples(_found(names)[0]):
        for words in re.findall(r"governor ([^|)<>]+)", re.split(r"  +#?|  ?#", example)[0].replace("...", "")):
            _parses(shlex.split(words))


def _parses(words: list[str]) -> None:
    command: click.Command = governor
    context = click.Context(governor, info_name="governor")
    while isinstance(command, click.Group):
        _, words, _ = command.make_parser(context).parse_args(words)
        assert words, f"{context.command_path} is a group, and names no command"
        name, *words = words
        assert name in command.commands, f"there is no {context.command_path} {name}"
        command = command.commands[name]
        context = click.Context(command, info_name=name, parent=context)
    command.make_parser(context).parse_args(words)
