"""`tokenizer evaluate`: measure tokenizers on held-out and parallel text, side by side, and hold them to gates."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from datapipe import storage
from datapipe.observing.voice import Voice
from datapipe.output import RunError, placed
from tokenizer.evaluation import texts as sources
from tokenizer.evaluation.as_json import as_json
from tokenizer.evaluation.gates import Verdict, check_gates, try_gates
from tokenizer.evaluation.measuring import Evaluation, measure
from tokenizer.evaluation.opening import open_tokenizers
from tokenizer.evaluation.parallel_text import DECLARATION, read_parallel
from tokenizer.evaluation.texts import Texts
from tokenizer.recipe import Evaluate, Gate, TokenizerRecipe

if TYPE_CHECKING:
    from rich.console import Console

MODEL = "tokenizer.model"
Result = tuple[Evaluation, list[Verdict]]


def evaluate(
    recipe: TokenizerRecipe,
    models: Sequence[str] = (),
    gates: Sequence[Gate] = (),
    *,
    root: str | None = None,
    console: "Console | None" = None,
) -> Result:
    """Measure `models`, or those that the recipe has trained, on the validation documents of its data.

    Writes `evaluation.json` and `evaluation.html`, with all that was compared, beside each model of the recipe that was
    measured. Gates of the recipe and `gates` hold for every one. Raises RunError.
    """
    folders = _model_folders(recipe, root)
    measured = list(models) or [storage.join(folder, MODEL) for folder in folders]
    limits = [*recipe.evaluate.gates, *gates]
    for path in () if models else measured:
        if not storage.exists(path):
            raise RunError(f"{path}: not trained yet; `tokenizer train` comes first, or name models to evaluate")
    tokenizers = open_tokenizers(measured)
    texts = sources.of_run(placed("data", recipe.data, root), recipe.evaluate.max_bytes)
    parallel = read_parallel([sources.local(path, recipe.folder) for path in recipe.evaluate.parallel] or [DECLARATION])
    check_gates(limits, texts, parallel)
    evaluation = measure(tokenizers, texts, parallel, _voice(console))
    verdicts = try_gates(limits, evaluation)
    for folder in folders:
        if any(one.path == storage.join(folder, MODEL) for one in tokenizers):
            write(
                evaluation, verdicts, storage.join(folder, "evaluation.json"), storage.join(folder, "evaluation.html")
            )
    return evaluation, verdicts


def evaluate_files(
    models: Sequence[str],
    files: Sequence[str] = (),
    parallel: Sequence[str] = (),
    gates: Sequence[Gate] = (),
    *,
    max_bytes: int = Evaluate.max_bytes,
    console: "Console | None" = None,
) -> Result:
    """Measure `models` on text files, if any, and on parallel text, by default the declaration. Raises RunError."""
    if not models:
        raise RunError("no tokenizer to evaluate: name some, or a recipe")
    tokenizers = open_tokenizers(list(models))
    texts = sources.of_files(files, max_bytes) if files else Texts((), {})
    together = read_parallel(parallel or [DECLARATION])
    check_gates(gates, texts, together)
    evaluation = measure(tokenizers, texts, together, _voice(console))
    return evaluation, try_gates(gates, evaluation)


def write(evaluation: Evaluation, verdicts: Sequence[Verdict], json: str | None, html: str | None) -> None:
    """The two files, where they are asked for."""
    from tokenizer.evaluation.page import page

    if json is not None:
        storage.write_bytes(json, as_json(evaluation, verdicts))
    if html is not None:
        storage.write_bytes(html, page(evaluation, verdicts).encode("utf-8", "replace"))


def _model_folders(recipe: TokenizerRecipe, root: str | None) -> list[str]:
    models = storage.join(placed("output", recipe.output, root), "models")
    return [storage.join(models, recipe.tokenizer(size)) for size in recipe.train.vocab_sizes]


def _voice(console: "Console | None") -> Voice:
    from rich.console import Console

    return Voice(console or Console(stderr=True))
