"""The reference of experiments, generated from the code.

`recipes/MIXTURE_REFERENCE.md` is `python -m trainer.mixture.reference`; a test fails when it is out of date.
"""

from typing import Any

from datapipe.key_tables import link, mapping_entries, print_reference_page, reference_page
from trainer.mixture.experiment import (
    Caps,
    Component,
    Experiment,
    Fitting,
    Group,
    MixturePhase,
    Proposing,
    Proxy,
    ProxyRate,
    Running,
    SwarmKeys,
    Validating,
)
from trainer.mixture.schema import experiment_schema
from trainer.mixture.static import ABOUT

INTRODUCTION = """\
# Reference of mixture experiments

Every key of an experiment, and every mixture that needs no training. Generated from the code by
`python -m trainer.mixture.reference`; do not edit. `trainer mix reference NAME` shows one entry of it, `trainer mix
schema` has the keys as JSON Schema for editors.
"""
EXAMPLE = """\
name: example
output: out/example-mixture
plan: pretrain.yaml                  # beside this file: data, tokenizer, phases, today's mixture
components:
  english: {}
  multilingual: {max_epochs: 2}
  python: {domain: code, units: [Python], min: 0.02}
  other-code: {domain: code}         # the other units of code
groups:
  western: {of: [english, multilingual], min: 0.6}
  programs: {of: [python, other-code]}
phases:
  - {name: stable, of: [ramp, main]}
  - {name: anneal, of: [last]}
candidates:
  paper: {english: 0.7, multilingual: 0.15, python: 0.05, other-code: 0.1}
caps: {max_epochs: 4}
proxy:
  model: {n_layer: 8, n_head: 8, n_kv_head: 4, d_model: 512}
  tokens: 500_000_000
  batch: 64
  micro_batch: 16
swarm: {runs: 40, anchors: [proportional, uniform, current, paper]}
run: {num_gpus: 0.25}
propose: {objective: {english: 2, multilingual: 1, code: 1}, kl: 0.05}
validate: {model: {n_layer: 16, n_head: 16, n_kv_head: 8, d_model: 1024}, tokens: 4_000_000_000}
"""
STATIC_ABOUT = """\
Names that `swarm.anchors`, `swarm.repeat_of`, `propose.reference` and `validate.baseline` take, beside those of
`candidates`.
"""
MAPPINGS: dict[str, type[Any]] = {
    "experiment": Experiment,
    "components": Component,
    "groups": Group,
    "phases": MixturePhase,
    "caps": Caps,
    "proxy": Proxy,
    "learning_rate": ProxyRate,
    "swarm": SwarmKeys,
    "run": Running,
    "fit": Fitting,
    "propose": Proposing,
    "validate": Validating,
}
"""Every mapping of an experiment by the key it stands under."""
LINKS = {cls.__name__: link(title) for title, cls in MAPPINGS.items()} | {
    "Model": "[model](TRAINER_REFERENCE.md#model)",
    "Preset": "[preset](TRAINER_REFERENCE.md#presets)",
}
STATIC = "static mixtures"


def reference() -> str:
    """The whole page, in Markdown."""
    return reference_page(INTRODUCTION, EXAMPLE, sections())


def sections() -> dict[str, str]:
    """Every entry of the page by its name."""
    entries = mapping_entries(experiment_schema(), MAPPINGS, LINKS)
    rows = [f"| `{name}` | {meaning} |" for name, meaning in ABOUT.items()]
    return {
        **entries,
        STATIC: "\n".join([f"## {STATIC}\n\n{STATIC_ABOUT}", "| name | shares |", "| --- | --- |", *rows, ""]),
    }


def print_reference(name: str | None) -> None:
    """Show the page, or one entry of it, on the terminal. Raises RecipeError for a name of nothing."""
    print_reference_page(reference(), sections(), name)


if __name__ == "__main__":
    print(reference(), end="")
