"""The command line of the tokenizer. What a command needs is imported when it runs: `--help` stays quick."""

from pathlib import Path
from typing import Annotated

import typer

from datapipe.command_line import (
    DiskReserve,
    ExecutorName,
    ExecutorOption,
    NumCpus,
    Settings,
    Verify,
    application,
    run_command,
)

app = application("tokenizer", "Count, train, encode, evaluate and export a SentencePiece tokenizer, by one recipe.")

RECIPE_SUFFIXES = (".yaml", ".yml")

RecipeFile = Annotated[Path, typer.Argument(metavar="RECIPE", help="The tokenizer's recipe, a YAML file.")]
Root = Annotated[
    str | None,
    typer.Option(help="Folder that data and output stand under (or CORPUSMILL_ROOT).", metavar="FOLDER"),
]


@app.command("run")
def run_recipe(
    recipe: RecipeFile,
    settings: Settings = None,
    root: Root = None,
    executor: ExecutorOption = ExecutorName.ray,
    num_cpus: NumCpus = None,
    verify: Verify = False,
    disk_reserve: DiskReserve = 1.0,
) -> None:
    """Count, train, encode, evaluate and export. What is finished is not done again."""
    from tokenizer.load import load
    from tokenizer.run import run

    all_gates_hold = run(
        load(recipe, settings or ()),
        root=root,
        executor=executor.value,
        num_cpus=num_cpus,
        verify=verify,
        disk_reserve_gib=disk_reserve,
    )
    if not all_gates_hold:
        raise typer.Exit(1)


@app.command("count")
def count_command(
    recipe: RecipeFile,
    settings: Settings = None,
    root: Root = None,
    executor: ExecutorOption = ExecutorName.ray,
    num_cpus: NumCpus = None,
    verify: Verify = False,
    disk_reserve: DiskReserve = 1.0,
) -> None:
    """Count the fragments of all shards of the data, for vocabularies to be learned from. Finished work stays."""
    from tokenizer.counting.counts_report import print_counts
    from tokenizer.counts import count
    from tokenizer.load import load

    folder = count(
        load(recipe, settings or ()),
        root=root,
        executor=executor.value,
        num_cpus=num_cpus,
        verify=verify,
        disk_reserve_gib=disk_reserve,
    )
    print_counts(folder)


@app.command()
def train(recipe: RecipeFile, settings: Settings = None, root: Root = None, verify: Verify = False) -> None:
    """Train the models of the recipe from its counts: one process, no Ray."""
    from tokenizer.load import load
    from tokenizer.train import train as train_recipe

    train_recipe(load(recipe, settings or ()), root=root, verify=verify)


@app.command()
def encode(
    recipe: RecipeFile,
    settings: Settings = None,
    root: Root = None,
    executor: ExecutorOption = ExecutorName.ray,
    num_cpus: NumCpus = None,
    verify: Verify = False,
    disk_reserve: DiskReserve = 1.0,
) -> None:
    """Encode all shards of the data into token shards. What is finished is not done again."""
    from tokenizer.encode import encode as encode_shards
    from tokenizer.encoding.token_report import print_tokens
    from tokenizer.load import load

    folder = encode_shards(
        load(recipe, settings or ()),
        root=root,
        executor=executor.value,
        num_cpus=num_cpus,
        verify=verify,
        disk_reserve_gib=disk_reserve,
    )
    print_tokens(folder)


@app.command()
def evaluate(
    models: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="RECIPE|MODEL", help="A recipe (.yaml), .model, tokenizer.json, or a folder with one of the latter."
        ),
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

    recipes = [Path(one) for one in models or () if one.endswith(RECIPE_SUFFIXES)]
    if len(recipes) + (recipe is not None) > 1:
        raise typer.BadParameter("give one recipe")
    named = tuple(one for one in models or () if not one.endswith(RECIPE_SUFFIXES))
    chosen = recipes[0] if recipes else recipe
    settled = (named, chosen, tuple(text or ()), tuple(parallel or ()), tuple(gate or ()))
    if not evaluate_command(*settled, json, html, tuple(settings or ()), root):
        raise typer.Exit(1)


@app.command()
def weights(
    recipe: RecipeFile,
    settings: Settings = None,
    root: Root = None,
    executor: ExecutorOption = ExecutorName.ray,
    num_cpus: NumCpus = None,
    verify: Verify = False,
) -> None:
    """Try weights on the counts; show what English pays for the other languages, and pick the knee."""
    from rich.console import Console

    from datapipe.output import placed
    from tokenizer.load import load
    from tokenizer.sweep.result import print_result
    from tokenizer.weights import sweep

    settled = load(recipe, settings or ())
    found = sweep(settled, root=root, executor=executor.value, num_cpus=num_cpus, verify=verify)
    print_result(found, Console(), placed("output", settled.output, root))


@app.command("export")
def export_command(
    subject: Annotated[
        str, typer.Argument(metavar="RECIPE|MODEL", help="A recipe, whose models are meant, or a .model.")
    ],
    size: Annotated[int | None, typer.Option(help="Only the model of that size.", metavar="PIECES")] = None,
    text: Annotated[
        list[str] | None,
        typer.Option(help="Compare on this file (text, JSONL, Parquet), not on validation documents.", metavar="FILE"),
    ] = None,
    output: Annotated[str | None, typer.Option(help="Of a MODEL: folder to write, not `hf` beside it.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Prove once more what has been proven before.")] = False,
    settings: Settings = None,
    root: Root = None,
) -> None:
    """Write Hugging Face files of models, proven to give the same ids."""
    from datapipe.output import RunError
    from tokenizer.export import export, export_file
    from tokenizer.load import load

    is_model = subject.endswith(".model")
    if is_model and (size is not None or settings or root):
        raise RunError("--size, --set and --root are for a RECIPE, not for a .model")
    if not is_model and output is not None:
        raise RunError("--output is for a .model; models of a RECIPE have their folders")
    if is_model:
        export_file(subject, output, texts=text or (), again=again)
    else:
        export(load(subject, settings or ()), vocab_size=size, texts=text or (), root=root, again=again)


@app.command()
def show(
    folder: Annotated[str, typer.Argument(metavar="TOKENS", help="A folder that `encode` has written.")],
    document: Annotated[str, typer.Argument(metavar="ID", help="Id of a document.")],
) -> None:
    """Show one document as a trainer sees it: where it lies, its pieces, its ids."""
    from tokenizer.show import print_document

    print_document(folder, document)


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
