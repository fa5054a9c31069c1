"""What is exported is the same model in transformers, and comes back bit for bit."""

import json
import resource
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from saved_runs import SEQ_LEN, saved_run, shape, tokenizer
from small_models import random_ids
from torch.nn.attention import SDPBackend, sdpa_kernel

from datapipe.output import RunError
from trainer.checkpoint import load
from trainer.export import export
from trainer.generating.saved_model import saved_model
from trainer.hugging_face import config as config_module
from trainer.hugging_face.config import config, shape_of
from trainer.hugging_face.importing import import_hugging_face
from trainer.model import Transformer


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Transformer]:
    """A run, its export in fp32, and its model."""
    run, model = saved_run(tmp_path_factory.mktemp("exported"))
    return run, export(str(run), dtype="fp32", root=str(run.parent)), model


def logits_of(folder: Path, ids: torch.Tensor) -> torch.Tensor:
    from transformers import AutoModelForCausalLM

    with sdpa_kernel(SDPBackend.MATH), torch.inference_mode():
        found: torch.Tensor = AutoModelForCausalLM.from_pretrained(folder)(ids).logits
    return found


def test_transformers_computes_the_same_logits(exported: tuple[Path, Path, Transformer]) -> None:
    _, folder, model = exported
    ids = random_ids(2, 48, model.shape.vocab_size)
    with sdpa_kernel(SDPBackend.MATH), torch.inference_mode():
        ours = model.logits(model(ids))
    assert ours.std() > 0.1
    assert (ours - logits_of(folder, ids)).abs().max() == 0


def test_says_where_it_is_from_and_how_texts_end(exported: tuple[Path, Path, Transformer]) -> None:
    _, folder, _ = exported
    page = json.loads((folder / "config.json").read_text())
    assert (page["bos_token_id"], page["eos_token_id"], page["pad_token_id"]) == (None, 3, 1)
    assert page["max_position_embeddings"] == SEQ_LEN
    assert json.loads((folder / "generation_config.json").read_text()) == {"eos_token_id": 3, "pad_token_id": 1}
    found = json.loads((folder / "provenance.json").read_text())
    assert (found["name"], found["tokens_seen"]) == ("small", 20 * SEQ_LEN)
    assert found["vocabulary"] == tokenizer().fingerprint


def test_its_tokenizer_says_the_same_ids(exported: tuple[Path, Path, Transformer]) -> None:
    from sentencepiece import SentencePieceProcessor
    from transformers import AutoTokenizer

    _, folder, _ = exported
    text = "All human beings\n\tare born free </s> 1948  "
    expected = SentencePieceProcessor(model_proto=tokenizer().data).encode(text)
    assert AutoTokenizer.from_pretrained(folder)(text)["input_ids"] == expected
    assert (folder / "tokenizer.model").read_bytes() == tokenizer().data


def test_comes_back_bit_for_bit(exported: tuple[Path, Path, Transformer], tmp_path: Path) -> None:
    run, folder, _ = exported
    back = load(import_hugging_face(str(folder), str(tmp_path / "back")))
    first = saved_model(str(run), None, lambda line: None)
    assert back.model.keys() == first.tensors.keys()
    assert all(torch.equal(back.model[name], tensor) for name, tensor in first.tensors.items())
    assert back.record.terms.shape == first.record.terms.shape
    assert back.record.terms.vocabulary.fingerprint == tokenizer().fingerprint
    assert (back.record.samples_seen, back.optimizer, back.record.course.seq_len) == (0, {}, SEQ_LEN)


def test_in_several_files_of_bf16_every_weight_is_rounded_once(tmp_path: Path) -> None:
    run, _ = saved_run(tmp_path)
    folder = export(str(run), str(tmp_path / "hf"), shard_bytes=20_000, root=str(tmp_path))
    files = sorted(file.name for file in folder.glob("*.safetensors"))
    index = json.loads((folder / "model.safetensors.index.json").read_text())
    assert len(files) > 3 and set(index["weight_map"].values()) == set(files)
    loaded = {name: tensor for file in files for name, tensor in load_file(folder / file).items()}
    assert {tensor.dtype for tensor in loaded.values()} == {torch.bfloat16}
    assert index["metadata"]["total_size"] == 2 * shape().parameters

    back = load(import_hugging_face(str(folder), str(tmp_path / "back")))
    first = saved_model(str(run), None, lambda line: None)
    assert all(torch.equal(back.model[name], one.bfloat16().float()) for name, one in first.tensors.items())


def test_files_are_those_that_safetensors_itself_reads(exported: tuple[Path, Path, Transformer]) -> None:
    with safe_open(exported[1] / "model.safetensors", framework="pt") as file:
        assert file.metadata() == {"format": "pt"}


def test_a_norm_that_the_class_has_not_is_refused(tmp_path: Path) -> None:
    run, _ = saved_run(tmp_path, shape(norm="rms_norm"))
    with pytest.raises(RunError, match="rms_norm cannot be exported: NemotronForCausalLM has layer_norm only"):
        export(str(run), root=str(tmp_path))
    assert not (run / "hugging_face").exists()


