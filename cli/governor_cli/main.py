"""The entry point: parses the command line, prints, and turns every failure into a sentence and an exit code.

Exit codes: 0 done (or nothing to do), 1 failed, 2 the command line makes no sense, 130 interrupted;
3 what `backtest --exit-code` looks for was found.
"""

import sys
from collections.abc import Sequence

import click

from governor.config import NotConfiguredError
from governor.domain.errors import GovernorError
from governor_cli.commands.analysing import analyse
from governor_cli.commands.answering import approve, reject
from governor_cli.commands.backtest import backtest
from governor_cli.commands.doctor import doctor
from governor_cli.commands.endpoints import endpoint
from governor_cli.commands.explaining import explain
from governor_cli.commands.flywheels import flywheel
from governor_cli.commands.history import history
from governor_cli.commands.laptop import local
from governor_cli.commands.ordering import active, promote, rollback
from governor_cli.commands.policy import policy
from governor_cli.commands.real_time import classify, entities
from governor_cli.commands.rehearsing import rehearse
from governor_cli.commands.reporting import report
from governor_cli.commands.resuming import resume
from governor_cli.commands.teardown import teardown
from governor_cli.commands.timeline import timeline
from governor_cli.commands.watching import status
from governor_cli.complaint import Complaint
from governor_cli.stack_option import stack_options

_STORY = """Runs Amazon Comprehend flywheels by policy: drop labelled files, get promoted models.

\b
  1. governor policy apply reviews.yaml   say what you want of a flywheel
  2. drop CSV files into s3://<inbox>/reviews/train/ and .../test/
  3. governor status                      see what becomes of them
  4. answer the approval mail             or: governor approve reviews --because ...
  5. governor rollback reviews            if the new model disappoints

The stack's outputs say where everything is; the rights are those of your own AWS credentials. The options that name
the stack may stand before the command or after it.

\b
Exit codes: 0 done, or nothing to do; 1 failed; 2 the command line makes no sense; 130 interrupted.
             3 decisions would differ (backtest --exit-code).
Completion:  eval "$(_GOVERNOR_COMPLETE=bash_source governor)"   (or zsh_source, fish_source)
"""


@click.group(help=_STORY, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@stack_options
def governor() -> None:
    """The command itself does nothing: it keeps which stack is meant."""


for _command in (
    policy,
    status,
    timeline,
    history,
    explain,
    report,
    backtest,
    rehearse,
    doctor,
    approve,
    reject,
    active,
    promote,
    rollback,
    resume,
    endpoint,
    classify,
    entities,
    analyse,
    flywheel,
    teardown,
    local,
):
    governor.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    try:
        code = governor.main(args=arguments, prog_name="governor", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (Complaint, GovernorError, NotConfiguredError) as error:
        click.echo(f"governor: {error}", err=True)
        return 1
    except (KeyboardInterrupt, click.Abort):
        click.echo("governor: interrupted", err=True)
        return 130
    except BrokenPipeError:
        # Whoever read the output has seen enough (`governor status | head`).
        sys.stderr.close()
        return 0
    return code if isinstance(code, int) else 0


if __name__ == "__main__":
    sys.exit(main())
