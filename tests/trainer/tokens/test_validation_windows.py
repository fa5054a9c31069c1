"""What validation measures: whole documents, their bytes, every token but the first predicted once."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datapipe.output import RunError
from tests.tokenizer.encoded_run import SIZE, EncodedRun
from tests.trainer.token_files import write_shard
from trainer.corpus import Corpus, CorpusSizes, ShardFile, corpus_of
from trainer.load import loads
from trainer.tokens.validation_windows import not_measured, validation_units, validation_windows

PLAN = f"""
name: letters
output: run
data: out
tokenizer: letters-{SIZE}
model: {{n_layer: 1, n_head: 1, n_kv_head: 1, d_model: 8}}
phases: [{{name: only, tokens: 1_000, batch: 2, learning_rate: [{{shape: constant, start: 0.1}}]}}]
"""


def held_out(folder: Path, *shards: list[list[int]], seq_len: int = 4) -> Corpus:
    """A corpus of others' files whose one unit of validation has these documents."""
    files = []
    for number, documents in enumerate(shards):
        prefix = write_shard(folder / f"held{number}", documents)
        files.append(ShardFile(prefix, sum(map(len, documents))))
    sizes = CorpusSizes({}, seq_len, vocab_size=100)
    return Corpus(sizes, np.dtype("<i4"), {}, {"tales": {"short": tuple(files)}}, has_sidecars=False)


def test_each_token_but_the_first_is_predicted_once_and_the_last_window_is_short(tmp_path: Path) -> None:
    corpus = held_out(tmp_path, [[1, 2, 3], [4, 5]], [[6, 7]])
    (unit,) = validation_units(corpus, 100)
    inputs, targets = validation_windows(corpus, unit)
    assert inputs.tolist() == [[1, 2, 3, 4], [5, 6, 0, 0]]
    assert targets.tolist() == [[2, 3, 4, 5], [6, 7, -100, -100]]
    assert (unit.documents, unit.targets, unit.bytes) == (3, 6, None)


def test_documents_are_whole_and_the_first_that_does_not_fit_ends_them(tmp_path: Path) -> None:
    corpus = held_out(tmp_path, [[1, 2, 3], [], [4, 5], [6, 7, 8], [9]])
    (unit,) = validation_units(corpus, 7)
    inputs, targets = validation_windows(corpus, unit)
    assert (inputs.tolist(), targets.tolist()) == ([[1, 2, 3, 4]], [[2, 3, 4, 5]])


def test_a_document_that_could_never_fit_is_passed_over(tmp_path: Path) -> None:
    corpus = held_out(tmp_path, [[1] * 9, [2, 3], [4] * 9, [5]])
    (unit,) = validation_units(corpus, 8)
    inputs, targets = validation_windows(corpus, unit)
    assert (inputs.tolist(), targets.tolist()) == ([[2, 3, 0, 0]], [[3, 5, -100, -100]])


@given(st.lists(st.lists(st.integers(0, 9), max_size=9), max_size=3), st.integers(1, 12))
def test_it_is_what_one_document_after_the_other_gives(shards: list[list[int]], max_tokens: int) -> None:
    named = [[[10 * number + one] * length for one, length in enumerate(of)] for number, of in enumerate(shards)]
    taken: list[list[int]] = []
    for document in (document for documents in named for document in documents if len(document) <= max_tokens):
        if sum(map(len, [*taken, document])) > max_tokens:
            break
        taken.append(document)
    ids = [id_ for document in taken for id_ in document]
    with tempfile.TemporaryDirectory() as folder:
        corpus = held_out(Path(folder), *named)
        units = validation_units(corpus, max_tokens)
        found = [validation_windows(corpus, unit)[1].ravel()[: unit.targets].tolist() for unit in units]
    assert found == ([ids[1:]] if len(ids) > 1 else [])
    assert [unit.documents for unit in units] == ([len(taken)] if len(ids) > 1 else [])


def test_a_unit_with_nothing_to_predict_is_left_out_and_told(tmp_path: Path) -> None:
    for name, shards in {"one": [[[1]]], "none": [], "long": [[[1] * 9]]}.items():
        corpus = held_out(tmp_path / name, *shards)
        assert validation_units(corpus, 8) == ()
        assert not_measured(corpus, ()) == ["tales/short"]
    corpus = held_out(tmp_path / "two", [[1, 2]])
    assert not_measured(corpus, validation_units(corpus, 8)) == []


def test_an_id_beyond_the_vocabulary_is_told_with_its_place(tmp_path: Path) -> None:
    corpus = held_out(tmp_path, [[1] * 9, [2, 100]])
    (unit,) = validation_units(corpus, 8)
    with pytest.raises(RunError, match=r"held0\.bin: token 10 is 100; ids of the vocabulary are 0 to 99"):
        validation_windows(corpus, unit)


def test_bytes_are_those_of_the_documents_text(encoded: EncodedRun) -> None:
    corpus = corpus_of(loads(PLAN, str(encoded.folder / "plan.yaml")), str(encoded.folder))
    units = validation_units(corpus, 500)
    texts = encoded.texts()
    assert len(units) >= 3
    for unit in units:
        shards = corpus.validation[unit.domain][unit.unit]
        places = [str(Path(shard.prefix).relative_to(encoded.tokens)) for shard in shards]
        rows = [row for place in places for row in texts[place]]
        assert unit.bytes == sum(len(row["text"].encode()) for row in rows[: unit.documents])
        documents = [ids for place in places for ids in encoded.ids(place)]
        ids = [id_ for document in documents[: unit.documents] for id_ in document]
        inputs, targets = validation_windows(corpus, unit)
        assert inputs.ravel()[: unit.targets].tolist() == ids[: unit.targets]
        assert targets.ravel()[: unit.targets].tolist() == ids[1 : unit.targets + 1]
        assert 250 < unit.targets < 500 or unit.documents == len(rows)
