"""A model that transformers saved goes on learning here, from just the weights it had."""

import json
from contextlib import closing
from pathlib import Path

import pytest
import torch

from datapipe.output import RunError
from tests.trainer.small_run import small_plan, trained
from trainer.corpus import corpus_of
from trainer.course import read_course
from trainer.data import tokens_to_device
from trainer.hugging_face.importing import import_hugging_face
from trainer.order import Order
from trainer.running.log import read_log
from trainer.tokens.reading import Reader

NEMOTRON = {
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "hidden_size": 16,
    "intermediate_size": 64,
    "vocab_size": 48,
    "max_position_embeddings": 16,
    "initializer_range": 0.3,
}


def test_the_first_loss_is_the_one_it_had_in_transformers(tmp_path: Path) -> None:
    from transformers import NemotronConfig, NemotronForCausalLM

    torch.manual_seed(3)
    theirs = NemotronForCausalLM(NemotronConfig(**NEMOTRON))
    theirs.save_pretrained(tmp_path / "hf", max_shard_size="6KB")
    assert len(list((tmp_path / "hf").glob("*.safetensors"))) > 2
    import_hugging_face(str(tmp_path / "hf"), str(tmp_path / "imported"))

    settings = ("start={checkpoint: imported}", "model.init_std=0.3")
    assert trained(tmp_path, tmp_path, *settings) == 0

    course = read_course((tmp_path / "run" / "course.json").read_text())
    with closing(Reader(corpus_of(small_plan(tmp_path)), Order(course))) as reader:
        rows = tokens_to_device(reader.read(0, 2, reader.buffer(2)), "cpu")
    with torch.inference_mode():
        logits = theirs(rows[:, :-1]).logits.flatten(0, 1)
    expected = torch.nn.functional.cross_entropy(logits, rows[:, 1:].flatten())
    first = next(line for line in read_log(str(tmp_path / "run")) if line["kind"] == "step")
    assert first["loss"] == pytest.approx(float(expected), abs=1e-5)
    assert first["loss"] > 4.5  # far from a model that knows nothing, ln 48 = 3.87: it says things of its own


def test_another_shape_than_the_plan_s_is_refused(tmp_path: Path) -> None:
    from transformers import NemotronConfig, NemotronForCausalLM

    NemotronForCausalLM(NemotronConfig(**{**NEMOTRON, "intermediate_size": 32})).save_pretrained(tmp_path / "hf")
    import_hugging_face(str(tmp_path / "hf"), str(tmp_path / "imported"))
    with pytest.raises(RunError, match=r"this plan cannot start from it:\n.*d_ff"):
        trained(tmp_path, tmp_path, "start={checkpoint: imported}")


@pytest.mark.parametrize(
    ("spoiled", "said"),
    [
        (b"{", "config.json: damaged: not JSON"),
        (b"[]", "config.json: expected a mapping"),
        (None, "config.json: not there: expected a folder that `save_pretrained` wrote"),
    ],
)
def test_a_folder_that_is_none_is_said_to_be_none(tmp_path: Path, spoiled: bytes | None, said: str) -> None:
    if spoiled is not None:
        (tmp_path / "config.json").write_bytes(spoiled)
    with pytest.raises(RunError, match=said):
        import_hugging_face(str(tmp_path), str(tmp_path / "run"))


@pytest.mark.parametrize(
    ("index", "said"),
    [
        ({}, "no weight_map in it"),
        ({"weight_map": {"lm_head.weight": "../../etc/passwd"}}, "expected files of the same folder"),
        ({"weight_map": {"lm_head.weight": "model.safetensors"}}, "tensor model.embed_tokens.weight is missing"),
    ],
)
def test_an_index_that_is_wrong_is_refused(tmp_path: Path, index: dict[str, object], said: str) -> None:
    from transformers import NemotronConfig

    NemotronConfig(**NEMOTRON).save_pretrained(tmp_path)
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(RunError, match=said):
        import_hugging_face(str(tmp_path), str(tmp_path / "run"))
