"""Encoding what is damaged, missing or impossible: one line that says which file, what was found, what to do."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datapipe.output import RunError
from tests.run.workshop import Workshop, many
from tests.tokenizer.encoded_run import EncodedRun, small_model
from tokenizer.encoding.encode_shard import encode_shard
from tokenizer.texts import read_texts

SHARD = "shards/others/tale/000000.parquet"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> EncodedRun:
    """A run that is not encoded."""
    return EncodedRun.at(tmp_path_factory.mktemp("bad"))


@pytest.fixture
def run(made: EncodedRun, tmp_path: Path) -> EncodedRun:
    """The same, to be damaged."""
    return made.copied(tmp_path / "copy")


def said(run: EncodedRun, *settings: str) -> str:
    """The error of encoding, which is one line."""
    with pytest.raises(RunError) as error:
        run.encode(*settings)
    assert "\n" not in str(error.value)
    return str(error.value)


def texts_at(path: Path, text: pa.Array) -> str:
    """A shard of these texts."""
    ids = [f"left/{number}" for number in range(len(text))]
    pq.write_table(pa.table({"id": ids, "source": ["left"] * len(text), "text": text}), path)
    return str(path)


def test_without_a_model_the_command_that_makes_one_is_named(run: EncodedRun) -> None:
    run.model.unlink()
    assert said(run).endswith(f"tokenizer.model: no such model; `tokenizer train {run.folder}/tokenizer.yaml` makes it")
    assert said(run, "encode.model=no.model") == f"{run.folder}/no.model: no such model; encode.model names it"


@pytest.mark.parametrize(
    "data", [b"", b"no model", small_model()[:-100], b"\x00" * 500], ids=["empty", "text", "cut", "0"]
)
def test_a_corrupt_model_is_refused_before_anything_is_written(run: EncodedRun, data: bytes) -> None:
    run.put_model(data)
    assert str(run.model) in said(run)
    assert not (run.data / "tokens").exists()


def test_a_model_without_an_end_cannot_end_documents(run: EncodedRun) -> None:
    run.put_model(small_model(eos_id=-1))
    assert "the model has no piece for encode.eos: set it to false" in said(run)
    run.encode("encode.eos=false")


def test_data_without_a_finished_run_is_told(run: EncodedRun) -> None:
    (run.data / "run.json").unlink()
    assert "no finished run there; `datapipe run` of its recipe comes first" in said(run)


def test_an_unknown_domain_is_told_with_those_there_are(run: EncodedRun) -> None:
    assert "no domain 'other'; did you mean 'others'? possible: english, others" in said(run, "encode.domains=[other]")


def test_a_domain_that_is_called_as_a_folder_of_ours_is_refused(tmp_path: Path) -> None:
    workshop = Workshop.at(tmp_path)
    workshop.write("left/a.tsv", many(200, 1))
    workshop.write("right/a.tsv", many(20, 2))
    workshop.run("domains.others.name=validation")
    run = EncodedRun(tmp_path)
    run.put_model(small_model())
    assert said(run).endswith("tokens of a domain 'validation' would mix with other files: rename the domain")


def test_a_text_shard_that_is_gone_or_of_another_size_is_told(run: EncodedRun) -> None:
    path = run.data / SHARD
    path.write_bytes(path.read_bytes() + b"x")
    assert f"{path}: gone, or not of the" in said(run)
    path.unlink()
    assert f"{path}: gone, or not of the" in said(run)


def test_a_damaged_text_shard_is_told_and_what_makes_it_anew(run: EncodedRun) -> None:
    path = run.data / SHARD
    data = bytearray(path.read_bytes())
    data[100:200] = bytes(100)
    path.write_bytes(data)
    assert said(run) == f"{path}: damaged; `datapipe run --verify` of its recipe makes it anew"


def test_other_texts_than_those_of_the_receipt_are_told(made: EncodedRun, tmp_path: Path) -> None:
    path = texts_at(tmp_path / "a.parquet", pa.array(["one", "two"]))
    with pytest.raises(RunError, match=r"a\.parquet: 2 documents of 6 bytes; its receipt has 2 of 7: `datapipe run"):
        encode_shard(made.task(Path(path), ["one", "four"]))
    assert [one.name for one in tmp_path.iterdir()] == ["a.parquet"]


def test_another_model_than_the_one_begun_with_ends_the_work(made: EncodedRun, tmp_path: Path) -> None:
    path = texts_at(tmp_path / "a.parquet", pa.array(["one"]))
    with pytest.raises(RunError, match=r"tokenizer\.model: not the model that this run began with"):
        encode_shard(made.task(Path(path), ["one"], b"another"))
    assert not (tmp_path / "a.bin").exists()


@pytest.mark.parametrize("rows", [[b"good", b"bad \xff\xfe"], [b"good", b"\xed\xa0\x80"], [b"good", b"cut \xe2\x82"]])
def test_text_that_is_not_utf8_names_its_document(tmp_path: Path, rows: list[bytes]) -> None:
    offsets = pa.array([0, len(rows[0]), len(rows[0]) + len(rows[1])], pa.int64())
    text = pa.Array.from_buffers(pa.large_string(), 2, [None, offsets.buffers()[1], pa.py_buffer(b"".join(rows))])
    path = texts_at(tmp_path / "a.parquet", text)
    with pytest.raises(RunError, match=r"a\.parquet: document 'left/1': expected text, found bytes that are not UTF-8"):
        list(read_texts(path))


def test_a_document_of_no_text_at_all_names_itself(tmp_path: Path) -> None:
    path = texts_at(tmp_path / "a.parquet", pa.array(["good", None], pa.string()))
    with pytest.raises(RunError, match=r"a\.parquet: document 'left/1': expected text, found nothing"):
        list(read_texts(path))


def test_a_changed_copy_of_the_model_is_put_right(run: EncodedRun) -> None:
    run.encode()
    copy = run.tokens / "tokenizer.model"
    copy.write_bytes(small_model(400))
    run.encode()

    assert copy.read_bytes() == run.model.read_bytes()
