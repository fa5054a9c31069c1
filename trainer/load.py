"""YAML -> Plan, with everything that can be wrong found before a byte is read."""

import dataclasses
from collections.abc import Iterable
from pathlib import Path

from datapipe.loading.located_yaml import LocatedYaml, read_text, shown, suggest
from datapipe.loading.settings import parse_recipe
from datapipe.loading.validation import Place, build
from trainer.checks import check_plan
from trainer.corpus import SEQ_LEN
from trainer.plan import Model, Plan
from trainer.schedule import phase_edges, settled_rates
from trainer.shapes import PRESETS, Shape

NOT_KEYS = {"shape", "folder", "file", "text", "settings"}
"""Fields of a Plan that the loader sets."""
KEYS = [field.name for field in dataclasses.fields(Plan) if field.name not in NOT_KEYS]
SIZES = [field.name for field in dataclasses.fields(Shape)]


def load(path: str | Path, settings: Iterable[str] = ()) -> Plan:
    """The plan in the file `path`, with `settings` (`path.to.key=value`) applied. Raises RecipeError."""
    return loads(read_text(Path(path)), str(path), settings)


def loads(text: str, file: str = "plan.yaml", settings: Iterable[str] = ()) -> Plan:
    """The plan in `text`; its relative paths stand against the folder of `file`."""
    changes = tuple(settings)
    document = parse_recipe(text, file, changes, KEYS)
    said = build(Plan, document.data, document)
    shape = shape_of_model(said.model, document)
    folder = Path(file).resolve().parent
    plan = dataclasses.replace(said, shape=shape, folder=folder, file=file, text=text, settings=changes)
    check_plan(plan, shape, document)
    seq_len = plan.seq_len or (SEQ_LEN if plan.data is None else None)
    if seq_len is not None:  # else the tokens will say it
        settled_rates(plan, seq_len)
        phase_edges(plan, seq_len)
    return plan


def shape_of_model(model: Model, document: LocatedYaml, place: Place = ("model",)) -> Shape:
    """The sizes of the model at `place`, vocabulary 1 where the tokenizer will say it. Raises RecipeError."""
    if model.preset is not None and model.preset not in PRESETS:
        message = f"unknown preset {shown(model.preset)}; {suggest(model.preset, PRESETS)}"
        raise document.error((*place, "preset"), message)
    given = {name: getattr(model, name) for name in SIZES if getattr(model, name) is not None}
    if model.preset is not None:
        return dataclasses.replace(PRESETS[model.preset], **given)
    if "d_model" in given:
        given.setdefault("d_ff", 4 * given["d_model"])
        if "n_head" in given:
            given.setdefault("d_head", given["d_model"] // given["n_head"])
    given.setdefault("vocab_size", 1)
    missing = [name for name in ("n_layer", "n_head", "n_kv_head", "d_model") if name not in given]
    if missing:
        raise document.error(place, f"give a preset, or {', '.join(missing)}")
    return Shape(**given)
