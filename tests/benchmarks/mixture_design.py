"""A swarm of 512 runs over 20 components, designed on one core: anchors, repeats, deletions, rows, expected errors.

Seconds are of processor time, the median of five designs after a first one. `ratio` is how much larger the standard
errors of effects are with random rows: no bar, a figure. Bar: 30 s for the rows that take longest.
"""

import json
import os
import statistics
import time

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import numpy as np

from datapipe.observing.peak_memory import peak_bytes
from trainer.mixture.designing.errors import expected_errors
from trainer.mixture.designing.growing import new_swarm
from trainer.mixture.designing.report import SPREAD, random_errors
from trainer.mixture.load import loads
from trainer.mixture.materials import read_materials
from trainer.mixture.space import draw, space_of

RUNS, COMPONENTS = 512, 20
REPETITIONS = 5
BAR = {"seconds": 30}
RANDOM = np.random.default_rng(1)
SIZES = {f"c{place}": int(tokens) for place, tokens in enumerate(RANDOM.lognormal(21, 1, COMPONENTS))}


def designed(rows: str) -> tuple[float, float]:
    """Seconds of one design with all that the command prints of it, and the ratio of errors."""
    sizes = ", ".join(f"{name}: {tokens}" for name, tokens in SIZES.items())
    start = time.process_time()
    experiment = loads(
        f"name: bench\noutput: out\nsizes: {{{sizes}}}\nphases: [{{name: all, tokens: {sum(SIZES.values())}}}]\n"
        f"groups: {{first: {{of: [c0, c1, c2], min: 0.1, max: 0.6}}}}\nswarm: {{runs: {RUNS}, rows: {rows}}}\n"
    )
    materials = read_materials(experiment)
    space = space_of(experiment, materials)
    swarm, _ = new_swarm(experiment, materials, space)
    reference_PK, all_CPK = swarm.weights_NPK[0], draw(space, SPREAD, 1)
    ours = expected_errors(swarm.weights_NPK, reference_PK, all_CPK)
    random = random_errors(experiment, space, swarm, reference_PK, all_CPK)
    seconds = time.process_time() - start
    return seconds, float(np.median(random.effects_PK / ours.effects_PK))


def main() -> None:
    """Print one JSON line."""
    seconds, ratios = {}, {}
    for rows in ("d_optimal", "space_filling", "dirichlet"):
        designed(rows)
        found = [designed(rows) for _ in range(REPETITIONS)]
        seconds[rows] = round(statistics.median(one for one, _ in found), 2)
        ratios[rows] = round(found[0][1], 2)
    result = {
        "name": "mixture_design",
        "runs": RUNS,
        "components": COMPONENTS,
        "seconds": seconds,
        "ratio": {"random_rows": ratios},
        "peak_mb": round(peak_bytes() / 1e6),
        "bar": BAR,
        "passed": max(seconds.values()) <= BAR["seconds"],
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
