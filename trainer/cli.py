"""The command line of the trainer. What a command needs is imported when it runs: `--help` stays quick."""

from pathlib import Path
from typing import Annotated

import typer

from datapipe.command_line import application, run_command

app = application("trainer", "Plan, pretrain, continue, measure and export a language model, by one plan.")

PlanFile = Annotated[Path, typer.Argument(metavar="PLAN", help="The plan, a YAML file.")]
Root = Annotated[
    str | None,
    typer.Option(help="Folder that data and output stand under (or CORPUSMILL_ROOT).", metavar="FOLDER"),
]


@app.callback()
def commands() -> None:
    """Commands stand below."""


def main() -> None:
    """Run the command; say what is wrong in one line."""
    run_command(app, "trainer")


if __name__ == "__main__":
    main()
