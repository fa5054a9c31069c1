"""`trainer megatron`: a plan as a shell script that starts Megatron-LM, or as JSON."""

import json
import shlex
from collections.abc import Iterator, Mapping

from trainer.megatron.flags import Megatron
from trainer.megatron.schedule import Flags


def script(found: Megatron, plan_file: str) -> str:
    """Bash. What one process runs: srun, or `torchrun --no-python`, starts it on every GPU."""
    common = _common(found)
    lines = [
        "#!/usr/bin/env bash",
        f"# {found.name}, by {' '.join(plan_file.split())}, in Megatron-LM.",
        "# Run it on every GPU, one launch after the other, as by",
        "#   torchrun --no-python ... bash this_file LAUNCH     with MEGATRON the folder of Megatron-LM",
        "# What it does otherwise than `trainer run`:",
        *(f"#   {note}" for note in found.notes),
        "set -euo pipefail",
        "FLAGS=(",
        *_lines(common),
        ")",
        'case "${1:?a launch: ' + ", ".join(launch.name for launch in found.launches) + '}" in',
    ]
    for launch in found.launches:
        gpus = f"{launch.gpus:,} GPUs, " if launch.gpus else ""
        lines += [
            f"{shlex.quote(launch.name)})  # {gpus}iterations {launch.first_step:,} to {launch.last_step:,}",
            "FLAGS+=(",
            *_lines({name: values for name, values in launch.flags.items() if name not in common}),
            ") ;;",
        ]
    lines += ['*) echo "no such launch: $1" >&2; exit 2 ;;', "esac"]
    return "\n".join([*lines, 'exec python "${MEGATRON:-.}/pretrain_gpt.py" "${FLAGS[@]}"\n'])


def as_json(found: Megatron) -> str:
    """All flags of every launch, and the notes."""
    launches = [
        {
            "name": launch.name,
            "gpus": launch.gpus,
            "first_step": launch.first_step,
            "last_step": launch.last_step,
            "flags": {**found.common, **launch.flags},
        }
        for launch in found.launches
    ]
    return json.dumps({"name": found.name, "launches": launches, "notes": found.notes}, ensure_ascii=False) + "\n"


def _common(found: Megatron) -> Flags:
    """With what all launches have alike."""
    first, *others = (launch.flags for launch in found.launches)
    alike = {name: values for name, values in first.items() if all(one.get(name) == values for one in others)}
    return {**found.common, **alike}


def _lines(flags: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    for name, values in flags.items():
        yield f"  {name} {shlex.join(values)}".rstrip()
