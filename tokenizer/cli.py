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


@app.command()
def evaluate(
    models: Annotated[
        list[str] | None,
        typer.Argument(metavar="[MODEL]...", help="SentencePiece .model, tokenizer.json, or a folder with one."),
    ] = None,
    recipe: Annotated[
        Path | None, typer.Option(metavar="RECIPE", help="Measure on its validation documents, and its models.")
    ] = None,
    text: Annotated[
        list[str] | None, typer.Option(metavar="FILE", help="Without a recipe: text, JSONL or Parquet to measure on.")
    ] = None,
    parallel: Annotated[
        list[str] | None, typer.Option(metavar="FILE", help="JSONL of language, key, text instead of the declaration.")
    ] = None,
    gate: Annotated[
        list[str] | None, typer.Option(metavar="LIMIT", help="METRIC[GROUP]>=X or <=X; exit code 1 where it fails.")
    ] = None,
    json: Annotated[str | None, typer.Option(metavar="FILE", help="Write all figures there.")] = None,
    html: Annotated[str | None, typer.Option(metavar="FILE", help="Write a page with charts there.")] = None,
    settings: Settings = None,
    root: Root = None,
) -> None:
    """Measure tokenizers on held-out and parallel text, side by side."""
    from tokenizer.evaluation.command import evaluate_command

    settled = (tuple(models or ()), recipe, tuple(text or ()), tuple(parallel or ()), tuple(gate or ()))
    if not evaluate_command(*settled, json, html, tuple(settings or ()), root):
        raise typer.Exit(1)


def main() -> None:
    """Run the command; say what is wrong in one line."""
    run_command(app, "tokenizer")


if __name__ == "__main__":
    main()
