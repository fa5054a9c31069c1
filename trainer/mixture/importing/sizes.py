"""How much there is of every component of imported runs: their files of mixtures do not say."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from datapipe.loading.located_yaml import suggest
from datapipe.output import RunError
from trainer.mixture.importing.imported import Imported, component_names, weights_of
from trainer.mixture.importing.table import read_utf8

SCALE = 10**12
"""Tokens that shares are shares of."""
ASSUMED_RUN = SCALE // 1000
"""Tokens of the run that the mixture is for, where nobody says how much there is."""


def read_sizes(path: Path, components: Sequence[str]) -> dict[str, int]:
    """Tokens, or shares, by component, from YAML or JSON: a mapping of its own, `priors.token_counts` of an Olmix
    config, or `train` of RegMix's token priors. Raises RunError for components that are missing."""
    import yaml

    try:
        document = yaml.safe_load(read_utf8(path))
    except yaml.YAMLError as failure:
        raise RunError(f"{path}: no YAML: {' '.join(str(failure).split())}") from None
    said = _mapping(document)
    numbers = [value for value in said.values() if isinstance(value, int | float) and value > 0]
    if not said or len(numbers) != len(said):
        raise RunError(f"{path}: expected a number above 0 for every component: tokens, or shares")
    scale = SCALE if max(numbers) <= 1 else 1
    by_name = {name: said[key] for key, name in component_names({key: str(key) for key in said}).items()}
    for name in components:
        if name not in by_name:
            raise RunError(f"{path}: nothing of component {name}: {suggest(name, by_name)}")
    return {name: max(1, round(by_name[name] * scale)) for name in components}


def assumed_sizes(runs: Sequence[Imported]) -> dict[str, int]:
    """Mean weights of the runs as stand-ins: RegMix and Olmix draw mixtures around the sizes. Of each there is enough
    for a whole run, also of those that hardly any run has, so that no cap on epochs binds."""
    rows = [weights_of(run) for run in runs]
    return {
        name: max(ASSUMED_RUN, round(SCALE * sum(row[place] for row in rows) / len(rows)))
        for place, name in enumerate(runs[0].weights)
    }


def _mapping(document: Any) -> Mapping[str, Any]:
    if isinstance(document, dict):
        if isinstance(document.get("priors"), dict):
            document = document["priors"].get("token_counts") or document["priors"].get("relative_sizes")
        elif isinstance(document.get("train"), dict):
            document = document["train"]
    return document if isinstance(document, dict) else {}
