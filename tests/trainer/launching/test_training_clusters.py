"""The manifests and the script for clusters: they parse, fit together, and name commands and options that exist."""

import os
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from trainer.cli import app

FOLDER = Path(__file__).parents[3] / "trainer" / "clusters"
SCRIPT = FOLDER / "slurm.sbatch"


def documents(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((FOLDER / name).read_text()))


def options_of(command: str) -> set[str]:
    """Options that a line of `trainer` uses. Raises when there is no such command or option."""
    words = shlex.split(command)
    assert words[0] == "trainer"
    found = get_command(app).commands[words[1]]  # type: ignore[attr-defined]
    used = {word for word in words[2:] if word.startswith("--")}
    assert used <= {name for one in found.params for name in one.opts}
    return used


def test_the_cluster_has_a_volume_that_all_nodes_share_and_processes_on_gpu_nodes_only() -> None:
    claim, cluster = documents("raycluster.yaml")
    head, (group,) = cluster["spec"]["headGroupSpec"], cluster["spec"]["workerGroupSpecs"]
    assert (claim["kind"], claim["spec"]["accessModes"]) == ("PersistentVolumeClaim", ["ReadWriteMany"])
    assert (cluster["apiVersion"], cluster["kind"]) == ("ray.io/v1", "RayCluster")
    assert {head["rayStartParams"][key] for key in ("num-cpus", "num-gpus")} == {"0"}
    for pod in (one["template"]["spec"] for one in (head, group)):
        (container,) = pod["containers"]
        assert pod["volumes"][0]["persistentVolumeClaim"]["claimName"] == claim["metadata"]["name"]
        assert {"name": "training", "mountPath": "/training"} in container["volumeMounts"]
        assert {one["name"] for one in container["volumeMounts"]} == {one["name"] for one in pod["volumes"]}
    limits = group["template"]["spec"]["containers"][0]["resources"]["limits"]
    assert int(limits["cpu"]) >= int(limits["nvidia.com/gpu"]) > 0


def test_the_job_runs_on_that_cluster() -> None:
    (job,) = documents("rayjob.yaml")
    cluster = documents("raycluster.yaml")[1]
    assert (job["apiVersion"], job["kind"]) == ("ray.io/v1", "RayJob")
    assert job["spec"]["clusterSelector"]["ray.io/cluster"] == cluster["metadata"]["name"]
    assert options_of(job["spec"]["entrypoint"]) == {"--root", "--launcher", "--workers", "--wait"}
    assert set(yaml.safe_load(job["spec"]["runtimeEnvYAML"])) == {"env_vars"}


def test_the_batch_script_names_commands_that_exist() -> None:
    text = SCRIPT.read_text().replace("\\\n", " ")
    runs = [line[line.index("trainer run") :] for line in text.splitlines() if "trainer run" in line]
    assert options_of(runs[0].removesuffix(" &").replace("$", "")) == {
        "--root", "--launcher", "--nodes", "--rendezvous", "--retries"
    }  # fmt: skip
    assert options_of('trainer next "plan" --root "root"') == {"--root"}
    assert subprocess.run(["bash", "-n", SCRIPT]).returncode == 0


STUBS = {
    "scontrol": 'case "$2" in hostnames) seq -f node%g 100000;; job) echo "   Command=/jobs/slurm.sbatch a b";; esac',
    "sbatch": 'echo "sbatch $*"',
    "srun": 'echo "srun $*"; touch "$FOLDER/ran"; exit "$SRUN_CODE"',
    "trainer": 'if [[ -e $FOLDER/ran ]]; then echo "$AFTER"; else echo "$BEFORE"; fi',
}
"""Slurm's commands, and ours, as far as the script asks them; of so many nodes that not all fit into a pipe."""


@pytest.mark.parametrize(
    ("before", "srun_code", "after", "code", "lines"),
    [
        ("16", "0", "0", 0, ["srun"]),
        ("any", "0", "0", 0, ["srun"]),
        ("0", "0", "0", 0, ["no steps are left"]),
        ("32", "0", "0", 0, ["the next phase is for 32 GPUs", "sbatch --nodes=4 /jobs/slurm.sbatch p.yaml /root"]),
        ("16", "3", "24", 0, ["srun", "sbatch --nodes=3 /jobs/slurm.sbatch p.yaml /root"]),
        ("16", "1", "16", 1, ["srun"]),
    ],
)
def test_the_batch_script_runs_at_the_size_of_the_phase_and_hands_on_to_a_job_of_the_next(
    before: str, srun_code: str, after: str, code: int, lines: list[str], tmp_path: Path
) -> None:
    for name, body in STUBS.items():
        (tmp_path / name).write_text(f"#!/usr/bin/env bash\n{body}\n")
        (tmp_path / name).chmod(0o755)
    own = {"SLURM_JOB_ID": "7", "SLURM_NNODES": "2", "SLURM_JOB_NODELIST": "node[1-2]", "SLURM_GPUS_PER_NODE": "8"}
    asked = {"BEFORE": before, "AFTER": after, "SRUN_CODE": srun_code, "FOLDER": str(tmp_path)}
    path = f"{tmp_path}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", SCRIPT, "p.yaml", "/root"], env={**own, **asked, "PATH": path}, capture_output=True, text=True
    )
    assert done.returncode == code, done.stderr
    said = done.stdout.splitlines()
    assert len(said) == len(lines) and all(one.startswith(line) for one, line in zip(said, lines, strict=True)), said
    assert all(" --rendezvous node1:20007 " in line for line in said if line.startswith("srun"))


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
def test_the_batch_script_passes_shellcheck() -> None:
    done = subprocess.run(["shellcheck", SCRIPT], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
