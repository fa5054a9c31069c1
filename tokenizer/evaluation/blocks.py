"""The questions that an evaluation answers, each with the rows that answer it: what tables and page share."""

from collections.abc import Sequence
from dataclasses import dataclass

from datapipe.report.words import number, percent, size
from tokenizer.evaluation.counting import ALL
from tokenizer.evaluation.measuring import Evaluation
from tokenizer.evaluation.metrics import METRICS, Figure, rests_on_little

NOTHING = Figure(None, 0)
NAMED = 5
"""Things of a kind that are named; of the rest it says how many."""
QUESTIONS = {
    "How much text is a token?": ("bytes_per_token_blend", "bytes_per_token", "renyi_efficiency"),
    "Are words kept whole?": ("fertility", "continued_word_rate", "whole_word_rate"),
    "Does every language get its share?": ("parity_median", "parity_worst", "parity_gini", "parallel_unknown_rate"),
    "Does text come back as it was?": (
        "round_trip_rate",
        "adversarial_round_trip",
        "unknown_rate",
        "byte_token_rate",
        "byte_character_rate",
    ),
    "Is the vocabulary of use?": (
        "vocabulary_size",
        "embedding_parameters",
        "vocabulary_used",
        "vocabulary_rare",
        "unreachable_pieces",
        "dead_byte_pieces",
    ),
    "How are numbers and code cut?": (
        "digit_tokens",
        "many_digit_pieces",
        "indentation_tokens_per_line",
        "tokens_per_identifier",
        "whole_identifier_rate",
    ),
    "How fast is it?": ("encode_mb_per_s", "decode_mb_per_s"),
}
BY_DOMAIN = ("bytes_per_token", "fertility", "continued_word_rate", "whole_word_rate", "byte_character_rate")
"""Metrics that tables show for each domain as well, where there are several; the page has all groups."""
ALSO = {"digit_tokens": ("ASCII",)}
"""Further groups that tables show."""


@dataclass(frozen=True)
class Row:
    """A metric of a group, for all tokenizers."""

    metric: str
    group: str
    figures: tuple[Figure, ...]
    """Of the tokenizers, in their order."""
    ranked: tuple[bool, ...] = ()
    """Which tokenizers may be best; those that lose text may not."""
    remark: str = ""
    """What must be known to read it."""

    @property
    def label(self) -> str:
        """What it is called."""
        title = METRICS[self.metric].title
        return title if self.group == ALL else f"{title}, {self.group}"

    @property
    def rests_on(self) -> str:
        """How much text it rests on, by the first tokenizer."""
        return amount(self.metric, self.figures[0]) + (f", {self.remark}" if self.remark else "")

    @property
    def best(self) -> tuple[bool, ...]:
        """Which of several tokenizers have the best value; none where none is better or all are the same."""
        better, may = METRICS[self.metric].better, self.ranked
        values = [one.value for one, can in zip(self.figures, may, strict=True) if can and one.value is not None]
        if better is None or len({one.value for one in self.figures}) < 2 or not values:
            return tuple(False for _ in self.figures)
        top = max(values) if better == "higher" else min(values)
        return tuple(can and one.value == top for one, can in zip(self.figures, may, strict=True))


def blocks(evaluation: Evaluation) -> dict[str, list[Row]]:
    """Question -> rows; rows without any value are left out."""
    domains = [group.name for group in evaluation.groups if group.kind == "domain"]
    several = domains if len(domains) > 1 else []
    found: dict[str, list[Row]] = {}
    for question, metrics in QUESTIONS.items():
        groups = {name: (ALL, *(several if name in BY_DOMAIN else ()), *ALSO.get(name, ())) for name in metrics}
        wanted = [(name, group) for name in metrics for group in groups[name]]
        made = [row(evaluation, name, group) for name, group in wanted]
        found[question] = [one for one in made if any(figure.value is not None for figure in one.figures)]
    return {question: rows for question, rows in found.items() if rows}


def row(evaluation: Evaluation, metric: str, group: str) -> Row:
    """The figures of every tokenizer."""
    figures = tuple(one.figures[metric].get(group, NOTHING) for one in evaluation.tokenizers)
    ranked = tuple(not one.loses_text for one in evaluation.tokenizers)
    return Row(metric, group, figures, ranked, _remark(evaluation, group) if metric == "fertility" else "")


def _remark(evaluation: Evaluation, group: str) -> str:
    """How many of the words are single letters, because their script has no spaces."""
    letters, words = evaluation.amounts[group].letter_words, evaluation.amounts[group].words
    return f"{percent(letters / words)} of them single letters" if letters else ""


def notes(evaluation: Evaluation) -> list[str]:
    """What must be known of the texts to read the figures."""
    found = []
    whole = evaluation.amounts[ALL]
    if whole.letter_words:
        share = percent(whole.letter_words / whole.words)
        found.append(f"Every letter of a script without spaces counts as a word: {share} of all words.")
    if evaluation.covered_weight is not None:
        share = percent(evaluation.covered_weight)
        found.append(f"The blend covers units with {share} of the training tokens; the others have no validation text.")
    if evaluation.texts.sampled:
        units = evaluation.texts.sampled
        rest = f" and {len(units) - NAMED} more" if len(units) > NAMED else ""
        found.append(f"Only the first part was read of {', '.join(units[:NAMED])}{rest}.")
    if not evaluation.texts.cells:
        found.append("There were no texts: what is not about parallel text or the vocabulary is missing.")
    return found


def rows_of(evaluation: Evaluation, metric: str, groups: Sequence[str]) -> list[Row]:
    """A row per group that has a value, by the value of the first tokenizer, the largest first."""
    made = [row(evaluation, metric, group) for group in groups]
    there = [one for one in made if any(figure.value is not None for figure in one.figures)]
    return sorted(there, key=lambda one: (-(one.figures[0].value or 0.0), one.group))


def shown(metric: str, figure: Figure) -> str:
    """A value as tables write it."""
    if figure.value is None:
        return "–"
    style = METRICS[metric].style
    if style == "share":
        return percent(figure.value)
    return number(figure.value) if style == "count" else f"{figure.value:,.3f}"


def amount(metric: str, figure: Figure, in_short: bool = False) -> str:
    """What a value rests on: `12.3 MB`, `1,234 words` (in short `1.23 k words`), with a mark where that is little."""
    rests_on = METRICS[metric].rests_on
    count = size(figure.n).removesuffix("B").rstrip("\u00a0") if in_short else number(figure.n)
    written = size(figure.n) if rests_on == "bytes" else f"{count} {rests_on}"
    return f"only {written}" if rests_on_little(metric, figure) else written
