"""`trainer mix all`: design, run, fit, propose and report, one after the other."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal


def everything(
    file: Path, root: str | None, settings: Sequence[str], executor: Literal["ray", "inline"], num_cpus: int | None
) -> None:
    """Each goes on where it stopped: a swarm that is there stays, runs that have a result are not trained again.

    Raises what the first that fails raises; those behind it are not begun.
    """
    from trainer.mixture.design import design
    from trainer.mixture.fit import fit
    from trainer.mixture.propose import propose
    from trainer.mixture.report.write import write_report
    from trainer.mixture.run import run

    design(file, root, settings, more=None)
    run(file, root, settings, executor, num_cpus)
    fit(file, root, settings, other_text=False)
    propose(file, root, settings, other_text=False)
    print(write_report(file, root, settings))
