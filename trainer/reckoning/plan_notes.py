"""What a reader of a plan must know beside its numbers."""

from trainer.blend import Blend
from trainer.corpus import SIZES_ONLY, CorpusSizes
from trainer.plan import Plan
from trainer.reckoning.hardware import GPUS, Gpu
from trainer.reckoning.outlook import PhaseOutlook
from trainer.shapes import Shape

ROOM = 0.9
"""Share of a GPU's memory beyond which it is told how little is left."""
SHARED = "more GPUs or a higher execution.tensor_parallel"
WAYS = {
    "loss": f"{SHARED}, recompute, a smaller micro_batch or loss_chunk",
    "first block": f"{SHARED}, recompute or a smaller micro_batch",
    "last block": f"{SHARED}, or a smaller micro_batch",
    "embedding": SHARED,
}
"""What takes less memory, by the moment that takes most."""


def notes_on(
    plan: Plan,
    sizes: CorpusSizes,
    shape: Shape,
    blends: tuple[Blend, ...],
    phases: tuple[PhaseOutlook, ...],
    missing_start: str,
) -> list[str]:
    """One line each; `missing_start` is the folder of a checkpoint that is not there yet, "" where there is none."""
    notes: list[str] = []
    if sizes.fingerprint == SIZES_ONLY:
        where = f"there are no tokens of {plan.tokenizer} in {plan.data} yet" if plan.data else "the plan names no data"
        notes.append(f"{where}: units and epochs are those of its `sizes`, and will be others with tokens")
    if shape.vocab_size == 1:
        notes.append("model.vocab_size is not known yet: parameters, FLOPs and memory are without embeddings")
    if missing_start:
        notes.append(
            f"there is no checkpoint in {missing_start} yet: epochs are counted as if nothing had been read before"
        )
    drawn = [size for units in sizes.units.values() for size in units.values() if size.drawn_from]
    if drawn:
        read, total = sum(one.windows for one in drawn), sum(one.drawn_from for one in drawn)
        notes.append(
            f"data_fraction {plan.data_fraction:g}: {read:,} of {total:,} windows are there for this run, in "
            f"{len(drawn):,} units that have more; epochs count those"
        )
    left_out = sorted({unit for blend in blends for unit in blend.left_out})
    if left_out:
        notes.append(f"too small for one window, so left out: {', '.join(left_out)}")
    return notes + [note for phase in phases for note in _room(phase, GPUS[plan.hardware.gpu])]


def _room(phase: PhaseOutlook, gpu: Gpu) -> list[str]:
    """A line where a phase would not fit into a GPU, or where it would only just.

    Not refused: the GPU is what the plan is reckoned for, not what it runs on, and none was measured.
    """
    takes = f"{phase.memory_bytes / 2**30:.1f} GiB of a GPU"
    if phase.memory_bytes > gpu.memory_bytes:
        way = WAYS[phase.memory.moment]
        return [f"phase {phase.name} would take {takes}, and {gpu.name} has {gpu.memory_gib:.1f}: {way}"]
    if phase.memory_bytes > ROOM * gpu.memory_bytes:
        left = (gpu.memory_bytes - phase.memory_bytes) / 2**30
        return [
            f"phase {phase.name} would take {takes}: of the {gpu.memory_gib:.1f} of {gpu.name} that leaves {left:.1f} "
            "for CUDA, torch and fragments of memory"
        ]
    return []
