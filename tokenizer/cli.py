"""The command line of the tokenizer. What a command needs is imported when it runs: `--help` stays quick."""

from pathlib import Path
from typing import Annotated

import typer

from datapipe.command_line import (  # noqa: F401  # for the commands to come
    ExecutorName,
    ExecutorOption,
    NumCpus,
    Settings,
    Verify,
    application,
    run_command,
)

app = application("tokenizer", "Count, train, encode, evaluate and export a SentencePiece tokenizer, by one recipe.")

RecipeFile = Annotated[Path, typer.Argument(metavar="RECIPE", help="The tokenizer's recipe, a YAML file.")]
Root = Annotated[
    str | None,
    typer.Option(help="Folder that data and output stand under (or CORPUSMILL_ROOT).", metavar="FOLDER"),
]


@app.callback()
def root_command() -> None:
    """Count, train, encode, evaluate and export a SentencePiece tokenizer, by one recipe."""


@app.command()
def reference(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Only this mapping of the recipe.")] = None,
) -> None:
    """Show the reference of recipe keys."""
    from tokenizer.reference import print_reference

    print_reference(name)


@app.command()
def schema() -> None:
    """Print the JSON Schema of tokenizer recipes, for editors."""
    from tokenizer.schema import schema_json

    print(schema_json())


def main() -> None:
    """Run the command; say what is wrong in one line."""
    run_command(app, "tokenizer")


if __name__ == "__main__":
    main()
