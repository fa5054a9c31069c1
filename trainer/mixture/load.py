"""YAML -> Experiment, with everything that can be wrong found before a byte is read."""

import dataclasses
from collections.abc import Iterable, Sequence
from pathlib import Path

from datapipe.loading.located_yaml import LocatedYaml, read_text
from datapipe.loading.settings import parse_recipe
from datapipe.loading.validation import build
from datapipe.output import placed
from trainer.load import load as load_plan
from trainer.mixture.checks import check_experiment
from trainer.mixture.experiment import Experiment
from trainer.plan import Plan

NOT_KEYS = {"base", "folder", "file", "text"}
"""Fields of an Experiment that the loader sets."""
KEYS = [field.name for field in dataclasses.fields(Experiment) if field.name not in NOT_KEYS]


def load(path: str | Path, settings: Iterable[str] = ()) -> Experiment:
    """The experiment in the file `path`, with `settings` (`path.to.key=value`) applied. Raises RecipeError."""
    return loads(read_text(Path(path)), str(path), settings)


def loads(text: str, file: str = "mixture.yaml", settings: Iterable[str] = ()) -> Experiment:
    """The experiment in `text`; its relative paths stand against the folder of `file`."""
    document = parse_recipe(text, file, tuple(settings), KEYS)
    said = build(Experiment, document.data, document)
    folder = Path(file).resolve().parent
    found = dataclasses.replace(said, folder=folder, file=file, text=text)
    found = dataclasses.replace(found, base=_base(found, document))
    check_experiment(found, document)
    return found


def output_of(experiment: Experiment, root: str | None) -> Path:
    """The folder of everything the experiment writes."""
    return Path(placed("output", experiment.output, root))


def _base(experiment: Experiment, document: LocatedYaml) -> Plan | None:
    """The training plan beside the experiment. Raises RecipeError: its own, or where there is no such file."""
    if experiment.plan is None:
        return None
    path = experiment.folder / experiment.plan
    if not path.is_file():
        raise document.error(("plan",), f"{path}: no such file")
    return load_plan(path)


def loaded(file: Path, settings: Sequence[str], root: str | None) -> tuple[Experiment, Path]:
    """An experiment and its output folder, as every command begins."""
    experiment = load(file, settings)
    return experiment, output_of(experiment, root)
