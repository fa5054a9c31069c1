"""`tokenizer train`: from a folder of counts to folders of models."""

import contextlib
import dataclasses
import functools
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import psutil
import pyarrow as pa
import pytest
from rich.console import Console

from datapipe.observing.status import read_status
from datapipe.output import RunError
from tests.tokenizer.counted import RECIPE, recipe, write_counted
from tests.tokenizer.training_texts import learned_from_text, pieces, texts
from tokenizer.counting.counts_file import open_counts, write_counts
from tokenizer.recipe import Symbols, Train
from tokenizer.train import train
from tokenizer.training import sentencepiece_child
from tokenizer.training.vocabulary import train_model
from tokenizer.training.weighted_rows import Rows

UNITS = {"hindi": texts("hindi"), "arabic": texts("arabic"), "empty": ()}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_counted(tmp_path, UNITS)
    return tmp_path


def trained(root: Path, *settings: str, verify: bool = False) -> tuple[list[str], str]:
    console = Console(file=io.StringIO(), width=200)
    folders = train(recipe(*settings), root=str(root), verify=verify, console=console)
    return folders, console.file.getvalue()  # type: ignore[attr-defined]


def lineage(folder: str) -> dict[str, object]:
    return dict(json.loads((Path(folder) / "lineage.json").read_text()))


