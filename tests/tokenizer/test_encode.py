"""Shards to tokens: what SentencePiece says of every document, the same bytes every time, nothing lost."""

import io
import os
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import sentencepiece
from rich.console import Console

from datapipe.observing.status import read_status
from datapipe.output import RunError, locked
from tests.run.workshop import Workshop
from tests.tokenizer.encoded_run import EOS, SIZE, EncodedRun, small_model
from tokenizer.encode import encode
from tokenizer.encoding.encode_shard import SUFFIXES, encode_shard
from tokenizer.encoding.manifest import Manifest, UnitTokens, read_manifest


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> EncodedRun:
    """An encoded run, to be read."""
    run = EncodedRun.at(tmp_path_factory.mktemp("encoded"))
    run.encode()
    return run


def test_every_document_has_the_ids_of_sentencepiece_and_an_end(made: EncodedRun) -> None:
    processor = sentencepiece.SentencePieceProcessor(model_proto=small_model())
    shards = made.texts()
    assert {"english/left/000000", "others/tale/000001", "others/a%2Fb/000000"} <= shards.keys()
    assert {"validation/english/left/000000", "validation/others/C++/000000"} <= shards.keys()
    for place, rows in shards.items():
        expected = [processor.encode(row["text"]) for row in rows]
        assert made.ids(place) == [[*ids, EOS] if ids else [] for ids in expected]


def test_a_document_without_text_has_no_tokens_and_its_row(made: EncodedRun) -> None:
    rows = [row for place in made.texts() for row in zip(made.documents(place), made.ids(place), strict=True)]
    empty = [(row["tokens"], ids) for row, ids in rows if not row["bytes"]]

    assert len(empty) >= 2
    assert all(one == (0, []) for one in empty)


def test_the_sidecar_says_which_documents_the_tokens_are_of(made: EncodedRun) -> None:
    for place, rows in made.texts().items():
        found = made.documents(place)
        sizes = [len(ids) for ids in made.ids(place)]
        assert [(one["id"], one["source"]) for one in found] == [(row["id"], row["source"]) for row in rows]
        assert [one["bytes"] for one in found] == [len(row["text"].encode()) for row in rows]
        assert [one["tokens"] for one in found] == sizes
        assert [one["first_token"] for one in found] == np.cumsum([0, *sizes])[:-1].tolist()


def test_the_manifest_counts_what_the_files_hold(made: EncodedRun) -> None:
    manifest = read_manifest(str(made.tokens))
    places = []
    for unit in units_of(manifest):
        rows = []
        for shard in unit.shards:
            own = made.documents(shard.path)
            tokens = sum(map(len, made.ids(shard.path)))
            assert (shard.documents, shard.bytes, shard.tokens) == (len(own), sum(row["bytes"] for row in own), tokens)
            assert shard.windows == max(0, (tokens - 1) // 32)
            rows += own
            places.append(shard.path)
        assert (unit.documents, unit.bytes) == (len(rows), sum(row["bytes"] for row in rows))
        assert unit.tokens == sum(row["tokens"] for row in rows)
        assert unit.windows == sum(shard.windows for shard in unit.shards)
        assert unit.dropped == unit.tokens - sum(shard.windows * 32 + 1 for shard in unit.shards if shard.windows)
    assert sorted(places) == sorted(made.texts())
    assert (manifest.vocab_size, manifest.dtype, manifest.bos, manifest.eos) == (SIZE, "uint16", None, EOS)
    assert list(manifest.units["others"]) == ["C++", "a/b", "song", "tale", "unknown"]


def units_of(manifest: Manifest) -> list[UnitTokens]:
    """All units, those of validation too."""
    splits = (manifest.units, manifest.validation)
    return [unit for split in splits for domain in split.values() for unit in domain.values()]


def test_the_manifest_names_the_bytes_of_all_files(made: EncodedRun) -> None:
    manifest = read_manifest(str(made.tokens))
    named = {
        shard.path + suffix: sha256
        for unit in units_of(manifest)
        for shard in unit.shards
        for suffix, sha256 in shard.sha256.items()
    }
    found = made.tree()
    del found["manifest.json"]

    assert found == named | {"tokenizer.model": manifest.model_sha256}
    assert len(named) == 3 * len(made.texts())


def test_held_out_documents_are_never_among_those_of_training(made: EncodedRun) -> None:
    ids: dict[bool, set[str]] = {True: set(), False: set()}
    for place in made.texts():
        ids[place.startswith("validation/")] |= {row["id"] for row in made.documents(place)}
    assert ids[True]
    assert ids[False]
    assert not ids[True] & ids[False]


def test_the_status_of_the_folder_tells_of_the_work(made: EncodedRun) -> None:
    status = read_status(str(made.tokens))

    assert (status.state, [one.name for one in status.passes]) == ("finished", ["encode"])
    assert status.passes[0].tasks_done == len(made.texts())


def test_bytes_do_not_depend_on_how_many_documents_come_at_once(
    made: EncodedRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tokenizer.encoding.token_documents.GROUP_ROWS", 50)
    text = pq.read_table(made.data / "shards/others/tale/000000.parquet", partitioning=None)
    sizes = (1, 7, 10_000)
    for rows in sizes:
        pq.write_table(text, tmp_path / f"{rows}.parquet", row_group_size=rows)
        encode_shard(made.task(tmp_path / f"{rows}.parquet", text["text"].to_pylist()))
    for suffix in SUFFIXES:
        assert len({(tmp_path / f"{rows}{suffix}").read_bytes() for rows in sizes}) == 1


def test_nobody_encodes_while_a_run_writes_the_data(made: EncodedRun) -> None:
    with locked(str(made.data)), pytest.raises(RunError, match=r"^another run is writing .*/out: process "):
        made.encode()


class Meanwhile(io.StringIO):
    """A terminal: before anything is written to it, for the first time, `act` is called."""

    def __init__(self, act: Callable[[], None]) -> None:
        """Remember what to do."""
        super().__init__()
        self._acts = [act]

    def write(self, text: str) -> int:
        """Do it, write."""
        if self._acts:
            self._acts.pop()()
        return super().write(text)


def test_while_a_tokenizer_encodes_another_one_may_and_no_run_writes_the_data(made: EncodedRun, tmp_path: Path) -> None:
    run, seen = made.copied(tmp_path / "copy"), list[str]()
    other = run.model.parents[1] / f"other-{SIZE}"
    other.mkdir()
    (other / "tokenizer.model").write_bytes(run.model.read_bytes())

    def meanwhile() -> None:
        run.encode("name=other")
        with pytest.raises(RunError) as refused:
            Workshop(run.folder).run()
        seen.append(str(refused.value))

    (run.tokens / "receipts/encode/gone.json").write_text("{}")  # encoding says that it removes it
    encode(run.recipe(), root=str(run.folder), console=Console(file=Meanwhile(meanwhile)))

    (line,) = seen
    assert re.fullmatch(
        rf"{run.data} is being read, so no run may write it: process {os.getpid()} on \S+ since .*", line
    )
    assert (run.data / f"tokens/other-{SIZE}/manifest.json").exists()
    Workshop(run.folder).run()
