"""The reference of tokenizer recipes and of what is measured, generated from the code.

`recipes/TOKENIZER_REFERENCE.md` is `python -m tokenizer.reference`; a test fails when it is out of date.
"""

from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.markdown import Markdown

from datapipe.key_tables import about, key_table, link, row
from datapipe.loading.located_yaml import RecipeError, shown, suggest
from tokenizer.evaluation.metrics import METRICS
from tokenizer.recipe import Count, Encode, Evaluate, Gate, Sweep, Symbols, TokenizerRecipe, Train, Unimax, Weights
from tokenizer.schema import recipe_schema

INTRODUCTION = """\
# Reference of tokenizer recipes

Every key of a tokenizer recipe, and every metric. Generated from the code by `python -m tokenizer.reference`; do not
edit. `tokenizer reference NAME` shows one entry of it, `tokenizer schema` has the keys as JSON Schema for editors.
"""
EXAMPLE = """\
name: example
data: out/example                    # what `datapipe run` wrote
output: out/example-tokenizer
count: {max_bytes: 5_000_000_000}
train:
  vocab_sizes: [256_000, 128_000]    # two models from one count
  weights: {up_sampling: {multilingual: 2, multilingual/de: 1}}
encode: {vocab_size: 128_000}
evaluate:
  gates:
    - {metric: bytes_per_token, group: english/web, min: 4}
"""
METRICS_ABOUT = """\
What `tokenizer evaluate` measures, and gates name.
"""
MAPPINGS: dict[str, type[Any]] = {
    "recipe": TokenizerRecipe,
    "symbols": Symbols,
    "count": Count,
    "train": Train,
    "weights": Weights,
    "unimax": Unimax,
    "encode": Encode,
    "evaluate": Evaluate,
    "gates": Gate,
    "sweep": Sweep,
}
"""Every mapping of a recipe by the key it stands under."""
LINKS = {cls.__name__: link(title) for title, cls in MAPPINGS.items()} | {"Metric": "[metric](#metrics)"}


def reference() -> str:
    """The whole page, in Markdown."""
    entries = sections()
    contents = f"**Contents**: {', '.join(link(title) for title in entries)}\n"
    return "\n".join([INTRODUCTION, f"```yaml\n{EXAMPLE}```\n", contents, *entries.values()]).strip() + "\n"


def sections() -> dict[str, str]:
    """Every entry of the page by its name."""
    schema = recipe_schema()
    schemas = {**schema["$defs"], TokenizerRecipe.__name__: schema}
    entries = {
        title: "\n".join([f"## {title}\n", about(cls), *key_table(schemas[cls.__name__], LINKS)])
        for title, cls in MAPPINGS.items()
    }
    return {**entries, "metrics": "\n".join([f"## metrics\n\n{METRICS_ABOUT}", *_metrics(), ""])}


def _metrics() -> Iterator[str]:
    yield "| metric | better | meaning |"
    yield "| --- | --- | --- |"
    for name, metric in METRICS.items():
        yield f"| {row(f'`{name}`', metric.better or '', metric.definition)} |"


def print_reference(name: str | None) -> None:
    """Show the page, or one entry of it, on the terminal. Raises RecipeError for a name of nothing."""
    entries = sections()
    if name is not None and name not in entries:
        raise RecipeError(f"nothing is called {shown(name)}; {suggest(name, entries)}")
    Console().print(Markdown(reference() if name is None else entries[name]))


if __name__ == "__main__":
    print(reference(), end="")
