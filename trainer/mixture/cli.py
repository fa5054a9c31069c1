"""`trainer mix`: the commands of mixture-weight experiments. What one needs is imported when it runs."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from datapipe.command_line import ExecutorName, ExecutorOption, NumCpus, Settings, application

app = application("mix", "Find the weights of sources with swarms of small models: every command reads plain files.")

ExperimentFile = Annotated[Path, typer.Argument(metavar="EXPERIMENT", help="The experiment, a YAML file.")]
Root = Annotated[
    str | None,
    typer.Option(help="Folder that data and output stand under (or CORPUSMILL_ROOT).", metavar="FOLDER"),
]
OtherText = Annotated[
    bool, typer.Option("--other-text", help="Use runs that were trained on units whose text has changed since.")
]


@app.command()
def plan(
    experiment: ExperimentFile,
    root: Root = None,
    settings: Settings = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Compare mixtures that need no training: tokens, epochs, what is left of repeats. Exit code 1: a cap breaks."""
    from trainer.mixture.plan_report import print_mixtures

    if not print_mixtures(experiment, root, settings or (), as_json):
        raise typer.Exit(1)


@app.command()
def design(
    experiment: ExperimentFile,
    root: Root = None,
    settings: Settings = None,
    more: Annotated[int | None, typer.Option(min=1, help="Append so many rows to the swarm that is there.")] = None,
) -> None:
    """Choose the mixtures of a swarm, and say what it will cost and tell before anything runs."""
    from trainer.mixture.design import design as design_swarm

    design_swarm(experiment, root, settings or (), more)


@app.command("run")
def run_swarm(
    experiment: ExperimentFile,
    root: Root = None,
    settings: Settings = None,
    executor: ExecutorOption = ExecutorName.ray,
    num_cpus: NumCpus = None,
) -> None:
    """Train a model on every mixture of the swarm that has no result yet."""
    from trainer.mixture.run import run

    run(experiment, root, settings or (), executor.value, num_cpus)


@app.command("fit")
def fit_command(
    experiment: ExperimentFile, root: Root = None, settings: Settings = None, other_text: OtherText = False
) -> None:
    """Fit laws to the swarm, and compare what they say of runs they have not seen with trivial rules."""
    from trainer.mixture.fit import fit

    fit(experiment, root, settings or (), other_text)


@app.command("propose")
def propose_command(
    experiment: ExperimentFile, root: Root = None, settings: Settings = None, other_text: OtherText = False
) -> None:
    """Find the best mixture, with intervals, all that is tied with it, and write the plan that trains on it."""
    from trainer.mixture.propose import propose

    propose(experiment, root, settings or (), other_text)


@app.command("validate")
def validate_command(
    experiment: ExperimentFile,
    root: Root = None,
    settings: Settings = None,
    executor: ExecutorOption = ExecutorName.ray,
    num_cpus: NumCpus = None,
) -> None:
    """Write down a prediction, then train proposal and baseline at a larger size, in pairs of one seed."""
    from trainer.mixture.validate import validate

    validate(experiment, root, settings or (), executor.value, num_cpus)


@app.command("report")
def report_command(experiment: ExperimentFile, root: Root = None, settings: Settings = None) -> None:
    """Draw all that the experiment has come to into one page: report.html in its folder."""
    from trainer.mixture.report.write import write_report

    print(write_report(experiment, root, settings or ()))


@app.command("all")
def all_command(
    experiment: ExperimentFile,
    root: Root = None,
    settings: Settings = None,
    executor: ExecutorOption = ExecutorName.ray,
    num_cpus: NumCpus = None,
) -> None:
    """Design, run, fit, propose and report, one after the other; each goes on where it stopped."""
    from trainer.mixture.everything import everything

    everything(experiment, root, settings or (), executor.value, num_cpus)


@app.command("import")
def import_command(
    layout: Annotated[str, typer.Argument(metavar="LAYOUT", help="regmix, olmix or wandb.")],
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE", help="CSV files: mixtures and metrics, or one export.")
    ],
    output: Annotated[Path, typer.Option(metavar="FOLDER", help="Of the new experiment.")],
    name: Annotated[str | None, typer.Option(help="Of the experiment; the folder's name otherwise.")] = None,
    weights: Annotated[
        str | None, typer.Option(metavar="PATTERN", help="Columns that are weights: mixture.* names components by *.")
    ] = None,
    metrics: Annotated[
        str | None, typer.Option(metavar="PATTERN", help="Columns that are metrics, lower is better: valid/*_loss.")
    ] = None,
    sizes: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Tokens or shares of all there is, by component (YAML).")
    ] = None,
) -> None:
    """Take over runs of others: no model is trained, and every command behind `run` works on them."""
    from trainer.mixture.importing.importing import Columns, import_evidence

    path, notes = import_evidence(layout, files, output, name, Columns(weights, metrics), sizes)
    for note in notes:
        print(note, file=sys.stderr)
    print(path)


@app.command()
def reference(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Only this mapping of the experiment.")] = None,
) -> None:
    """Show the reference of experiment keys and of mixtures that need no training."""
    from trainer.mixture.reference import print_reference

    print_reference(name)


@app.command()
def schema() -> None:
    """Print the JSON Schema of experiments, for editors."""
    from trainer.mixture.schema import schema_json

    print(schema_json())
