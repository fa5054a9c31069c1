"""`trainer mix fit` and `propose` on a large swarm: 512 runs, 20 components, 13 targets, 200 resamples, on one core.

Values are those of a log-linear law with noise of a fiftieth of their spread, under caps that hold a few weights. Two
sets of laws: those of the bar, log-linear and both ridges, and the default, which has a Gaussian process too. Seconds
are of processor time, everything that a command does among them, but not Python's start.

Bar: 60 seconds for both commands with the first set.
"""

import dataclasses
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

RUNS, COMPONENTS, TARGETS = 512, 20, 13
BAR = 60.0
LAWS = {
    "log_linear_and_ridges": "[log_linear, square_root_ridge, hellinger_ridge]",
    "default": "[log_linear, square_root_ridge, hellinger_ridge, gaussian_process]",
}
EXPERIMENT = """\
name: large
output: large
sizes: {{{sizes}}}
phases: [{{name: all, tokens: 10_000_000_000}}]
groups: {{first: {{of: [c0, c1, c2], min: 0.05}}, second: {{of: [c3, c4], max: 0.5}}}}
fit: {{predictors: {laws}}}
"""


def write_evidence(folder: Path, laws: str) -> Path:
    """A swarm and its results, and the experiment that they are of."""
    from tests.trainer.mixture.laws import evidence_from, random_law, random_weights, results_of, swarm_of
    from trainer.mixture.load import load
    from trainer.mixture.materials import read_materials
    from trainer.mixture.results import write_results
    from trainer.mixture.swarm import write_swarm

    sizes = np.random.default_rng(5).lognormal(21.5, 1.0, COMPONENTS)
    path = folder / "mixture.yaml"
    said = ", ".join(f"c{place}: {round(size)}" for place, size in enumerate(sizes))
    path.write_text(EXPERIMENT.format(sizes=said, laws=laws))
    materials = read_materials(load(path))
    weights_NPK = random_weights(RUNS, 1, COMPONENTS, 1)
    law = random_law(1, COMPONENTS, TARGETS, 2)
    evidence = evidence_from(law, weights_NPK, float(law.values(weights_NPK).std(axis=0).mean()) / 50, 3)
    swarm = dataclasses.replace(swarm_of(weights_NPK), phases=tuple(materials.phase_tokens), materials=materials)
    (folder / "large").mkdir()
    write_swarm(folder / "large", swarm)
    write_results(folder / "large", results_of(swarm, evidence.values_NM).values())
    return path


def measure(laws: str) -> dict[str, float]:
    """Seconds of this process that each command takes."""
    from trainer.mixture.fit import fit
    from trainer.mixture.propose import propose

    with tempfile.TemporaryDirectory() as name:
        path = write_evidence(Path(name), laws)
        times = [time.process_time()]
        for command in (fit, propose):
            command(path, name, (), False)
            times.append(time.process_time())
    return {"fit_seconds": times[1] - times[0], "propose_seconds": times[2] - times[1]}


def measured_alone(name: str) -> dict[str, float]:
    """The same in a process with one thread."""
    one = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    command = [sys.executable, __file__, LAWS[name]]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env={**os.environ, **one})
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Print one JSON line."""
    found = {name: measured_alone(name) for name in LAWS}
    seconds = sum(found["log_linear_and_ridges"].values())
    rounded = {name: {key: round(value, 1) for key, value in one.items()} for name, one in found.items()}
    line = {
        "name": "mixture_fit",
        "runs": RUNS,
        "components": COMPONENTS,
        "targets": TARGETS,
        **rounded,
        "seconds": round(seconds, 1),
        "bar": {"seconds": BAR},
        "passed": seconds <= BAR,
    }
    print(json.dumps(line))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(measure(sys.argv[1])))
    else:
        main()
