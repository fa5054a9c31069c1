"""What a reader of a plan must know beside its numbers."""

from trainer.blend import Blend
from trainer.corpus import SIZES_ONLY, CorpusSizes
from trainer.plan import Plan
from trainer.reckoning.hardware import GPUS
from trainer.reckoning.outlook import PhaseOutlook
from trainer.shapes import Shape


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
    gpu = GPUS[plan.hardware.gpu]
    has = f"{gpu.name} has {gpu.memory_gib:.1f}: more GPUs, recompute or a smaller micro_batch"
    notes += [
        f"phase {phase.name} would take {phase.memory_bytes / 2**30:.1f} GiB of a GPU, and {has}"
        for phase in phases
        if phase.memory_bytes > gpu.memory_bytes
    ]
    return notes
