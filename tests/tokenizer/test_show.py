"""One document of a folder of tokens, and the command line of encoding."""

import io
from pathlib import Path

import pytest
import sentencepiece
from rich.console import Console

from datapipe.output import RunError
from tests.terminal import Terminal
from tests.tokenizer.encoded_run import EOS, RECIPE, EncodedRun, small_model
from tokenizer.cli import main
from tokenizer.show import find_document, print_document

PLACE = "others/tale/000001"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> EncodedRun:
    """An encoded run."""
    run = EncodedRun.at(tmp_path_factory.mktemp("shown"))
    (run.folder / "tokenizer.yaml").write_text(RECIPE)
    run.encode()
    return run


def test_a_document_is_found_with_its_place_and_windows(made: EncodedRun) -> None:
    row = made.documents(PLACE)[5]
    found = find_document(str(made.tokens), row["id"])

    assert (found.shard.path, found.row, found.first_token) == (PLACE, 5, row["first_token"])
    assert found.ids.tolist() == made.ids(PLACE)[5]
    inputs = range(row["first_token"], row["first_token"] + row["tokens"])
    assert list(found.windows) == sorted({token // 32 for token in inputs})


def test_the_tail_of_a_shard_is_in_no_window(made: EncodedRun) -> None:
    rows = made.documents(PLACE)
    found = find_document(str(made.tokens), rows[-1]["id"])
    assert all(window < found.shard.windows for window in found.windows)


def test_pieces_and_ids_are_printed(made: EncodedRun) -> None:
    processor = sentencepiece.SentencePieceProcessor(model_proto=small_model())
    row, text = made.documents(PLACE)[5], made.texts()[PLACE][5]["text"]
    out = io.StringIO()
    print_document(str(made.tokens), row["id"], Console(file=out, width=80))
    lines = out.getvalue().splitlines()

    assert lines[0].startswith(f"{PLACE}: document 5, tokens {row['first_token']:,} to ")
    assert lines[1].split("|") == [*processor.encode(text, out_type=str), "</s>", ""]
    assert lines[2].split() == [*map(str, processor.encode(text)), str(EOS)]


def test_an_id_that_is_nowhere_is_told(made: EncodedRun) -> None:
    with pytest.raises(RunError, match="no document 'left/no'; ids are those of the texts"):
        find_document(str(made.tokens), "left/no")


def test_the_commands_print_a_table_a_document_or_one_line(
    made: EncodedRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run, tokenizer = made.copied(tmp_path), Terminal("tokenizer", main, tmp_path, monkeypatch, capsys)
    words = ("encode", "tokenizer.yaml", "--executor", "inline")
    done = tokenizer(*words)
    assert (done.code, done.out.split()[0]) == (0, "letters-384")
    shown = tokenizer("show", str(run.tokens), run.documents(PLACE)[0]["id"])
    assert (shown.code, shown.out.split(",")[0]) == (0, f"{PLACE}: document 0")

    run.model.unlink()
    assert tokenizer.error(*words).startswith(
        "tokenizer/models/letters-384/tokenizer.model: no such model; `tokenizer train "
    )
