"""The command line of the tokenizer. What a command needs is imported when it runs: `--help` stays quick."""

import signal
import sys
from enum import StrEnum
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from datapipe.termination import terminate

INTERRUPTED = 130
"""Exit code after Ctrl-C, as `datapipe` has it."""

app = typer.Typer(
    name="tokenizer",
    help="Count, train, encode, evaluate and export a SentencePiece tokenizer, by one recipe.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

RecipeFile = Annotated[Path, typer.Argument(metavar="RECIPE", help="The tokenizer's recipe, a YAML file.")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change one value of the recipe: path.to.key=value."),
]
Root = Annotated[
    str | None,
    typer.Option(help="Folder that data and output stand under (or CORPUSMILL_ROOT).", metavar="FOLDER"),
]


class ExecutorName(StrEnum):
    """Where tasks run."""

    ray = "ray"
    inline = "inline"


ExecutorOption = Annotated[ExecutorName, typer.Option("--executor", help="Where tasks run.")]
NumCpus = Annotated[int | None, typer.Option("--num-cpus", min=1, help="CPUs of a cluster that this command starts.")]
Verify = Annotated[bool, typer.Option("--verify", help="Recompute the sums of finished outputs before trusting them.")]


@app.callback()
def root_command() -> None:
    """Count, train, encode, evaluate and export a SentencePiece tokenizer, by one recipe."""


def main() -> None:
    """Run the command; say what is wrong in one line."""
    from datapipe.loading.located_yaml import RecipeError
    from datapipe.mixture import MixtureError
    from datapipe.output import RunError

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a terminal without UTF-8 gets `?`, not an error
            stream.reconfigure(errors="replace")
    signal.signal(signal.SIGTERM, terminate)
    try:
        app(prog_name="tokenizer")
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


if __name__ == "__main__":
    main()