def test_a_model_that_is_not_ours_takes_no_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, _ = saved_run(tmp_path)
    monkeypatch.setitem(config_module.ONLY, "hidden_act", "relu")
    with pytest.raises(RunError, match=r"logits of transformers differ by .* nothing is written"):
        export(str(run), root=str(tmp_path))
    assert sorted(one.name for one in run.iterdir()) == ["checkpoints"]


def test_a_folder_of_something_else_is_not_replaced(tmp_path: Path) -> None:
    run, _ = saved_run(tmp_path)
    (tmp_path / "mine").mkdir()
    with pytest.raises(RunError, match="there already, and not by this command"):
        export(str(run), str(tmp_path / "mine"), root=str(tmp_path))


def test_an_export_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    run, _ = saved_run(tmp_path)
    for dtype in ("fp32", "bf16"):
        folder = export(str(run), dtype=dtype, verify=False, root=str(tmp_path))
    assert json.loads((folder / "config.json").read_text())["dtype"] == "bfloat16"
    assert sorted(one.name for one in run.iterdir()) == ["checkpoints", "hugging_face"]


def test_a_disk_that_is_full_leaves_nothing(tmp_path: Path) -> None:
    run, _ = saved_run(tmp_path)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 15, limits[1]))
    try:
        with pytest.raises(RunError, match="hugging_face: not exported: File too large; nothing of it is left"):
            export(str(run), dtype="fp32", verify=False, root=str(tmp_path))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert sorted(one.name for one in run.iterdir()) == ["checkpoints"]


def changed_config(folder: Path, **changes: Any) -> None:
    page = {**json.loads((folder / "config.json").read_text()), **changes}
    (folder / "config.json").write_text(json.dumps({key: one for key, one in page.items() if one != "absent"}))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"model_type": "llama"}, "model_type 'llama'; only 'nemotron' can be imported"),
        ({"hidden_act": "gelu"}, "hidden_act 'gelu'; our model has 'relu2' only"),
        ({"tie_word_embeddings": True}, "tie_word_embeddings True; our model has False only"),
        ({"rope_scaling": {"rope_type": "yarn"}}, "RoPE of type 'yarn'"),
        ({"hidden_size": "absent"}, "hidden_size None; expected a whole number"),
        ({"num_hidden_layers": 3}, "tensor model.layers.2.input_layernorm.weight is missing"),
        ({"num_hidden_layers": 1}, "tensor model.layers.1.input_layernorm.bias is none of a model"),
        ({"intermediate_size": 50}, r"mlp.up_proj.weight has shape \[48, 32\], config.json asks for \[50, 32\]"),
        ({"vocab_size": 16}, "pieces; the model of .* has 16"),
    ],
)
def test_import_says_what_is_wrong(
    exported: tuple[Path, Path, Transformer], tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    folder = tmp_path / "hf"
    folder.mkdir()
    for file in exported[1].iterdir():
        (folder / file.name).symlink_to(file)
    (folder / "config.json").unlink()
    (folder / "config.json").write_bytes((exported[1] / "config.json").read_bytes())
    changed_config(folder, **changes)
    with pytest.raises(RunError, match=said):
        import_hugging_face(str(folder), str(tmp_path / "run"))
    assert not (tmp_path / "run").exists()


def test_import_refuses_a_tokenizer_of_other_pieces(exported: tuple[Path, Path, Transformer], tmp_path: Path) -> None:
    other = tmp_path / "other.model"
    other.write_bytes(tokenizer("Other words make other pieces.").data)
    with pytest.raises(RunError, match=r"is not the tokenizer in .*: id .* is"):
        import_hugging_face(str(exported[1]), str(tmp_path / "run"), tokenizer=str(other))


def test_import_refuses_a_run_that_has_checkpoints(exported: tuple[Path, Path, Transformer]) -> None:
    with pytest.raises(RunError, match="has checkpoints of a run already"):
        import_hugging_face(str(exported[1]), str(exported[0]))


def test_config_of_transformers_itself_says_the_same_shape() -> None:
    from transformers import NemotronConfig

    page = NemotronConfig(**config(shape(), SEQ_LEN, "bf16", None, 3, 1)).to_dict()
    assert shape_of(page, "config.json") == (shape(), SEQ_LEN)


def test_config_of_older_transformers_says_the_same_shape() -> None:
    page = config(shape(), SEQ_LEN, "bf16", None, 3, 1)
    del page["rope_parameters"], page["dtype"]
    assert shape_of(page, "config.json") == (shape(), SEQ_LEN)


def test_a_config_without_key_heads_or_head_width_means_what_it_means_there() -> None:
    page = config(shape(d_head=8, n_kv_head=4), SEQ_LEN, "bf16", None, 3, 1)
    del page["head_dim"]
    page["num_key_value_heads"] = None
    assert shape_of(page, "config.json") == (shape(d_head=8, n_kv_head=4), SEQ_LEN)


def test_without_a_tokenizer_the_vocabulary_is_not_known(
    exported: tuple[Path, Path, Transformer], tmp_path: Path
) -> None:
    folder = tmp_path / "hf"
    folder.mkdir()
    (folder / "config.json").write_bytes((exported[1] / "config.json").read_bytes())
    save_file(load_file(exported[1] / "model.safetensors"), folder / "model.safetensors")
    back = load(import_hugging_face(str(folder), str(tmp_path / "run")))
    assert back.record.terms.vocabulary.fingerprint == ""
