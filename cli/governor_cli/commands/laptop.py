"""`governor local`: the whole application on this machine, in the background."""

import json
import shlex
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from governor_cli.complaint import Complaint
from governor_local.kept import stop_all
from governor_local.running import Running, running
from governor_local.samples import write_samples
from governor_local.stack import ROOT

_LOG = ROOT / ".local" / "up.log"
_PATIENCE_SECONDS = 180.0
_LOCAL = """Run the whole application on this machine: no AWS account, no Docker, no keys.

\b
examples:
  governor local up
  eval "$(governor local env)"         the AWS CLI means it too
  governor local samples samples       labelled files and policies to begin with
  governor local mail
  governor local down
"""
_UP = """Start the embedded cloud and the Comprehend that trains, deploy template.yaml to it, and leave it running.

It takes about fifteen seconds. From then on `governor` means this stack until `governor local down`, unless --stack,
--profile or --endpoint-url say otherwise: a line on standard error says so each time. Everything is in memory and on
loopback; nothing is left after `down`.

\b
examples:
  governor local up
  eval "$(governor local env)"         the AWS CLI means it too
  governor policy apply reviews.yaml
  aws s3 cp reviews.csv s3://$GOVERNOR_INBOX/reviews/train/
  governor status --watch
"""
_DOWN = """End every local stack that was left running, with its processes and its data.

\b
examples:
  governor local down
"""
_STATUS = """Show what is running, and where.

\b
examples:
  governor local status
  governor local status --json | jq -r .[0].endpoint_url
"""
_MAIL = """List the mails, or show one by its NUMBER.

\b
examples:
  governor local mail
  governor local mail 3
  governor local mail --json | jq -r .[-1].subject
"""
_SAMPLES = """Write sample files into FOLDER: real sentences about AWS services, labelled and not, and two policies.

docs/walkthrough.md uses them. Nothing needs to be running.

\b
examples:
  governor local samples samples
"""
_ENV = """Print shell lines for eval. They hold for that shell alone.

\b
examples:
  eval "$(governor local env)"
"""


@click.group(help=_LOCAL, short_help="the whole application on this machine: up, down, status, mail, env")
def local() -> None:
    """Run the whole application on this machine: no AWS account, no Docker, no keys."""


@local.command(help=_UP, short_help="start it and leave it running")
def up() -> None:
    """Start a process of its own and wait until it says that it is ready."""
    if found := running():
        raise Complaint(f"One is running already, at {found[0].endpoint_url}. `governor local down` ends it.")
    _LOG.parent.mkdir(parents=True, exist_ok=True)
    with _LOG.open("w") as log:
        child = subprocess.Popen(
            [sys.executable, "-m", "governor_local", "up"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd=ROOT,
        )
    console = Console(stderr=True)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    with console.status("Starting") as shown:
        while not (found := [one for one in running() if one.pid == child.pid]):
            if child.poll() is not None:
                raise Complaint(f"It ended while starting:\n{_LOG.read_text()[-2000:]}")
            if time.monotonic() > deadline:
                child.terminate()
                raise Complaint(f"It was not ready within {_PATIENCE_SECONDS:.0f} s; {_LOG} says how far it came.")
            shown.update(_last_line(_LOG) or "Starting")
            time.sleep(0.2)
    click.echo(f"It is running at {found[0].endpoint_url}, and `governor` means it now.")
    click.echo(f"Mail is at {found[0].mail} and in `governor local mail`. `governor local down` ends it all.")


@local.command(help=_DOWN, short_help="end it, and leave nothing behind")
def down() -> None:
    """End all that there are."""
    if not stop_all(click.echo):
        raise Complaint("Not everything ended; the lines above say which process.")


@local.command("status", help=_STATUS, short_help="what is running, and where")
@click.option("--json", "as_json", is_flag=True, help="print JSON")
def show(as_json: bool) -> None:
    """Show what is running, and where."""
    found = running()
    if as_json:
        click.echo(json.dumps([vars(one) for one in found], indent=1))
    elif not found:
        click.echo("Nothing is running. `governor local up` starts it.")
    for one in [] if as_json else found:
        click.echo(f"Stack {one.stack} in {one.region}, process {one.pid}")
        click.echo(f"  AWS         {one.endpoint_url}\n  Comprehend  {one.comprehend}\n  mail        {one.mail}")


@local.command(help=_MAIL, short_help="the mail that was sent; approval links work in a browser")
@click.argument("number", type=int, required=False)
@click.option("--json", "as_json", is_flag=True, help="print JSON")
def mail(number: int | None, as_json: bool) -> None:
    """List the mails, or show one by its NUMBER."""
    with urllib.request.urlopen(f"{_one().mail}mails.json", timeout=10) as reply:  # noqa: S310  (http, on loopback)
        mails: list[dict[str, Any]] = json.load(reply)
    if number is not None:
        mails = [each for each in mails if each["number"] == number]
        if not mails:
            raise Complaint(f"There is no mail {number}. `governor local mail` lists all.")
    if as_json:
        click.echo(json.dumps(mails, indent=1))
    elif number is not None:
        click.echo(f"{mails[0]['subject']}\n\n{mails[0]['body']}")
    else:
        for each in mails:
            click.echo(
                f"{each['number']:>3}  {time.strftime('%H:%M:%S', time.localtime(each['received']))}  {each['subject']}"
            )
        if not mails:
            click.echo("No mail yet.")


@local.command(help=_SAMPLES, short_help="write labelled sample files and policies into a folder")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def samples(folder: Path) -> None:
    """Write them and say what they are."""
    for path in write_samples(folder):
        click.echo(f"{path}  {path.stat().st_size:,} bytes")


@local.command(help=_ENV, short_help="print what makes the AWS CLI mean it, for eval")
def env() -> None:
    """Print an export for each."""
    from governor_cli.deployment import DeployedStack, Target  # noqa: PLC0415  (boto3: only when it is needed)

    one = _one()
    outputs = DeployedStack(Target(one.stack, one.region, None, one.endpoint_url, local=True)).outputs
    lines = {
        "AWS_ENDPOINT_URL": one.endpoint_url,
        "AWS_ENDPOINT_URL_COMPREHEND": one.comprehend,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": one.region,
        "AWS_DEFAULT_REGION": one.region,
        "GOVERNOR_INBOX": outputs["InboxBucketName"],
        "GOVERNOR_LAKE": outputs["LakeBucketName"],
        "GOVERNOR_MACHINE": outputs["FlywheelMachineArn"],
    }
    for name, value in lines.items():
        click.echo(f"export {name}={shlex.quote(value)}")


def _one() -> Running:
    found = running()
    if not found:
        raise Complaint("Nothing is running. `governor local up` starts it.")
    return found[0]


def _last_line(path: Path) -> str:
    lines = [line.strip() for line in path.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1][:100] if lines else ""
