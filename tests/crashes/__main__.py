"""`python -m tests.crashes --kills 60 --seed 1`: kill -9 of drivers, workers and nodes at random moments of real runs.

A run is killed six times on its way. Workers and nodes are replaced by Ray, a driver by running the command again.
In the end every output must have the bytes of an undisturbed run, and no receipt that was there before a kill may have
been written again. Exit code 1 if not.
"""

import argparse
import os
import random
import shutil
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.crashes.history import Outcome, aims, completed, disturbed, pass_sizes, start

KINDS = ("driver", "worker", "raylet", "child")
KILLS_PER_RUN = 6


@dataclass(frozen=True)
class Story:
    """A kind of kill and what came of one run under it."""

    kind: str
    number: int
    outcome: Outcome


def histories(folder: Path, kinds: tuple[str, ...], kills: int, seed: int, per_run: int = KILLS_PER_RUN) -> list[Story]:
    """Runs under fire until so many kills have happened, the kinds in turn."""
    undisturbed = folder / "undisturbed"
    undisturbed.mkdir(parents=True)
    completed(undisturbed, start(undisturbed, dict(os.environ)))
    sizes = pass_sizes(undisturbed / "out" / "tiny")
    stories: list[Story] = []
    done = number = 0
    while done < kills:
        kind = kinds[number % len(kinds)]
        chance = random.Random(f"{seed} {number}")
        planned = aims(sizes, min(per_run, kills - done), chance)
        outcome = disturbed(kind, folder / "run", undisturbed / "out" / "tiny", planned, chance)
        stories.append(Story(kind, number, outcome))
        done += len(outcome.kills)
        number += 1
        print(_line(stories[-1]), file=sys.stderr, flush=True)
        if number > 4 * kills:
            raise RuntimeError("runs end before they can be killed")
    return stories


def _line(story: Story) -> str:
    passes = ", ".join(one.pass_name for one in story.outcome.kills) or "nothing was hit"
    same = "same bytes" if not story.outcome.different else f"{len(story.outcome.different)} FILES DIFFER"
    return f"{story.number:>3} {story.kind:<7} {passes}: {same}, {len(story.outcome.redone)} redone"


def print_table(stories: list[Story], console: Console) -> None:
    """Kills by kind and pass, and what they did."""
    kills = Counter((story.kind, one.pass_name) for story in stories for one in story.outcome.kills)
    passes = list(dict.fromkeys(name for _, name in kills))
    table = Table("kind", *passes, "kills", "runs", "reruns", "identical", "redone")
    for kind in dict.fromkeys(story.kind for story in stories):
        own = [story.outcome for story in stories if story.kind == kind]
        table.add_row(
            kind,
            *(str(kills[kind, name] or "") for name in passes),
            str(sum(len(one.kills) for one in own)),
            str(len(own)),
            str(sum(one.reruns for one in own)),
            str(sum(not one.different for one in own)),
            str(sum(len(one.redone) for one in own)),
        )
    console.print(table)
    for story in stories:
        for name in [*story.outcome.different[:5], *story.outcome.redone[:5]]:
            console.print(f"{story.number} {story.kind}: {name}")


def main() -> int:
    """Run the long form."""
    parser = argparse.ArgumentParser(prog="python -m tests.crashes", description=__doc__)
    parser.add_argument("--kills", type=int, default=60, help="in all (60)")
    parser.add_argument("--seed", type=int, default=1, help="of the moments and the victims (1)")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS), help="which to kill (all)")
    parser.add_argument("--folder", type=Path, help="where to work; kept. Default: a temporary one")
    asked = parser.parse_args()
    folder = asked.folder or Path(tempfile.mkdtemp(prefix="crashes-"))
    try:
        stories = histories(folder, tuple(asked.kinds), asked.kills, asked.seed)
    finally:
        if asked.folder is None:
            shutil.rmtree(folder, ignore_errors=True)
    print_table(stories, Console(width=260))
    return int(any(story.outcome.different or story.outcome.redone for story in stories))


if __name__ == "__main__":
    sys.exit(main())
