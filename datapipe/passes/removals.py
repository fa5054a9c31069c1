"""The alarm: a source or language that loses more of its documents than the recipe allows stops the run."""

from datapipe.passes.rounds import Round
from datapipe.running import Run

ALARM_DOCUMENTS = 1_000
"""Of smaller sources and languages a large share may be a handful of copies."""


def check_removals(run: Run, one: Round) -> None:
    """Raise RunError, after a table of the largest clusters with samples of their texts, where too much has gone.

    Say it loudly where a large corpus gave no pair at all.
    """
    raise NotImplementedError
