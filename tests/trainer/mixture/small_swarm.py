"""A swarm of proxies that train in a fraction of a second, on the tokens of a small finished run."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tests.tokenizer.encoded_run import SIZE, EncodedRun
from trainer.mixture.load import load, output_of
from trainer.mixture.materials import read_materials
from trainer.mixture.proxy_keys import proxy_keys
from trainer.mixture.swarm import Run, Swarm, write_swarm

EXPERIMENT = f"""
name: small
output: mix
data: out
components: {{left: {{domain: english, units: [left]}}, right: {{domain: english}}, others: {{}}}}
phases: [{{name: first, tokens: 12_000}}, {{name: second, tokens: 4_000}}]
caps: {{max_epochs: 16}}
proxy:
  model: {{n_layer: 1, n_head: 1, n_kv_head: 1, d_model: 8}}
  tokenizer: letters-{SIZE}
  tokens: 1_000
  batch: 4
  precision: fp32
  checkpoints: 2
  max_validation_tokens: 256
  learning_rate: {{peak: 0.01}}
run: {{num_cpus: 1, memory_bytes: 500_000_000, attempts: 2}}
"""
WEIGHTS = np.array([[[0.5, 0.3, 0.2], [0.2, 0.2, 0.6]], [[0.1, 0.1, 0.8], [0.6, 0.2, 0.2]]])


def write_small_swarm(run: EncodedRun, folder: Path, seeds: Sequence[int] = (1, 2), tokens: int = 1000) -> Path:
    """The YAML file of an experiment on `run`, whose swarm tries the two mixtures in turn, once for every seed."""
    (folder / "out").symlink_to(run.data)
    file = folder / "mixture.yaml"
    file.write_text(EXPERIMENT.replace("tokens: 1_000\n", f"tokens: {tokens}\n"))
    experiment = load(file)
    materials = read_materials(experiment, str(folder))
    runs = tuple(
        Run(f"{place:04}", "row", "", seed, tuple(map(tuple, WEIGHTS[place % 2].tolist())))
        for place, seed in enumerate(seeds)
    )
    assert experiment.proxy is not None
    names = (tuple(materials.components), tuple(materials.phase_tokens))
    swarm = Swarm(*names, materials, proxy_keys(experiment, experiment.proxy), "design", runs)
    write_swarm(output_of(experiment, str(folder)), swarm)
    return file
