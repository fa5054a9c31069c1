"""The manifests and scripts for clusters: they parse, ask for what a task needs, and name commands that exist."""

import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from datapipe.cli import app
from datapipe.resources import Resources

FOLDER = Path(__file__).parents[2] / "datapipe" / "clusters"
CLUSTER_KEYS = {
    "rayVersion", "authOptions", "enableInTreeAutoscaling", "autoscalerOptions", "headGroupSpec", "workerGroupSpecs"
}  # fmt: skip
JOB_KEYS = {"entrypoint", "submissionMode", "backoffLimit", "submitterConfig", "clusterSelector", "runtimeEnvYAML"}
"""Fields of `ray.io/v1` that the files use, spelled as in the API reference of KubeRay 1.6."""


def documents(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((FOLDER / name).read_text()))


def options_of(command: str) -> list[str]:
    """Options that a line of `datapipe` uses. Raises when there is no such command or option."""
    words = shlex.split(command)
    assert words[0] == "datapipe"
    root = get_command(app)
    found = root.commands[words[1]]  # type: ignore[attr-defined]
    known = {name for one in found.params for name in one.opts}
    used = [word for word in words[2:] if word.startswith("--")]
    assert set(used) <= known
    return used


def test_the_cluster_has_a_volume_that_all_nodes_share() -> None:
    claim, cluster = documents("raycluster.yaml")
    groups = [cluster["spec"]["headGroupSpec"], *cluster["spec"]["workerGroupSpecs"]]

    assert (claim["kind"], claim["spec"]["accessModes"]) == ("PersistentVolumeClaim", ["ReadWriteMany"])
    assert (cluster["apiVersion"], cluster["kind"]) == ("ray.io/v1", "RayCluster")
    assert set(cluster["spec"]) == CLUSTER_KEYS
    for group in groups:
        pod = group["template"]["spec"]
        (container,) = pod["containers"]
        assert pod["volumes"][0]["persistentVolumeClaim"]["claimName"] == claim["metadata"]["name"]
        assert container["volumeMounts"] == [{"name": "corpus", "mountPath": "/corpus"}]
        assert container["image"] == groups[0]["template"]["spec"]["containers"][0]["image"]


def test_a_worker_has_the_memory_that_its_tasks_reserve() -> None:
    """Ray leaves about 70 % of a node's memory to tasks: 30 % go to the object store."""
    _, cluster = documents("raycluster.yaml")
    (group,) = cluster["spec"]["workerGroupSpecs"]
    limits = group["template"]["spec"]["containers"][0]["resources"]["limits"]

    assert limits["memory"].endswith("Gi")
    memory = int(limits["memory"].removesuffix("Gi")) << 30
    assert 0.7 * memory >= int(limits["cpu"]) * Resources().memory_bytes
    assert group["minReplicas"] <= group["replicas"] <= group["maxReplicas"]
    assert cluster["spec"]["headGroupSpec"]["rayStartParams"]["num-cpus"] == "0"


def test_the_job_runs_on_that_cluster() -> None:
    (job,) = documents("rayjob.yaml")
    _, cluster = documents("raycluster.yaml")

    assert (job["apiVersion"], job["kind"]) == ("ray.io/v1", "RayJob")
    assert set(job["spec"]) == JOB_KEYS
    assert job["spec"]["clusterSelector"]["ray.io/cluster"] == cluster["metadata"]["name"]
    assert options_of(job["spec"]["entrypoint"]) == ["--root"]
    assert set(yaml.safe_load(job["spec"]["runtimeEnvYAML"])) == {"env_vars"}


def test_the_batch_script_names_a_command_that_exists() -> None:
    lines = (FOLDER / "corpus.sbatch").read_text().splitlines()
    (command,) = [line for line in lines if line.startswith("datapipe ")]
    assert options_of(command.removesuffix(" &").replace("$", "")) == ["--root"]
    assert subprocess.run(["bash", "-n", FOLDER / "corpus.sbatch"]).returncode == 0


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
def test_the_batch_script_passes_shellcheck() -> None:
    done = subprocess.run(["shellcheck", FOLDER / "corpus.sbatch"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
