"""How strong a ridge is: what its errors say of a target, tempered by what they say of all targets.

Leaving mixtures out tells little of one target when there are few of them: now and then a weak ridge wins by luck, and
the law follows noise. Targets of one swarm are measured on the same models, so what suits all of them together counts
as much as what suits one. But no target speaks against a ridge with more than twice its least error: one that is all
noise still gets a stronger ridge than those that are known well.
"""

import numpy as np

from trainer.mixture.arrays import Floats, Ints

MOST = float(np.log(2))
"""Of what a target says to the others."""
NOTHING = 1e-12
"""Added to errors, in squared spreads: of targets that do not vary all are alike."""


def log_errors(errors_RM: Floats) -> Floats:
    """What `tempered` takes, of sums of squared errors; (R, M)."""
    found: Floats = np.log(errors_RM + NOTHING)
    return found


def tempered(losses_RM: Floats) -> tuple[Floats, Ints]:
    """The least, for every target, of its own loss and what all targets say together, and which of the R has it.

    Losses are logarithms of squared errors. Of equal ones the first is taken: strengths stand there strongest first.
    """
    said_R = np.minimum(losses_RM - losses_RM.min(axis=0), MOST).mean(axis=1)
    tempered_RM = losses_RM + said_R[:, None]
    return tempered_RM.min(axis=0), tempered_RM.argmin(axis=0)
