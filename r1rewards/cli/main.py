"""The `r1rewards` command: its subcommands, and how an error becomes one plain line and an exit code."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence

import click

from r1rewards._version import __version__
from r1rewards.errors import R1RewardsError

INTERRUPTED = 130
_COMMANDS = {
    "doctor": ("r1rewards.cli.doctor", "Say what works on this machine and what to do about the rest."),
    "explain": ("r1rewards.cli.explain", "Show for one row what each reward saw and why it decided so."),
    "list": ("r1rewards.cli.list", "List the rewards that can be asked for by name."),
    "score": ("r1rewards.cli.score", "Score a file of rollouts."),
}


class _Commands(click.Group):
    """Subcommands that are imported only when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = importlib.import_module(_COMMANDS[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in sorted(_COMMANDS.items())])


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="r1rewards")
def group() -> None:
    """Rule-based rewards for reasoning models: batched, correct, unhackable, unable to hang."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and end the process with its exit code.

    Exit codes: 0 fine, 1 below --fail-under, 2 usage, 3 bad rows or too many unscored, 130 interrupted.

    Args:
        arguments: The words behind `r1rewards`; by default those of this process.
    """
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    try:
        code = group.main(args=arguments, prog_name="r1rewards", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except R1RewardsError as error:
        click.echo(f"r1rewards: error: {_one_line(error)}", err=True)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("r1rewards: interrupted", err=True)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has left, as `head` does: nothing is wrong and nobody listens.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _one_line(error: BaseException) -> str:
    """Return an error's text without what a terminal would obey."""
    return "".join(char if char.isprintable() or char == "\n" else "�" for char in str(error))
