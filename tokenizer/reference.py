"""The reference of tokenizer recipes and of what is measured, generated from the code.

`recipes/TOKENIZER_REFERENCE.md` is `python -m tokenizer.reference`; a test fails when it is out of date.
"""

from collections.abc import Iterator
from typing import Any

from datapipe.key_tables import link, mapping_entries, print_reference_page, reference_page, row
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
    return reference_page(INTRODUCTION, EXAMPLE, sections())


def sections() -> dict[str, str]:
    """Every entry of the page by its name."""
    entries = mapping_entries(recipe_schema(), MAPPINGS, LINKS)
    return {**entries, "metrics": "\n".join([f"## metrics\n\n{METRICS_ABOUT}", *_metrics(), ""])}


def _metrics() -> Iterator[str]:
    yield "| metric | better | meaning |"
    yield "| --- | --- | --- |"
    for name, metric in METRICS.items():
        yield f"| {row(f'`{name}`', metric.better or '', metric.definition)} |"


def print_reference(name: str | None) -> None:
    """Show the page, or one entry of it, on the terminal. Raises RecipeError for a name of nothing."""
    print_reference_page(reference(), sections(), name)


if __name__ == "__main__":
    print(reference(), end="")
