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


@app.command()
def reference(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Only this mapping of the plan.")] = None,
) -> None:
    """Show the reference of plan keys and presets."""
    from trainer.reference import print_reference

    print_reference(name)


@app.command()
def schema() -> None:
    """Print the JSON Schema of plans, for editors."""
    from trainer.schema import schema_json

    print(schema_json())


def main() -> None:
    """Run the command; say what is wrong in one line."""
    run_command(app, "trainer")


if __name__ == "__main__":
    main()
