"""Which stack a command works on: options that are taken before the command and after it, the later one wins."""

import functools
from collections.abc import Callable
from typing import Any

import click

from governor_cli.deployment import DeployedStack, Target
from governor_local.running import running

DEFAULT_STACK = "flywheel-governor"
_OPTIONS = (
    click.option(
        "--stack",
        metavar="NAME",
        envvar="GOVERNOR_STACK",
        help=f"CloudFormation stack (default: GOVERNOR_STACK, else {DEFAULT_STACK})",
    ),
    click.option("--region", metavar="REGION", help="AWS region (default: your AWS settings)"),
    click.option("--profile", metavar="PROFILE", help="AWS profile (default: your AWS settings)"),
    click.option("--endpoint-url", metavar="URL", help="ask this address instead of AWS, for a stack on a laptop"),
)
_NAMES = ("stack", "region", "profile", "endpoint_url")


def stack_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a group; what they say is kept for the commands below it."""

    @functools.wraps(function)
    def with_options(*arguments: Any, **options: Any) -> Any:
        _keep(options)
        return function(*arguments, **options)

    return _decorated(with_options)


def with_stack(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command, and give it the stack that is meant as its first argument."""

    @functools.wraps(function)
    def with_options(*arguments: Any, **options: Any) -> Any:
        return function(DeployedStack(_meant(_keep(options))), *arguments, **options)

    return _decorated(with_options)


def _keep(options: dict[str, Any]) -> dict[str, Any]:
    """Take the options out, join them with what groups above were told, and keep the result."""
    context = click.get_current_context()
    chosen: dict[str, Any] = dict(context.find_root().obj or {})
    for name in _NAMES:
        source = context.get_parameter_source(name)
        value = options.pop(name)
        if value is not None and (name not in chosen or source is click.core.ParameterSource.COMMANDLINE):
            chosen[name] = value
    context.find_root().obj = chosen
    return chosen


def _meant(chosen: dict[str, Any]) -> Target:
    """The stack that the options name; without any, one that runs on this machine, and else the default one on AWS."""
    if not chosen and (one := next(iter(running()), None)) is not None:
        click.echo(f"governor: on the local stack at {one.endpoint_url} (governor local down ends it)", err=True)
        return Target(one.stack, one.region, None, one.endpoint_url, local=True, comprehend_url=one.comprehend)
    region, profile, endpoint_url = (chosen.get(name) for name in _NAMES[1:])
    return Target(chosen.get("stack") or DEFAULT_STACK, region, profile, endpoint_url)


def _decorated(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(_OPTIONS):
        function = option(function)
    return function
