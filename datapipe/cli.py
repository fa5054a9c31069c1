"""The command line of datapipe. What a command needs is imported when it runs: `--help` stays quick."""

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
from datapipe.termination import held_back

app = application("datapipe", "From raw crawls, multilingual text and code to weighted shards, by one recipe.")

RecipeFile = Annotated[Path, typer.Argument(metavar="RECIPE", help="The recipe, a YAML file.")]
Root = Annotated[
    str | None,
    typer.Option(help="Folder that the recipe's output stands under (or CORPUSMILL_ROOT).", metavar="FOLDER"),
]
RunFolder = Annotated[str, typer.Argument(metavar="RUN", help="The output folder of a run.")]


@app.command()
def plan(recipe: RecipeFile, settings: Settings = None, root: Root = None) -> None:
    """Show what a run would do: passes, columns, shards, bytes, tasks. Nothing runs."""
    from datapipe.loading.load import load
    from datapipe.plan_report import print_plan

    print_plan(load(recipe, settings or ()), root)


@app.command()
def run(
    recipe: RecipeFile,
    settings: Settings = None,
    root: Root = None,
    executor: ExecutorOption = ExecutorName.ray,
    num_cpus: NumCpus = None,
    sample: Annotated[
        float | None, typer.Option(min=0, max=1, help="Take this share of the documents, into a folder of its own.")
    ] = None,
    max_shards: Annotated[
        int | None, typer.Option(min=1, help="Read this many groups of files per source, into a folder of its own.")
    ] = None,
    verify: Verify = False,
    disk_reserve: DiskReserve = 1.0,
) -> None:
    """Run a recipe. What is finished is not done again; run it once more after any interruption."""
    with held_back():  # NumPy begins threads: they must not take a signal that is held back while Ray starts
        from datapipe.driver import run as run_recipe
    from datapipe.loading.load import load
    from datapipe.report import print_report

    folder = run_recipe(
        load(recipe, settings or ()),
        root=root,
        executor=executor.value,
        num_cpus=num_cpus,
        sample=sample,
        max_shards=max_shards,
        verify=verify,
        disk_reserve_gib=disk_reserve,
    )
    print_report(folder)  # of this run, also while another one works on the same folder of a store


@app.command()
def status(
    folder: RunFolder,
    as_json: Annotated[bool, typer.Option("--json", help="For machines: one JSON object.")] = False,
) -> None:
    """Show how a run is: passes, speed, time left, slowest shards, incidents, quarantine. During it or after it."""
    from datapipe.observing.status_report import print_status

    print_status(folder, as_json)


@app.command()
def runs(
    folder: Annotated[str, typer.Argument(metavar="OUTPUT", help="A folder with runs below it, local or remote.")],
    as_json: Annotated[bool, typer.Option("--json", help="For machines: a list of objects.")] = False,
) -> None:
    """List the runs below a folder: recipe, state, owner, start, documents, size."""
    from datapipe.observing.runs_report import print_runs

    print_runs(folder, as_json)


@app.command()
def clean(
    folder: RunFolder,
    intermediates: Annotated[
        bool, typer.Option("--intermediates", help="Also what a finished run can make again: it says what that takes.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Delete; without it the command only shows.")] = False,
) -> None:
    """Show what earlier runs left behind that nobody needs, and with --yes delete it. Files that are not ours stay."""
    from datapipe.housekeeping.clean_report import clean as clean_folder

    clean_folder(folder, intermediates, yes)


@app.command()
def report(folder: RunFolder) -> None:
    """Show the funnel of a run, and write its report.html anew."""
    from datapipe.report import check_it_is_of_the_latest_run, print_report, write_report

    check_it_is_of_the_latest_run(folder)
    print_report(folder)
    write_report(folder)


@app.command()
def explain(
    target: Annotated[str, typer.Argument(metavar="RUN|RECIPE", help="An output folder, or a recipe with --text.")],
    identifier: Annotated[str | None, typer.Argument(metavar="ID", help="The document's id.")] = None,
    text: Annotated[str | None, typer.Option(help="Explain this file instead (- for standard input).")] = None,
    column: Annotated[
        list[str] | None,
        typer.Option("--column", metavar="NAME=VALUE", help="Value of a column for --text (language=de)."),
    ] = None,
    settings: Settings = None,
) -> None:
    """Show every measurement of a document against its limit, and which rule decides."""
    from datapipe.explain import explain_document, explain_text

    if text is not None:
        explain_text(Path(target), text, column or [], settings or [])
    elif identifier is not None:
        explain_document(target, identifier)
    else:
        raise typer.BadParameter("give the ID of a document, or --text FILE")


@app.command()
def duplicates(
    folder: RunFolder,
    identifier: Annotated[
        str | None, typer.Option("--id", metavar="ID", help="Why this document was dropped as a duplicate, or was not.")
    ] = None,
    like: Annotated[
        str | None, typer.Option(metavar="FILE", help="The documents like this text (- for standard input).")
    ] = None,
    round_name: Annotated[
        str | None, typer.Option("--round", metavar="NAME", help="Of this round (near, if there is one): PASS.exact.")
    ] = None,
    count: Annotated[int, typer.Option(min=1, max=100, help="So many clusters (of ten), or documents.")] = 5,
) -> None:
    """Show the largest clusters of duplicates, their texts side by side; or why a document was dropped."""
    from datapipe.duplicates import terminal

    if identifier is not None and like is not None:
        raise typer.BadParameter("give --id or --like, not both")
    if identifier is not None:
        terminal.print_fate(folder, identifier)
    elif like is not None:
        terminal.print_alike(folder, like, round_name, count)
    else:
        terminal.print_clusters(folder, round_name, count)


@app.command()
def diff(left: RunFolder, right: RunFolder) -> None:
    """Compare two runs: counts by step and reason, units and weights."""
    from datapipe.diff import print_diff

    print_diff(left, right)


@app.command()
def stages(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Only this stage, reader, rule set or key.")
    ] = None,
) -> None:
    """Show the reference of recipe keys, stages, readers and rule sets."""
    from datapipe.reference import print_stages

    print_stages(name)


@app.command()
def schema() -> None:
    """Print the JSON Schema of recipes, for editors."""
    from datapipe.loading.schema import schema_json

    print(schema_json())


@app.command()
def init(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A recipe that ships with Corpusmill, such as tiny.")],
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where to copy it; must not exist.")],
) -> None:
    """Copy a recipe that ships with Corpusmill, with its data, to start your own from."""
    from datapipe.init import copy_recipe

    copy_recipe(name, folder)


def main() -> None:
    """Run the command; say what is wrong in one line."""
    run_command(app, "datapipe")


if __name__ == "__main__":
    main()