def sums(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_each_size_is_the_model_that_the_text_itself_gives(root: Path) -> None:
    folders, _ = trained(root, "train.weights.repeat={}")
    assert folders == [str(root / "out" / "models" / name) for name in ("small-1536", "small-1280")]
    for folder, size in zip(folders, (1536, 1280), strict=True):
        model = (Path(folder) / "tokenizer.model").read_bytes()
        assert pieces(model) == learned_from_text([*UNITS["hindi"], *UNITS["arabic"]], size, recipe().train)
    lines = (Path(folders[0]) / "pieces.jsonl").read_text().splitlines()
    assert [json.loads(line)["piece"] for line in lines] == pieces((Path(folders[0]) / "tokenizer.model").read_bytes())


def test_the_mixture_and_up_sampling_decide_where_nothing_else_is_said(root: Path) -> None:
    folders, said = trained(root, "train.weights.up_sampling={text/hindi: 3}")
    shares = {one["unit"]: one["share"] for one in lineage(folders[0])["shares"]}  # type: ignore[attr-defined]
    assert shares == {"hindi": pytest.approx(0.75), "arabic": pytest.approx(0.25), "empty": 0}
    assert "75.00%" in said
    unweighted, _ = trained(root)
    assert folders == unweighted
    assert "75.00%" not in json.dumps(lineage(unweighted[0]))


def test_the_lineage_tells_what_a_model_is_made_of(root: Path) -> None:
    folders, _ = trained(root, "train.character_coverage=0.999")
    told = lineage(folders[1])
    assert told["tokenizer"] == "small-1280"
    assert told["counts"] == "f" * 32
    assert told["flags"]["character_coverage"] == 0.999  # type: ignore[index]
    assert (told["recipe"], told["settings"]) == (RECIPE, ["train.character_coverage=0.999"])
    for name, file in told["files"].items():  # type: ignore[attr-defined]
        assert hashlib.sha256((Path(folders[1]) / name).read_bytes()).hexdigest() == file["sha256"]
    status = read_status(str(root / "out"))
    assert (status.state, status.passes[0].tasks, status.passes[0].tasks_done) == ("finished", 2, 2)


def test_what_is_finished_is_not_trained_again(root: Path) -> None:
    first, _ = trained(root)
    before = sums(root / "out" / "models")
    stamps = {path: path.stat().st_mtime_ns for path in (root / "out" / "models").rglob("*.*")}
    _, said = trained(root)
    assert said.count("(finished before)") == 2
    assert {path: path.stat().st_mtime_ns for path in stamps} == stamps
    (Path(first[1]) / "tokenizer.model").unlink()
    _, said = trained(root)
    assert said.count("(finished before)") == 1
    assert sums(root / "out" / "models") == before


def test_verify_looks_into_the_files(root: Path) -> None:
    folders, _ = trained(root)
    model = Path(folders[0]) / "tokenizer.model"
    good = model.read_bytes()
    model.write_bytes(good[:-1] + b"?")
    trained(root)
    assert model.read_bytes() != good
    trained(root, verify=True)
    assert model.read_bytes() == good


def test_another_setting_trains_again(root: Path) -> None:
    folders, _ = trained(root)
    before = (Path(folders[0]) / "tokenizer.model").read_bytes()
    _, said = trained(root, "train.max_piece_length=3")
    assert "finished before" not in said
    assert (Path(folders[0]) / "tokenizer.model").read_bytes() != before


def test_what_was_made_of_another_model_goes_with_it(root: Path) -> None:
    folders, _ = trained(root)
    made = [Path(folders[0]) / name for name in ("hf/tokenizer.json", "evaluation.json", "evaluation.html")]
    made[0].parent.mkdir()
    for path in made:
        path.write_text("of the first model")
    (Path(folders[0]) / "lineage.json").unlink()
    trained(root)  # the same model once more
    assert all(path.exists() for path in made)
    trained(root, "train.character_coverage=0.99")
    assert not any(path.exists() for path in made)


def test_what_a_training_takes_is_told_before_it_starts(root: Path) -> None:
    _, said = trained(root)
    assert "training 1,536 pieces: " in said
    assert " rows of " in said.partition("training 1,536 pieces: ")[2].splitlines()[0]
    assert "the last merges rest on tiny counts" in said


def test_what_no_merge_can_come_from_is_told(tmp_path: Path) -> None:
    write_counted(
        tmp_path, {"hindi": (*texts("hindi"), "\u2585\u2585 a\u2585"), "arabic": texts("arabic")}, {"hi": 0.5}
    )
    _, said = trained(tmp_path, "train.weights.shares={text/hindi: 1}")
    assert "2 fragments hold U+2585" in said
    assert " fragments stand only in units of weight 0 and are left out" in said
    assert "exact: all counted fragments were used; hi rest on a sample" in said


def test_a_vocabulary_is_not_called_that_of_all_text_where_some_was_not_counted(tmp_path: Path) -> None:
    write_counted(tmp_path, {"hindi": texts("hindi"), "arabic": texts("arabic")})
    counts = open_counts(str(tmp_path / "out"))
    units = tuple(dataclasses.replace(one, lost_fragments=2, lost_bytes=200_000) for one in counts.units)
    write_counts(dataclasses.replace(counts, units=units))
    folders, said = trained(tmp_path)
    assert "4 fragments of more than" in said
    assert "exact: all counted fragments were used; 4 fragments were too long to be counted" in said
    assert lineage(folders[0])["certificate"]["not_counted"] == 4  # type: ignore[index]


MISTAKES = [
    ("train.vocab_sizes=[65536]", r"this text does not support 65,536 pieces: .*; the largest size possible is \d"),
    ("train.weights.repeat={text/hind: 2}", "no domain or unit 'text/hind' was counted; did you mean 'text/hindi'"),
    ("train.weights.shares={text/empty: 1}", "'text/empty' is given 1 and has no text"),
    ("train.weights.file=nowhere.json", r"train\.weights\.file: no such file: .*nowhere\.json"),
    ("symbols.split_digits=ascii", "cut at other symbols than the recipe's"),
]


@pytest.mark.parametrize(("setting", "words"), MISTAKES)
def test_mistakes_are_one_line(root: Path, setting: str, words: str) -> None:
    with pytest.raises(RunError, match=words) as error:
        trained(root, setting)
    assert "\n" not in str(error.value)
    assert not (root / "out" / "models").exists()


def test_a_run_that_could_not_be_weighed_says_why(root: Path) -> None:
    (root / "data" / "mixture.json").unlink()
    with pytest.raises(RunError, match=r"data: no mixture\.json; weights without it: shares, "):
        trained(root)
    (root / "data" / "run.json").write_text(json.dumps({"mixture_error": "domain 'code' has no text"}))
    with pytest.raises(RunError, match=r"data: no mixture\.json \(domain 'code' has no text\); weights without it"):
        trained(root)


def test_counts_that_are_damaged_are_refused(root: Path) -> None:
    path = root / "out" / "counts" / "000000.parquet"
    data = path.read_bytes()
    path.write_bytes(data[:4] + b"\xff" * 500 + data[504:])
    with pytest.raises(RunError, match=r"000000\.parquet: damaged; `tokenizer count --verify` makes it anew"):
        trained(root)
    path.write_bytes(data[:-20])
    with pytest.raises(RunError, match=r"000000\.parquet"):
        trained(root)
    (root / "out" / "counts.json").write_text("{")
    with pytest.raises(RunError, match=r"counts\.json is damaged"):
        trained(root)
    (root / "out" / "counts.json").unlink()
    with pytest.raises(RunError, match=r"`tokenizer count` of the recipe comes first"):
        trained(root)


def test_weights_come_from_a_file_too(root: Path) -> None:
    (root / "weights.json").write_text(json.dumps({"shares": {"text/hindi": 0.9, "text/arabic": 0.1}}))
    folders, _ = trained(root, f"train.weights.file={root}/weights.json")
    shares = [one["share"] for one in lineage(folders[0])["shares"]]  # type: ignore[attr-defined]
    assert shares == [pytest.approx(0.9), pytest.approx(0.1), 0]
    (root / "weights.json").write_text("[]")
    with pytest.raises(RunError, match="expected JSON with shares"):
        trained(root, f"train.weights.file={root}/weights.json")


INTERRUPTED = """
from tests.tokenizer.test_train import large_rows
from tokenizer.recipe import Symbols, Train
from tokenizer.training.vocabulary import train_model
print("begun", flush=True)
train_model(large_rows(), Train(), Symbols(), 200_000)
"""


def large_rows() -> Rows:
    """300,000 rows, which take some seconds: pairs of words."""
    words = list(dict.fromkeys(" ".join(texts("english")).split()))[:550]
    fragments = pa.array([one + other for one in words for other in words], pa.large_string())
    return Rows(fragments, np.ones(len(fragments), np.int64))


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_training_ends_with_its_process(sent: signal.Signals) -> None:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", INTERRUPTED]
    listening = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # jobs in the background do not
    pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
    process = subprocess.Popen(command, stdout=pipe, stderr=nothing, env=environment, preexec_fn=listening)
    assert process.stdout is not None
    process.stdout.readline()
    children = [_training(process.pid)]
    process.send_signal(sent)
    assert process.wait(10) != 0
    _, alive = psutil.wait_procs(children, timeout=5)
    assert alive == []


def _training(pid: int) -> psutil.Process:
    """The process that trains for process `pid`, stopped in the middle: it has begun and does not end by itself."""
    for _ in range(4000):
        for child in psutil.Process(pid).children():
            with contextlib.suppress(psutil.NoSuchProcess):  # others come and go
                if sentencepiece_child.__name__ in child.cmdline() and child.cpu_times().user > 0.5:
                    child.suspend()
                    return child
        time.sleep(0.01)
    raise AssertionError("no training has begun")


def test_a_training_that_is_killed_is_one_line() -> None:
    def kill() -> None:
        _training(os.getpid()).kill()

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises(
        RunError, match=r"^SentencePiece was killed by signal 9 while .* 200,000 pieces; perhaps .*memory"
    ):
        train_model(large_rows(), Train(), Symbols(), 200_000)
    killer.join()
