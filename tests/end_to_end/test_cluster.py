"""`ray job submit` as the README says it, on a cluster of two nodes with a token, one CPU each."""

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from datapipe import load, run
from tests.crashes.two_nodes import TwoNodes
from tests.end_to_end.jobs import BIN, ROOT, Jobs, Submitted, cluster_for_jobs
from tests.same_bytes import assert_same_bytes
from tokenizer.counts import count
from tokenizer.encode import encode
from tokenizer.load import load as load_tokenizer
from tokenizer.train import train
from tokenizer.weights import sweep

FILES = 12
RECIPE = """\
name: slow
output: out/slow
imports: [nap.py]
sources:
  - {name: web, reader: jsonl, paths: [DATA/0*.jsonl]}
  - {name: books, reader: jsonl, paths: [DATA/1*.jsonl]}
cut_bytes: 65536
shard_bytes: 131072
passes:
  - {name: extract, steps: [normalize_text]}
  - {name: rest, steps: [nap]}
domains: [{name: all, weight: 1}]
holdout: {fraction: 0}
"""
TOKENIZER = """\
name: slow
data: out/slow
output: out/slow-tokenizer
symbols: {split_digits: ascii}
train: {vocab_sizes: [384], reserved: 40}
encode: {seq_len: 32}
evaluate: {parallel: [parallel.jsonl]}
sweep: {vocab_size: 384, temperatures: [1, 2, 5], unimax_epochs: [], up_sampling: [1], up_sampled: [all]}
"""
PARALLEL = (
    {"language": "en", "key": "1", "text": "the stone bridge by the river"},
    {"language": "books", "key": "1", "text": "a mill of stones, and a river"},  # a unit stands for a language
)
WORDS = "stone river mill water bridge garden winter summer letter morning window village forest market silver"
NAP = """\
import os
import time
from dataclasses import dataclass
from typing import ClassVar

import pyarrow as pa

from datapipe.stage import stage, write_columns

@stage("nap")
@dataclass(frozen=True)
class Nap:
    "Takes its time."

    version: ClassVar = 1
    reads: ClassVar = ("text",)
    writes: ClassVar = pa.schema([pa.field("minutes", pa.float64())])

    def __call__(self, batch):
        time.sleep(float(os.environ.get("NAP_SECONDS", "0.7")))
        return write_columns(batch, self.writes, [pa.repeat(pa.scalar(1.0), batch.num_rows)])
"""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoNodes]:
    with cluster_for_jobs(tmp_path_factory.mktemp("stamps")) as running:
        yield running


@pytest.fixture(scope="module")
def jobs(cluster: TwoNodes, tmp_path_factory: pytest.TempPathFactory) -> Jobs:
    """A recipe whose second pass takes 0.7 s for each of 12 shards; its data lie outside of what is uploaded."""
    data, folder = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("job")
    words = WORDS.split()
    for number in range(FILES):
        texts = [" ".join(words[(row + step * number) % len(words)] for step in range(120)) for row in range(70)]
        lines = [json.dumps({"text": f"{number} {row} {text}"}) for row, text in enumerate(texts)]
        (data / f"{number:02}.jsonl").write_text("\n".join(lines))
    (folder / "recipe.yaml").write_text(RECIPE.replace("DATA", str(data)))
    (folder / "nap.py").write_text(NAP)
    (folder / "tokenizer.yaml").write_text(TOKENIZER)
    (folder / "parallel.jsonl").write_text("\n".join(map(json.dumps, PARALLEL)))
    (folder / ".rayignore").write_text("/corpus/\n")
    (folder / "corpus").mkdir()
    (folder / "corpus" / "large").write_bytes(b"x" * 1000)
    (folder / ".venv").mkdir()
    (folder / ".venv" / "python").touch()
    return Jobs(cluster, folder)


