"""What `tokenizer evaluate` does with its options."""

import dataclasses
from pathlib import Path

from rich.console import Console

from datapipe.output import RunError
from tokenizer.evaluate import evaluate, evaluate_files, write
from tokenizer.evaluation.gates import parse_gate
from tokenizer.evaluation.terminal import print_evaluation
from tokenizer.load import load


def evaluate_command(
    models: tuple[str, ...],
    recipe: Path | None,
    texts: tuple[str, ...],
    parallel: tuple[str, ...],
    gates: tuple[str, ...],
    json: str | None,
    html: str | None,
    settings: tuple[str, ...],
    root: str | None,
) -> bool:
    """Measure, print, write; whether all gates hold. Raises RunError, RecipeError."""
    limits = [parse_gate(one) for one in gates]
    if recipe is None:
        if settings:
            raise RunError("--set changes a recipe: give --recipe")
        evaluation, verdicts = evaluate_files(models, texts, parallel, limits)
    else:
        if texts:
            raise RunError("--text and --recipe: a recipe brings its own texts; give one of them")
        loaded = load(recipe, settings)
        if parallel:
            own = dataclasses.replace(loaded.evaluate, parallel=tuple(str(Path(one).absolute()) for one in parallel))
            loaded = dataclasses.replace(loaded, evaluate=own)
        evaluation, verdicts = evaluate(loaded, models, limits, root=root)
    print_evaluation(evaluation, verdicts, Console())
    write(evaluation, verdicts, json, html)
    return all(one.passes for one in verdicts)
