"""`trainer mix propose`: the best mixture, how sure that is, and the plan that trains on it."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path


def propose(file: Path, root: str | None, settings: Sequence[str], other_text: bool) -> None:
    """Write `proposal.json` and the plan, and print both. Raises RecipeError, RunError."""
    from rich.console import Console

    from trainer.mixture.evidence import evidence_digest, read_evidence
    from trainer.mixture.json_file import write_json
    from trainer.mixture.load import loaded
    from trainer.mixture.materials import read_materials
    from trainer.mixture.proposal import propose_mixture
    from trainer.mixture.proposal_file import FILE, PLAN
    from trainer.mixture.proposal_plan import refusal, write_plan
    from trainer.mixture.proposal_table import print_proposal

    experiment, output = loaded(file, settings, root)
    materials = read_materials(experiment, root)
    evidence = read_evidence(experiment, materials, output, other_text)
    plan = PLAN if experiment.base is not None else ""
    proposal = propose_mixture(experiment, materials, evidence, evidence_digest(output), plan)
    if experiment.base is not None:
        write_plan(output / PLAN, experiment, experiment.base, materials, proposal.best)
        against = refusal(output / PLAN, root)
        if against:
            told = (*proposal.warnings, f"`trainer plan` refuses the plan: {against}")
            proposal = dataclasses.replace(proposal, warnings=told)
    write_json(output / FILE, proposal)
    print_proposal(proposal, output, Console())
