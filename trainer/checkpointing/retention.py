"""Which checkpoints of a run stay: a pure rule, and the removal of the others. No torch here.

Edges of phases stay, the end, where the plan was last changed, and the first checkpoint at or after each multiple of
`keep_every_tokens`; of those between, the last `keep_last`. What is damaged or had diverged is nobody's to remove but
the user's.
"""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from trainer.checkpointing.folders import checkpoints_in, remove
from trainer.checkpointing.record import Record
from trainer.checkpointing.state_file import Damaged, read_record


def reasons(found: Sequence[int], record: Record) -> dict[int, str]:
    """Why each checkpoint stays, by its samples seen; "" for those that do not. `found` is in order, `record` that of
    the last one."""
    course, rule = record.course, record.retention
    edges = {stretch.end: f"edge of {stretch.phase}" for stretch in course.stretches}
    if edges:
        edges[max(edges)] = "end"
    if record.changed_at is not None:
        edges[record.changed_at] = "the plan changed here"
    why = {samples_seen: edges[samples_seen] for samples_seen in found if samples_seen in edges}
    if rule.keep_every_tokens is not None:
        for before, samples_seen in pairwise([0, *found]):
            multiples = samples_seen * course.seq_len // rule.keep_every_tokens
            if multiples > before * course.seq_len // rule.keep_every_tokens:
                why.setdefault(samples_seen, f"first at or after {multiples * rule.keep_every_tokens:,} tokens")
    between = [samples_seen for samples_seen in found if samples_seen not in why]
    last = between[-rule.keep_last :]
    return {one: why.get(one, "one of the last" if one in last else "") for one in found}


def remove_others(output: Path, record: Record) -> list[Path]:
    """Remove those that need not stay, once a new one with `record` is complete; they. Raises OSError."""
    sound = {}
    for folder in checkpoints_in(output):
        try:
            sound[read_record(folder).samples_seen] = folder
        except Damaged:  # `load_latest` tells of it when it matters
            continue
    others = [sound[samples_seen] for samples_seen, why in reasons(sorted(sound), record).items() if not why]
    for folder in others:
        remove(folder)
    return others
