"""What a reader wants to know first: four questions with answers."""

from collections.abc import Sequence
from dataclasses import dataclass

from datapipe.report.words import percent
from trainer.mixture.comparison import OBJECTIVE
from trainer.mixture.fit_file import Fit
from trainer.mixture.fit_warnings import HELPS, LEAST_SIGNAL
from trainer.mixture.proposal_file import Mixture, Proposal
from trainer.mixture.report.gathering import Gathered
from trainer.mixture.report.scores import duel_on, duels, judged, mean
from trainer.mixture.validation_file import ValidationResult

HALF = 0.6
"""Of the mixtures: what a rise is reckoned from, as `fit` does."""


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
    each = duels(fit, law)
    whole = duel_on(fit, law, OBJECTIVE)
    lost = [one.target for one in each if not one.is_won]
    if whole.law is not None:
        text = f"On the objective the {law} law ranks runs it has not seen with Spearman {whole.law:.2f}"
        text += f", the best rule ({whole.rule}) {whole.rule_spearman:.2f}" if whole.rule_spearman is not None else ""
    elif any(one.law is not None for one in each):
        ours, theirs = mean(one.law for one in each), mean(one.rule_spearman for one in each)
        text = f"The {law} law ranks runs it has not seen with Spearman {_two(ours)}"
        text += f", the best rule of each target {_two(theirs)}"
    else:
        return Answer(question, "not known", "open", "No rank correlation is defined on this evidence.")
    is_ahead = whole.is_won if whole.law is not None else len(lost) < len(each)
    if is_ahead and not lost:
        return Answer(question, "yes", "good", f"{text}; it is ahead on {_all(len(each))}.")
    behind = f"{text}; it is not ahead on {', '.join(lost[:4])}{f' and {len(lost) - 4} more' if len(lost) > 4 else ''}."
    verdict = f"on {len(each) - len(lost)} of {len(each)}" if is_ahead else "no"
    if is_ahead and len(lost) == len(each):
        verdict = "on the objective only"
    return Answer(question, verdict, "doubtful", behind if lost else f"{text}.")


def _noise(fit: Fit) -> Answer:
    question = "Is the signal above the noise?"
    known = {one.target: one.signal_to_noise for one in fit.targets if one.signal_to_noise is not None}
    if not known:
        return Answer(question, "not known", "open", "No mixture was run twice, so that nothing tells what noise is.")
    weak = [name for name, ratio in known.items() if ratio < LEAST_SIGNAL]
    least = min(known, key=lambda name: known[name])
    text = f"Mixtures differ at least {known[least]:.1f} times as much as repeats of one do (least: {least})"
    if not weak:
        return Answer(question, "yes", "good", f"{text}.")
    verdict = f"on {len(known) - len(weak)} of {len(known)}" if len(weak) < len(known) else "no"
    cure = "longer proxies or more repeats would tell more."
    return Answer(question, verdict, "doubtful", f"{text}; below {LEAST_SIGNAL:g} on {', '.join(weak[:4])}: {cure}")


def _more_runs(fit: Fit) -> Answer:
    """As `fit` warns of it, of the objective; without one of the mean over targets."""
    question = "Would more runs help?"
    told = [one for one in fit.learning if one.target == OBJECTIVE] or fit.learning
    sizes = sorted({one.runs for one in told})
    halves = [size for size in sizes if size <= HALF * sizes[-1]]
    if not halves:
        return Answer(question, "not known", "open", "Too few runs to leave half of them out.")
    now, then = (mean(one.spearman for one in told if one.runs == size) or 0.0 for size in (sizes[-1], halves[-1]))
    chance = mean(one.deviation for one in told if one.runs == halves[-1]) or 0.0
    text = f"From {halves[-1]} to {sizes[-1]} mixtures the rank correlation went from {then:.3f} to {now:.3f}"
    if now - then > max(HELPS, chance):
        return Answer(question, "yes", "doubtful", f"{text}: it still rises. `trainer mix design --more` adds runs.")
    return Answer(question, "hardly", "good", f"{text}.")


def _of_proposal(found: Gathered) -> Answer:
    question = "Is the proposal better than today's mixture?"
    proposal = found.proposal
    if proposal is None:
        return Answer(question, "not known yet", "open", "`trainer mix propose` tells.")
    if found.validation is not None:
        return _validated(question, found.validation)
    today = today_in(proposal)
    if today is None:
        return Answer(question, "not known", "open", "The experiment names no mixture of today.")
    moved = percent(points_moved(today.weights, proposal.best.weights))
    text = f"It moves {moved} of the tokens; objective {proposal.best.objective:.2f} against {today.objective:.2f}"
    text += " by the law"
    if today.observed is not None:
        text += f"; when today's was trained it came to {today.observed:.2f}"
    if today.is_tied:
        return Answer(
            question, "cannot be told", "doubtful", f"{text}: noise of runs may be all there is between them."
        )
    return Answer(question, "predicted so", "good", f"{text}; resampled fits tell them apart. Not yet validated.")


def _validated(question: str, result: ValidationResult) -> Answer:
    """By the objective where it is among what was seen, else by how many targets are better."""
    whole = next((one for one in result.targets if one.target == OBJECTIVE), None)
    targets = [one for one in result.targets if one.target != OBJECTIVE]
    better, right = sum(one.is_better for one in targets), sum(one.sign_as_predicted for one in targets)
    text = f"better on {better} of {len(targets)} targets beyond chance, the sign as predicted on {right}."
    if whole is None:
        verdict = "yes" if better == len(targets) else f"on {better} of {len(targets)}" if better else "no"
        return Answer(question, verdict, "good" if better == len(targets) else "doubtful", f"Trained: {text}")
    verdict = "yes" if whole.is_better else "no" if whole.high < 0 else "not told apart"
    gain = f"{whole.gain:+.2f} ({whole.low:+.2f} to {whole.high:+.2f})"
    text = f"{len(result.pairs)} trained pairs: the objective gains {gain}; {text}"
    return Answer(question, verdict, "good" if whole.is_better else "doubtful", text)


def today_in(proposal: Proposal) -> Mixture | None:
    """Today's mixture as the law sees it."""
    return next((one for one in proposal.statics if one.name == "current"), None)


def _all(count: int) -> str:
    return "the only target" if count == 1 else f"all {count} targets"


def _two(value: float | None) -> str:
    return "none" if value is None else f"{value:.2f}"
