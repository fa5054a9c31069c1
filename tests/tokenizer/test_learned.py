"""Models of several sizes from one training, and what is said of their merges."""

import io
import json
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from rich.console import Console

from datapipe.output import RunError
from tests.tokenizer.training_texts import pieces, rows, rows_of, texts
from tokenizer.model_file import read_model
from tokenizer.recipe import Symbols, Train
from tokenizer.symbols import fixed_pieces
from tokenizer.training.estimate import NATIVE, SENTENCEPIECE, estimate
from tokenizer.training.learned import Learned, learn_models
from tokenizer.training.lineage import finished, pieces_jsonl, write_model
from tokenizer.training.nested_sizes import cut_to
from tokenizer.training.vocabulary import train_model

SMALL = Train(fim=(), reserved=0)


def learned(name: str, *sizes: int, scale: float = 1.0) -> tuple[dict[int, Learned], list[str]]:
    said: list[str] = []
    scaled = replace(rows(name), counts=rows(name).counts * int(scale), scale=scale)
    return learn_models(scaled, SMALL, Symbols(), sizes, warn=said.append), said


@pytest.mark.parametrize(("name", "sizes"), [
    ("code", (1152, 2048, 8192)), ("chinese_japanese", (2688, 4096)), ("hindi", (1280, 1536)),
    pytest.param("mix", (6016, 12_032), marks=pytest.mark.slow),
])  # fmt: skip
def test_a_smaller_model_cut_out_is_the_one_trained_at_its_size(name: str, sizes: tuple[int, ...]) -> None:
    largest = read_model(train_model(rows(name), SMALL, Symbols(), sizes[-1]), "largest")
    for size in sizes:
        assert cut_to(largest, size) == train_model(rows(name), SMALL, Symbols(), size)


def test_no_model_can_be_cut_below_its_characters() -> None:
    model = read_model(train_model(rows("code"), SMALL, Symbols(), 2048), "code")
    with pytest.raises(
        RunError, match=r"train\.vocab_sizes: 1,024 pieces have no room for the 1,\d\d\d symbols, .* 1,152"
    ):
        cut_to(model, 1024)


def test_each_merge_is_told_with_its_count() -> None:
    found, _ = learned("code", 1536, 1280)
    large, small = list(found[1536].counts), list(found[1280].counts)
    assert small == large[: len(small)]
    assert large == sorted(large, reverse=True)
    assert learned("code", 1280, scale=1000)[0][1280].counts == found[1280].counts
    lines = [json.loads(line) for line in pieces_jsonl(found[1280].model, small).splitlines()]
    assert [line["id"] for line in lines] == list(range(1280))
    assert [line["count"] for line in lines if "count" in line] == small
    assert {line["kind"] for line in lines} == {"unknown", "control", "user_defined", "byte", "normal"}


def test_a_vocabulary_that_the_text_does_not_support_names_the_largest_one() -> None:
    with pytest.raises(
        RunError, match=r"this text does not support 8,192 pieces: .*; the largest size possible is (.*)"
    ) as error:
        learned("hindi", 8192, 1280)
    possible = int(str(error.value).rsplit(" ", 1)[1].replace(",", ""))
    assert possible % 128 == 0
    assert learned("hindi", possible)[0][possible].counts[-1] >= 1
    with pytest.raises(RunError, match="does not support"):
        learned("hindi", possible + 128)


def test_tiny_counts_are_warned_of() -> None:
    _, said = learned("hindi", 1536)
    assert len(said) == 1
    assert learned("hindi", 1536, scale=1000)[1] == said
    assert "the last merges rest on tiny counts" in said[0]
    thousandfold = replace(rows("hindi"), counts=rows("hindi").counts * 1000)
    learn_models(thousandfold, SMALL, Symbols(), [1536], warn=said.append)
    assert len(said) == 1


def test_the_estimate_counts_rows_characters_and_bytes() -> None:
    found = estimate(rows_of(["ab é", "ab"]), 1024)
    assert (found.rows, found.characters, found.text_bytes) == (2, 4, 5)  # `ab` twice, ` é`
    assert found.memory_bytes == (35 << 20) + 22 * 4 + 29 * 5 + 560 * 1024
    assert str(found) == "2 rows of 4 characters; about 37 MB and 1 s"
    assert found.seconds == pytest.approx(1 + 5 * 7.5e-7 + 1024 * 3e-5)


def test_native_training_needs_less_of_the_same_rows() -> None:
    rows = pa.array(["ab é", "ab"], pa.large_string())
    assert NATIVE.of_rows(rows).tolist() == [24 * 4 + 16 * 5, 24 * 2 + 16 * 2]
    assert NATIVE.needed(rows, 1024) == (32 << 20) + 200 * 1024 + 24 * 6 + 16 * 7
    assert NATIVE.needed(rows, 1024) < SENTENCEPIECE.needed(rows, 1024)


def test_a_model_is_finished_when_its_files_are_there_whole(tmp_path: object) -> None:
    folder = f"{tmp_path}/models/x-1280"
    found, _ = learned("hindi", 1280)
    write_model(folder, found[1280].model, found[1280].counts, {"fingerprint": "f"})
    assert finished(folder, "f")
    assert finished(folder, "f", verify=True)
    assert not finished(folder, "g")
    with open(f"{folder}/pieces.jsonl", "r+b") as file:  # noqa: PTH123
        file.write(b"?")
    assert finished(folder, "f")
    assert not finished(folder, "f", verify=True)
    with open(f"{folder}/lineage.json", "r+b") as file:  # noqa: PTH123
        file.truncate(10)
    assert not finished(folder, "f")
    assert not finished(f"{folder}/nowhere", "f")


def test_training_gives_the_same_bytes_in_every_process() -> None:
    some = rows_of(texts("english")[:4])
    models = {train_model(some, SMALL, Symbols(), 1536) for _ in range(3)}
    assert len(models) == 1
    assert np.all(some.counts > 0)


def test_a_terminal_shows_that_merges_are_checked() -> None:
    console = Console(file=io.StringIO(), width=100, force_terminal=True)
    found = learn_models(rows("hindi"), SMALL, Symbols(), [1280], warn=lambda _: None, console=console)
    merges = len(found[1280].counts)
    assert f"checking {merges:,} merges" in console.file.getvalue()  # type: ignore[attr-defined]


def test_where_all_rows_are_used_the_certificate_says_so() -> None:
    found, _ = learned("code", 1536, 1280)
    for one in found.values():
        assert one.certificate.merges == one.certificate.proven == len(one.counts)
        assert one.certificate.last_count == one.counts[-1]
        assert one.certificate.sentence == "exact: all fragments of the corpus were counted"


def test_little_memory_leaves_rare_fragments_out_and_says_what_that_means() -> None:
    said: list[str] = []
    train = replace(SMALL, max_memory_bytes=36_000_000)
    found = learn_models(rows("code"), train, Symbols(), [1536, 1280], {"th": 0.5}, warn=said.append)
    small, large = found[1280].certificate, found[1536].certificate
    assert large.left_out_fragments == small.left_out_fragments > 0
    assert 0 < small.proven <= large.proven < large.merges
    assert "rare fragments" in large.sentence
    assert large.sentence.endswith("; th rest on a sample")
    whole = pieces(train_model(rows("code"), SMALL, Symbols(), 1536))
    fixed = len(fixed_pieces(Symbols(), SMALL))
    assert pieces(found[1536].model.data)[: fixed + large.proven] == whole[: fixed + large.proven]
