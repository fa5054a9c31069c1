"""`tokenizer run`: counts, vocabulary, token shards, evaluation and export of one recipe, one after the other."""

import importlib.util
from typing import Literal

from rich.console import Console
from rich.text import Text

from datapipe import storage
from datapipe.housekeeping.disk import RESERVE_BYTES
from datapipe.report.words import visible
from tokenizer.counts import count
from tokenizer.encode import encode
from tokenizer.encoding.token_report import print_tokens
from tokenizer.evaluate import evaluate
from tokenizer.evaluation.terminal import print_evaluation
from tokenizer.export import export
from tokenizer.recipe import TokenizerRecipe
from tokenizer.train import train

WITHOUT_EXPORT = "export skipped: it needs the library `tokenizers` (pip install 'corpusmill[hf]')"


def run(
    recipe: TokenizerRecipe,
    *,
    root: str | None = None,
    executor: Literal["ray", "inline"] = "inline",
    num_cpus: int | None = None,
    verify: bool = False,
    disk_reserve_gib: float = RESERVE_BYTES / 2**30,
    console: Console | None = None,
) -> bool:
    """Do all of it, print what came out and where it lies; whether all gates hold. What is finished is not done again.

    Raises RunError, OSError.
    """
    shown = console or Console()
    count(recipe, root=root, executor=executor, num_cpus=num_cpus, verify=verify, disk_reserve_gib=disk_reserve_gib)
    models = train(recipe, root=root, verify=verify)
    tokens = encode(
        recipe, root=root, executor=executor, num_cpus=num_cpus, verify=verify, disk_reserve_gib=disk_reserve_gib
    )
    print_tokens(tokens, shown, by_unit=False)
    evaluation, verdicts = evaluate(recipe, root=root)
    print_evaluation(evaluation, verdicts, shown)
    if importlib.util.find_spec("tokenizers"):
        export(recipe, root=root, again=verify)
    else:
        shown.print(WITHOUT_EXPORT, style="yellow", soft_wrap=True)
    for model in models:
        _say(shown, "model", storage.join(model, "tokenizer.model"))
        _say(shown, "report", storage.join(model, "evaluation.html"))
    return all(one.passes for one in verdicts)


def _say(console: Console, what: str, path: str) -> None:
    console.print(Text(visible(f"{what:<8} {path}")), soft_wrap=True)
