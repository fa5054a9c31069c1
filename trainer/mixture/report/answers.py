"""What a reader wants to know first: four questions with answers, and whatever else stands out."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from datapipe.report.words import percent
from trainer.mixture.fit_file import Fit
from trainer.mixture.proposal_file import Mixture, Proposal
from trainer.mixture.report.gathering import Gathered
from trainer.mixture.report.scores import duels, judged, mean
from trainer.report.findings import Finding

SIGNAL = 2.0
"""Spread over noise below which a target tells little: `fit` warns there too."""
WORTH = 0.01
"""A rise of the rank correlation that would be worth more runs."""


@dataclass(frozen=True)
class Answer:
    """To one question."""

    question: str
    verdict: str
    """A word or two."""
    level: str
    """`good`, `doubtful` or `open`."""
    text: str


def answers(found: Gathered) -> list[Answer]:
    """All four, open where nothing can be said yet."""
    return [*_of_fit(found), _of_proposal(found)]


def stands_out(found: Gathered) -> list[Finding]:
    """Trouble first, then what the commands have noted."""
    problems = [Finding("problem", text) for text in _left_out(found)]
    warnings = [Finding("warning", text) for text in _stale(found)]
    said = [found.fit.warnings if found.fit else (), found.proposal.warnings if found.proposal else ()]
    warnings += [Finding("warning", text) for texts in said for text in texts]
    notes = found.evidence.notes if found.evidence else found.fit.notes if found.fit else ()
    notes += found.validation.notes if found.validation else ()
    every = [*problems, *warnings, *(Finding("note", text) for text in notes)]
    return list({one.text: one for one in reversed(every)}.values())[::-1]


def points_moved(before: Sequence[Sequence[float]], after: Sequence[Sequence[float]]) -> float:
    """Share of the tokens of a phase that another mixture puts elsewhere, the most of all phases."""
    rows = zip(before, after, strict=True)
    return max(sum(abs(a - b) for a, b in zip(one, other, strict=True)) / 2 for one, other in rows)


def _of_fit(found: Gathered) -> list[Answer]:
    questions = "Does the law beat trivial rules?", "Is the signal above the noise?", "Would more runs help?"
    fit = found.fit
    if fit is None:
        return [Answer(one, "not known yet", "open", "`trainer mix fit` tells.") for one in questions]
    return [_rules(fit, found), _noise(fit), _more_runs(fit)]


def _rules(fit: Fit, found: Gathered) -> Answer:
    question = "Does the law beat trivial rules?"
    law = judged(fit, found.experiment.propose.predictor)
    all_of_them = duels(fit, law)
    known = [one for one in all_of_them if one.law is not None]
    if not known:
        return Answer(question, "not known", "open", "No rank correlation is defined on this evidence.")
    won = [one for one in known if one.is_won]
    lost = [one.target for one in all_of_them if not one.is_won]
    ours, theirs = mean(one.law for one in known), mean(one.rule_spearman for one in known)
    text = (
        f"Out of fold, {law} ranks runs with Spearman {_two(ours)}, the best trivial rule of each target {_two(theirs)}"
    )
    if not lost:
        return Answer(question, "yes", "good", f"{text}; it is ahead on {_all(len(won))}.")
    some = f"{text}; it is not ahead on {', '.join(lost[:4])}{f' and {len(lost) - 4} more' if len(lost) > 4 else ''}."
    return Answer(question, f"on {len(won)} of {len(all_of_them)}" if won else "no", "doubtful", some)


def _noise(fit: Fit) -> Answer:
    question = "Is the signal above the noise?"
    known = {one.target: one.signal_to_noise for one in fit.targets if one.signal_to_noise is not None}
    if not known:
        return Answer(question, "not known", "open", "No mixture was run twice, so that nothing tells what noise is.")
    weak = [name for name, ratio in known.items() if ratio < SIGNAL]
    least = min(known, key=lambda name: known[name])
    text = f"Mixtures differ at least {known[least]:.1f} times as much as repeats of one do (least: {least})"
    if not weak:
        return Answer(question, "yes", "good", f"{text}.")
    verdict = f"on {len(known) - len(weak)} of {len(known)}" if len(weak) < len(known) else "no"
    return Answer(question, verdict, "doubtful", f"{text}; below {SIGNAL:g} on {', '.join(weak[:4])}: longer proxies "
                  "or more repeats would tell more.")  # fmt: skip


def _more_runs(fit: Fit) -> Answer:
    question = "Would more runs help?"
    sizes = sorted({one.runs for one in fit.learning})
    if len(sizes) < 2:
        return Answer(question, "not known", "open", "Too few runs to leave some of them out.")
    last = sizes[-1]
    before = min(sizes[:-1], key=lambda size: abs(math.log(2 * size / last)))
    now, then = (mean(one.spearman for one in fit.learning if one.runs == size) or 0.0 for size in (last, before))
    text = f"From {before} to {last} runs the rank correlation went from {then:.3f} to {now:.3f}"
    if now - then > WORTH:
        return Answer(question, "yes", "doubtful", f"{text}: it still rises. `trainer mix design --more` adds runs.")
    return Answer(question, "hardly", "good", f"{text}.")


def _of_proposal(found: Gathered) -> Answer:
    question = "Is the proposal better than today's mixture?"
    proposal = found.proposal
    if proposal is None:
        return Answer(question, "not known yet", "open", "`trainer mix propose` tells.")
    if found.validation is not None:
        observed = found.validation.targets
        better, right = sum(one.is_better for one in observed), sum(one.sign_as_predicted for one in observed)
        text = f"Trained in {len(found.validation.pairs)} pairs: better on {better} of {len(observed)} targets beyond "
        text += f"chance, the sign as predicted on {right}."
        return Answer(question, _share(better, len(observed)), "good" if better == len(observed) else "doubtful", text)
    today = today_in(proposal)
    if today is None:
        return Answer(question, "not known", "open", "The experiment names no mixture of today.")
    moved = percent(points_moved(today.weights, proposal.best.weights))
    text = f"It moves {moved} of the tokens; objective {proposal.best.objective:.2f} against {today.objective:.2f}"
    if today.is_tied:
        return Answer(question, "cannot be told", "doubtful", f"{text}, but resampled fits cannot tell them apart.")
    return Answer(question, "predicted so", "good", f"{text}, told apart by resampled fits. Not yet validated.")


def today_in(proposal: Proposal) -> Mixture | None:
    """Today's mixture as the law sees it."""
    return next((one for one in proposal.statics if one.name == "current"), None)


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


def _share(part: int, whole: int) -> str:
    return "yes" if part == whole else "no" if part == 0 else f"on {part} of {whole}"


def _all(count: int) -> str:
    return "the only target" if count == 1 else f"all {count} targets"


def _two(value: float | None) -> str:
    return "none" if value is None else f"{value:.2f}"
