"""Which documents a step sees: what is told is what the tokens say."""

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from datapipe.output import RunError
from tests.tokenizer.encoded_run import SIZE, EncodedRun
from tests.trainer.token_files import write_shard
from trainer.corpus import corpus_of
from trainer.course import course_json
from trainer.load import loads
from trainer.order import Order
from trainer.plan import Plan
from trainer.samples import Sample, one_sample, samples_of_step
from trainer.settle import settle
from trainer.tokens.reading import Reader

PHASES = """
name: letters
output: run
model: {n_layer: 1, n_head: 1, n_kv_head: 1, d_model: 8}
phases:
  - {name: first, tokens: 1_280, batch: 4, learning_rate: [{shape: constant, start: 0.1}], blend: all}
  - {name: second, tokens: 2_560, batch: 8}
"""
OWN = f"""{PHASES}
data: out
tokenizer: letters-{SIZE}
blends: {{all: {{english: {{weight: 0.5}}, others: {{weight: 0.5}}}}}}
"""
OTHERS = f"""{PHASES}
seq_len: 32
megatron: {{vocab_size: 1000, units: {{tales: {{all: [files/a, files/b]}}}}}}
blends: {{all: {{tales: {{weight: 1}}}}}}
"""


def own(run: EncodedRun, *settings: str) -> Plan:
    """A plan of 10 steps of 4 and 10 of 8 on these tokens."""
    return loads(OWN, str(run.folder / "plan.yaml"), settings)


def read(plan: Plan, root: Path, sample: int) -> list[int]:
    """The tokens that a run reads for a sample."""
    corpus = corpus_of(plan, str(root))
    reader = Reader(corpus, Order(settle(plan, corpus.sizes)))
    return list(reader.read(sample, 1, reader.buffer(1))[0].tolist())


def told(sample: Sample, documents: list[list[int]]) -> list[int]:
    """The tokens that the documents have which are told."""
    pieces = [documents[one.number][slice(*one.document_tokens)] for one in sample.documents]
    assert [len(documents[one.number]) for one in sample.documents] == [one.tokens for one in sample.documents]
    ends = [one.window_tokens for one in sample.documents]
    assert [end - first for first, end in ends] == [len(piece) for piece in pieces]
    assert [first for first, _ in ends] == [0, *(end for _, end in ends[:-1])]
    return [id_ for piece in pieces for id_ in piece]


def test_the_documents_of_a_sample_are_its_tokens(encoded: EncodedRun) -> None:
    plan = own(encoded)
    for step in range(1, 21):
        for sample in samples_of_step(plan, step, str(encoded.folder)):
            place = str(Path(sample.shard).relative_to(encoded.tokens).with_suffix(""))
            assert told(sample, encoded.ids(place)) == read(plan, encoded.folder, sample.sample)
            rows = encoded.documents(place)
            assert [one.id for one in sample.documents] == [rows[one.number]["id"] for one in sample.documents]
            assert sample.first_token == 32 * sample.window


def test_documents_of_others_go_by_number(tmp_path: Path) -> None:
    documents = {name: [[100 * one + number for number in range(length)] for one, length in enumerate(lengths)]
                 for name, lengths in {"a": [40, 1, 0, 70, 3], "b": [33, 0]}.items()}  # fmt: skip
    for name, found in documents.items():
        write_shard(tmp_path / "files" / name, found)
    plan = loads(OTHERS, str(tmp_path / "plan.yaml"))
    seen = [sample for step in range(1, 21) for sample in samples_of_step(plan, step, str(tmp_path))]
    assert [sample.sample for sample in seen] == list(range(120))
    for sample in seen:
        assert told(sample, documents[Path(sample.shard).stem]) == read(plan, tmp_path, sample.sample)
    assert {one.id for sample in seen for one in sample.documents} == {None}
    assert [sample.epoch for sample in seen[:9]] == [0, 0, 0, 0, 1, 1, 1, 1, 2]


def test_ranks_share_a_step(encoded: EncodedRun) -> None:
    plan = own(encoded)
    whole = samples_of_step(plan, 11, str(encoded.folder))
    assert [(one.sample, one.step, one.phase) for one in whole] == [(sample, 11, "second") for sample in range(40, 48)]
    shares = [one for rank in range(4) for one in samples_of_step(plan, 11, str(encoded.folder), rank, 4)]
    assert shares == whole
    assert one_sample(plan, 44, str(encoded.folder)) == [whole[4]]


@pytest.mark.parametrize(
    ("step", "rank", "world", "message"),
    [
        (21, 0, 1, "there is no step 21; possible: 1 to 20"),
        (11, 0, 3, "rank 0 of 3: step 11 has 8 samples"),
        (11, 2, 2, "rank 2 of 2"),
    ],
)
def test_what_there_is_not_is_told(encoded: EncodedRun, step: int, rank: int, world: int, message: str) -> None:
    with pytest.raises(RunError, match=message):
        samples_of_step(own(encoded), step, str(encoded.folder), rank, world)


def test_of_a_run_that_has_begun_its_own_course_tells(encoded: EncodedRun, tmp_path: Path) -> None:
    plan, again = own(encoded, f"output={tmp_path}"), own(encoded, "seed=18")
    corpus = corpus_of(plan, str(encoded.folder))
    course = settle(again, corpus.sizes)
    (tmp_path / "course.json").write_text(course_json(course))
    assert samples_of_step(plan, 3, str(encoded.folder)) == samples_of_step(again, 3, str(encoded.folder))
    assert samples_of_step(plan, 3, str(encoded.folder)) != samples_of_step(own(encoded), 3, str(encoded.folder))
    (tmp_path / "course.json").write_text(course_json(dataclasses.replace(course, data="0" * 32)))
    with pytest.raises(RunError, match=r"course\.json: the run was on other tokens than .*plan\.yaml names now"):
        samples_of_step(plan, 3, str(encoded.folder))
    (tmp_path / "course.json").write_text("{}")
    with pytest.raises(RunError, match=r"course\.json is damaged"):
        samples_of_step(plan, 3, str(encoded.folder))


def test_of_a_plan_that_goes_on_the_checkpoint_must_be_there(encoded: EncodedRun, tmp_path: Path) -> None:
    start = f"start={{checkpoint: {tmp_path}}}"
    with pytest.raises(RunError, match="no checkpoint there yet: what comes behind it cannot be told"):
        samples_of_step(own(encoded, start), 3, str(encoded.folder))
    fresh = own(encoded, start, "start.cursors=fresh")
    assert samples_of_step(fresh, 3, str(encoded.folder)) == samples_of_step(own(encoded), 3, str(encoded.folder))


def test_the_command_prints_lines_or_json_without_torch(encoded: EncodedRun, tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text(OWN)
    code = "import sys; from trainer.cli import main; sys.argv[0] = 'trainer'; main()"
    command = [sys.executable, "-X", "importtime", "-c", code, "samples", str(plan), "--step", "2", "--root", "."]
    here = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}
    lines, objects = (
        subprocess.run([*command, *more], cwd=encoded.folder, capture_output=True, text=True, check=True, env=here)
        for more in ([], ["--json"])
    )
    assert lines.stdout.startswith("sample 4  step 2  first  ")
    assert " trainer.samples\n" in lines.stderr
    assert " torch\n" not in lines.stderr
    samples = [json.loads(line) for line in objects.stdout.splitlines()]
    assert [one["sample"] for one in samples] == [4, 5, 6, 7]
    assert all(document["id"] in lines.stdout for one in samples for document in one["documents"])
