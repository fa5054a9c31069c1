"""What `trainer generate` says, to whom, and what it refuses."""

from pathlib import Path

import pytest
from saved_runs import SEQ_LEN, greedy, saved_run, shape, tokenizer
from sentencepiece import SentencePieceProcessor

from datapipe.output import RunError
from trainer.generate import Part, generate_text, in_order, read_prompts
from trainer.generating.run_tokenizer import run_tokenizer
from trainer.generating.sampling import Sampling
from trainer.generating.saved_model import saved_model

GREEDY = Sampling(temperature=0)


def written(run: Path, prompts: list[str], **given: object) -> list[str]:
    """The continuation of every prompt."""
    texts = [""] * len(prompts)
    parts = generate_text(str(run), prompts, dtype="fp32", root=str(run.parent), **given)  # type: ignore[arg-type]
    for part in parts:
        texts[part.prompt] += part.text
    return texts


def test_says_the_likeliest_continuation_of_a_document_s_beginning(tmp_path: Path) -> None:
    run, model = saved_run(tmp_path)
    pieces = SentencePieceProcessor(model_proto=tokenizer().data)
    prompts = ["All human", "", "born free and equal"]
    expected = []
    for prompt in prompts:
        ids = greedy(model, [3, *pieces.encode(prompt)], 12)  # 3: the eos of the document before
        expected.append(pieces.decode(ids[: ids.index(3)] if 3 in ids else ids))
    assert written(run, prompts, tokens=12, sampling=GREEDY) == expected


def test_the_same_seed_says_the_same_and_another_something_else(tmp_path: Path) -> None:
    run, _ = saved_run(tmp_path)
    first = written(run, ["All", "rights"], tokens=20, seed=3)
    assert first == written(run, ["All", "rights"], tokens=20, seed=3)
    assert first != written(run, ["All", "rights"], tokens=20, seed=4)
    assert first[1:] == written(run, ["rights"], tokens=20, seed=4)


def test_tells_where_the_model_s_sequence_ends(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run, _ = saved_run(tmp_path)
    written(run, ["All"], tokens=200, sampling=Sampling(top_k=1), seed=1)
    assert f"ended at {SEQ_LEN} tokens: the model was never trained on longer" in capsys.readouterr().err


def test_a_prompt_that_leaves_no_room_is_refused(tmp_path: Path) -> None:
    run, _ = saved_run(tmp_path)
    with pytest.raises(RunError, match=f"a prompt of .* tokens .* reads {SEQ_LEN} at most"):
        written(run, ["xyz" * 30])


def test_another_vocabulary_is_refused(tmp_path: Path) -> None:
    run, _ = saved_run(tmp_path)
    other = tmp_path / "data" / "tokens" / "small" / "tokenizer.model"
    other.write_bytes(tokenizer("Other words make other pieces.").data)
    with pytest.raises(RunError, match=r"was trained on .* \(small\): its ids mean other pieces"):
        written(run, ["All"])


def test_a_missing_tokenizer_is_named_and_may_be_given(tmp_path: Path) -> None:
    run, _ = saved_run(tmp_path)
    found = tmp_path / "data" / "tokens" / "small" / "tokenizer.model"
    found.rename(tmp_path / "elsewhere.model")
    with pytest.raises(RunError, match=r"data/tokens/small/tokenizer.model: no such tokenizer; give it: --tokenizer"):
        written(run, ["All"])
    assert len(written(run, ["All"], tokenizer=str(tmp_path / "elsewhere.model"))) == 1


def test_more_pieces_than_the_model_has_are_refused_where_its_vocabulary_is_not_known(tmp_path: Path) -> None:
    run, _ = saved_run(tmp_path, shape(vocab_size=100), vocabulary="")
    with pytest.raises(RunError, match=r"pieces; .* was trained with 100"):
        written(run, ["All"])


def test_a_damaged_checkpoint_is_passed_over_loudly(tmp_path: Path) -> None:
    run, _ = saved_run(tmp_path)
    last = run / "checkpoints" / "000000000030"
    last.mkdir()
    for file in (run / "checkpoints" / "000000000020").iterdir():
        (last / file.name).write_bytes(file.read_bytes()[:-1] if file.suffix == ".safetensors" else file.read_bytes())
    said: list[str] = []
    assert saved_model(str(run), None, said.append).folder.name == "000000000020"
    assert len(said) == 1 and "000000000030" in said[0]
    with pytest.raises(RunError, match=r"bytes, .* were written"):
        saved_model(str(last), None, said.append)


def test_no_checkpoint_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no checkpoint here"):
        saved_model(str(tmp_path), None, lambda line: None)


def test_documents_begin_and_end_as_the_tokens_say(tmp_path: Path) -> None:
    run, _ = saved_run(tmp_path)
    found = run_tokenizer(saved_model(str(run), None, lambda line: None), None, str(tmp_path))
    assert (found.bos, found.eos, found.start) == (None, 3, [3])


def test_prompts_come_out_one_after_the_other() -> None:
    parts = [Part(0, "a", False), Part(1, "x", False), Part(0, "b", True), Part(1, "y", True)]
    assert "".join(in_order(iter(parts), ["P: ", "Q: "])) == "P: ab\n\nQ: xy\n"


def test_a_prompt_that_is_refused_is_not_printed(tmp_path: Path) -> None:
    texts = in_order(generate_text(str(tmp_path / "none"), ["P: "]), ["P: "])
    with pytest.raises(RunError, match="no checkpoint here"):
        next(texts)


def test_prompts_of_a_file_are_its_lines(tmp_path: Path) -> None:
    (tmp_path / "prompts.txt").write_text("one\n\n two\n")
    assert read_prompts(tmp_path / "prompts.txt") == ["one", " two"]
    (tmp_path / "bytes").write_bytes(b"\xff")
    with pytest.raises(RunError, match="not UTF-8"):
        read_prompts(tmp_path / "bytes")