@pytest.fixture(scope="module")
def inline(jobs: Jobs, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same recipe in this process."""
    return Path(run(load(jobs.folder / "recipe.yaml"), root=str(tmp_path_factory.mktemp("inline"))))


def until_receipts(folder: Path, count: int, pass_name: str = "rest") -> None:
    """Wait until a pass has left receipts."""
    end = time.monotonic() + 90
    while len(list((folder / "receipts" / pass_name).glob("*.json"))) < count:
        assert time.monotonic() < end, f"{folder} has not {count} receipts of {pass_name}"
        time.sleep(0.05)


def nodes_of_last_run(jobs: Jobs) -> int:
    """Nodes that made themselves ready for the last run, as each does before its first task of it."""
    stamps = sorted(Path(jobs.cluster.environment["TMPDIR"]).glob("*/*.ready"), key=lambda path: path.stat().st_mtime)
    return [stamp.read_text() for stamp in stamps].count(stamps[-1].read_text())


def test_a_job_runs_on_both_nodes_and_writes_the_bytes_of_inline(jobs: Jobs, inline: Path, tmp_path: Path) -> None:
    job = jobs.submit(root=tmp_path)

    assert job.code == 0, job.log
    assert_same_bytes(tmp_path / "out/slow", inline)
    assert f"output: {tmp_path}/out/slow\n" in job.log
    assert "\nnothing is finished yet\n" in job.log
    assert f"\nrest: {FILES}/{FILES} tasks, 840 documents" in job.log
    assert "\r" not in job.log and "━" not in job.log.partition("funnel")[0]
    assert nodes_of_last_run(jobs) == 2, "one node did everything"


def test_a_second_job_says_what_is_finished(jobs: Jobs, inline: Path, tmp_path: Path) -> None:
    """Environment variables of the job reach the driver: the output's root comes by one."""
    variables = ("--runtime-env-json", json.dumps({"env_vars": {"CORPUSMILL_ROOT": str(inline.parents[1])}}))
    job = jobs.submit(root=None, before=variables)

    assert job.code == 0, job.log
    assert f"output: {inline}\n" in job.log
    assert f"finished before, in shards: extract {FILES}, rest {FILES}, " in job.log
    assert f"{FILES} shards were finished before" in job.log


def test_a_broken_recipe_fails_the_job_with_one_line(jobs: Jobs, tmp_path: Path) -> None:
    job = jobs.submit("--set", "sources.web.reader=jsnl", root=tmp_path)

    assert job.code == 1
    errors = {line for line in job.log.splitlines() if "error:" in line}
    assert len(errors) == 1 and "did you mean 'jsonl'" in errors.pop()
    assert "Traceback" not in job.log
    assert "failed with exit code 1" in job.log


def test_a_relative_output_is_refused_inside_a_job(jobs: Jobs) -> None:
    job = jobs.submit(root=None)

    assert job.code == 1
    assert "error: output 'out/slow' is relative and would be lost with this job's copy" in job.log


def test_the_tokenizer_counts_encodes_and_weighs_in_jobs_and_writes_the_bytes_of_inline(
    jobs: Jobs, inline: Path, tmp_path: Path
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    for root in (here, there):
        shutil.copytree(inline, root / "out/slow")
    recipe = load_tokenizer(jobs.folder / "tokenizer.yaml")
    for step in (count, train, encode, sweep):
        step(recipe, root=str(here))

    assert_job(jobs.submit(root=there, task="tokenizer count tokenizer.yaml"))
    train(recipe, root=str(there))
    assert_job(jobs.submit(root=there, task="tokenizer encode tokenizer.yaml"))
    assert_job(jobs.submit(root=there, task="tokenizer weights tokenizer.yaml"))
    assert nodes_of_last_run(jobs) == 2, "one node tried all weights"
    assert len(tokenizer_files(here)) > 15
    assert tokenizer_files(there) == tokenizer_files(here)


def assert_job(job: Submitted) -> None:
    assert job.code == 0, job.log


def tokenizer_files(root: Path) -> dict[str, bytes]:
    """Counts, model, tokens and weights; not receipts and the like, which carry times."""
    tops = ("out/slow-tokenizer/counts", "out/slow-tokenizer/models", "out/slow-tokenizer/weights", "out/slow/tokens")
    files = [path for top in tops for path in (root / top).rglob("*") if path.is_file()]
    own = {"receipts", "passes", "events.jsonl", "run.lock"}
    return {str(path.relative_to(root)): path.read_bytes() for path in files if not own & set(path.parts)}


def test_a_relative_folder_of_the_tokenizer_is_refused_inside_a_job(jobs: Jobs) -> None:
    job = jobs.submit(root=None, task="tokenizer encode tokenizer.yaml")

    assert job.code == 1
    assert "error: data 'out/slow' is relative and would be lost with this job's copy" in job.log
    assert "Traceback" not in job.log


def test_data_and_environments_are_not_uploaded(jobs: Jobs) -> None:
    ray = [BIN / "ray", "job"]
    at = ["--address", jobs.cluster.dashboard]
    submit = [*ray, "submit", *at, "--submission-id", "look", "--working-dir", ".", "--", "find", "."]
    options = {"cwd": jobs.folder, "env": jobs.environment, "capture_output": True, "text": True, "timeout": 180}
    subprocess.run(submit, check=True, **options)
    # What `submit` shows of a job that ends at once may lack its last lines; the log has them.
    listed = subprocess.run([*ray, "logs", *at, "look"], check=True, **options).stdout
    # Ray unpacks the same upload once for all jobs: those before this one have imported `nap` there.
    found = {line for line in listed.splitlines() if line.startswith("./") and "__pycache__" not in line}
    assert found == {"./recipe.yaml", "./nap.py", "./tokenizer.yaml", "./parallel.jsonl", "./.rayignore"}


def test_a_stopped_job_lets_go_and_its_rerun_completes(jobs: Jobs, inline: Path, tmp_path: Path) -> None:
    """It naps longer: environment variables of a job reach its tasks too."""
    output = tmp_path / "out/slow"
    longer = ("--runtime-env-json", json.dumps({"env_vars": {"NAP_SECONDS": "8"}}))
    process = jobs.start(root=tmp_path, before=("--submission-id", "to-be-stopped", *longer))
    until_receipts(output, 2)
    status = subprocess.run(
        [BIN / "datapipe", "status", output], cwd=ROOT, env=jobs.environment, capture_output=True, text=True
    )
    assert status.returncode == 0, status.stderr
    assert "rest" in status.stdout
    stopped = jobs.ray("stop", "to-be-stopped")
    assert "was stopped" in stopped
    process.communicate(timeout=180)
    log = jobs.ray("logs", "to-be-stopped")
    assert "terminated; run the same command again to go on where it stopped" in log
    assert "Traceback" not in log
    done = len(list((output / "receipts/rest").glob("*.json")))
    assert done < FILES

    again = jobs.submit(root=tmp_path)
    assert again.code == 0, again.log
    assert_same_bytes(output, inline)


def test_a_node_that_dies_costs_time_only(jobs: Jobs, inline: Path, tmp_path: Path) -> None:
    process = jobs.start(root=tmp_path)
    until_receipts(tmp_path / "out/slow", 2)
    for raylet in jobs.cluster.raylet():
        raylet.kill()
    log = process.communicate(timeout=400)[0]
    jobs.cluster.replace_second()

    assert process.returncode == 0, log
    assert_same_bytes(tmp_path / "out/slow", inline)
