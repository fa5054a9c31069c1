"""What every command of the project has in common: options of one wording, errors of one line, exit codes."""

import signal
import sys
from enum import StrEnum
from io import TextIOWrapper
from typing import Annotated

import typer

from datapipe.termination import terminate

INTERRUPTED = 130
"""Exit code after Ctrl-C, as of shells: 128 + the signal; after SIGTERM it is 143 (`datapipe.termination`). The others:
0 done, 1 an error in one line, 2 a command that is none."""

Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change one value of the recipe: path.to.key=value."),
]


class ExecutorName(StrEnum):
    """Where tasks run."""

    ray = "ray"
    inline = "inline"


ExecutorOption = Annotated[ExecutorName, typer.Option("--executor", help="Where tasks run.")]
NumCpus = Annotated[int | None, typer.Option("--num-cpus", min=1, help="CPUs of a cluster that this command starts.")]
Verify = Annotated[bool, typer.Option("--verify", help="Recompute the sums of finished outputs before trusting them.")]
DiskReserve = Annotated[
    float, typer.Option(min=0, metavar="GIB", help="Stop before less is free on the output's disk; 0: do not look.")
]


def application(name: str, about: str) -> typer.Typer:
    """A command with commands below it."""
    return typer.Typer(
        name=name,
        help=about,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )


def run_command(app: typer.Typer, name: str) -> None:
    """Run the command that was typed; say what is wrong in one line."""
    from datapipe.loading.located_yaml import RecipeError
    from datapipe.mixture import MixtureError
    from datapipe.output import RunError

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a terminal without UTF-8 gets `?`, not an error
            stream.reconfigure(errors="replace")
    signal.signal(signal.SIGTERM, terminate)
    try:
        app(prog_name=name)
    except (RecipeError, RunError, MixtureError) as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)
    except OSError as error:
        print(f"error: {error.filename or 'storage'}: {error.strerror or error}", file=sys.stderr)
        sys.exit(1)
    except SystemExit as ending:
        if ending.code == INTERRUPTED:  # typer has turned KeyboardInterrupt into it
            print("interrupted; run the same command again to go on where it stopped", file=sys.stderr)
        raise
