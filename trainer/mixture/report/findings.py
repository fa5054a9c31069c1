"""What else stands out, trouble first: what is left out or stale, and what the commands have warned of and noted."""

from trainer.mixture.report.gathering import Gathered
from trainer.report.findings import Finding


def stands_out(found: Gathered) -> list[Finding]:
    """Trouble first, then what the commands have noted."""
    notes = found.evidence.notes if found.evidence else found.fit.notes if found.fit else ()
    notes += found.validation.notes if found.validation else ()
    warnings = [*_stale(found), *(found.fit.warnings if found.fit else ())]
    warnings += [one for one in (found.proposal.warnings if found.proposal else ()) if one not in notes]
    problems = [Finding("problem", text) for text in _left_out(found)]
    problems += [Finding("warning", text) for text in dict.fromkeys(warnings)]
    return problems + [Finding("note", text) for text in dict.fromkeys(notes)]


def _left_out(found: Gathered) -> list[str]:
    count = len(found.swarm.runs)
    if found.evidence is None:
        return [f"There is no evidence yet: {found.missing}."]
    if not found.evidence.left_out:
        return []
    name, why = found.evidence.left_out[0]
    return [f"{len(found.evidence.left_out):,} of {count:,} runs are left out, the first {name}: {why}."]


def _stale(found: Gathered) -> list[str]:
    """Files that were made from others than those that are there now."""
    told = []
    if found.changed:
        more = f", and {len(found.changed) - 3} more" if len(found.changed) > 3 else ""
        told.append(f"The runs were trained on other text than there is now: {'; '.join(found.changed[:3])}{more}.")
    made = {"fit": found.fit and found.fit.swarm_digest, "propose": found.proposal and found.proposal.swarm_digest}
    for command, digest in made.items():
        if digest is not None and digest != found.digest:
            told.append(f"`{command}` used other runs than there are now: `trainer mix {command}` does it anew.")
    return told
