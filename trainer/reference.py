"""The reference of plans and of presets, generated from the code.

`recipes/TRAINER_REFERENCE.md` is `python -m trainer.reference`; a test fails when it is out of date.
"""

from collections.abc import Iterator
from typing import Any

from datapipe.key_tables import link, mapping_entries, print_reference_page, reference_page, row
from datapipe.recipe import Sampling, Unimax
from trainer.plan import (
    Checkpoints,
    DomainBlend,
    Execution,
    Hardware,
    Logs,
    MegatronFiles,
    Model,
    Optimizer,
    Phase,
    Plan,
    Rate,
    Start,
    Stop,
    Validation,
)
from trainer.schema import plan_schema
from trainer.shapes import PRESETS, Shape

INTRODUCTION = """\
# Reference of training plans

Every key of a plan, and every preset of a model. Generated from the code by `python -m trainer.reference`; do not edit.
`trainer reference NAME` shows one entry of it, `trainer schema` has the keys as JSON Schema for editors.
"""
EXAMPLE = """\
name: example
output: out/example-model
data: out/example                    # what `datapipe run` wrote, with tokens in it
tokenizer: example-64000
model: {preset: nemotron4_15b, n_layer: 4, n_head: 8, n_kv_head: 2, d_model: 512, d_ff: 2048, d_head: 64}
blends:
  quality:
    english: {weight: 0.6}
    code: {weight: 0.4, sampling: {alpha: 1.3}}
phases:
  - name: ramp                       # with the blend of mixture.json
    tokens: 100_000_000
    batch: 64
    learning_rate:
      - {shape: linear, start: 0, end: 3e-4, tokens: 20_000_000}
      - {shape: cosine, end: 3e-5}
  - {name: main, tokens: 900_000_000, batch: 128, blend: quality, max_epochs: {all: 4}}
execution: {micro_batch: 8}
"""
PRESETS_ABOUT = """\
Models that `model: {preset: NAME}` means; any size can be changed beside it.
"""
MAPPINGS: dict[str, type[Any]] = {
    "plan": Plan,
    "model": Model,
    "phases": Phase,
    "learning_rate": Rate,
    "blends": DomainBlend,
    "sampling": Sampling,
    "unimax": Unimax,
    "start": Start,
    "megatron": MegatronFiles,
    "optimizer": Optimizer,
    "execution": Execution,
    "validation": Validation,
    "checkpoints": Checkpoints,
    "stop": Stop,
    "logs": Logs,
    "hardware": Hardware,
}
"""Every mapping of a plan by the key it stands under."""
LINKS = {cls.__name__: link(title) for title, cls in MAPPINGS.items()} | {"Preset": "[preset](#presets)"}
SIZES = ("n_layer", "n_head", "n_kv_head", "d_model", "d_ff", "d_head", "vocab_size")


def reference() -> str:
    """The whole page, in Markdown."""
    return reference_page(INTRODUCTION, EXAMPLE, sections())


def sections() -> dict[str, str]:
    """Every entry of the page by its name."""
    entries = mapping_entries(plan_schema(), MAPPINGS, LINKS)
    return {**entries, "presets": "\n".join([f"## presets\n\n{PRESETS_ABOUT}", *_presets(), ""])}


def _presets() -> Iterator[str]:
    yield f"| preset | parameters | {' | '.join(SIZES)} | norm | rope_fraction | init_std |"
    yield f"| --- |{' --- |' * (len(SIZES) + 4)}"
    for name, shape in PRESETS.items():
        sizes = {size: f"{getattr(shape, size):,}" for size in SIZES}
        parameters = f"{shape.parameters:,}"
        if shape.vocab_size == 1:
            sizes["vocab_size"] = "the tokenizer's"
            parameters = f"{shape.parameters - 2 * shape.embedding:,} + {2 * shape.d_model:,} a piece"
        cells = row(f"`{name}`", parameters, *sizes.values(), *_settings(shape))
        yield f"| {cells} |"


def _settings(shape: Shape) -> tuple[str, str, str]:
    return shape.norm, f"{shape.rope_fraction:g}", f"{shape.init_std:g}"


def print_reference(name: str | None) -> None:
    """Show the page, or one entry of it, on the terminal. Raises RecipeError for a name of nothing."""
    print_reference_page(reference(), sections(), name)


if __name__ == "__main__":
    print(reference(), end="")
