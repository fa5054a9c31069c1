"""Which language and script a text is written in."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datapipe.stage import stage, text_buffers, write_columns

SHIPPED_MODEL = Path(__file__).parents[1] / "models" / "lid.176.ftz"
SUBTAGS = Path(__file__).parents[1] / "data" / "language_subtags.csv"

UNDETERMINED, NO_SCRIPT = "und", "Zyyy"
WIKIPEDIAS = {"als": "gsw", "bh": "bho"}
"""Labels without a script, as lid.176 has them, are names of Wikipedias: these two mean another language in ISO 639."""
LABELS = 4
"""How many labels a document gets: enough for a runner-up when one language has a label for each of its scripts."""


class Label(NamedTuple):
    """A model's label: BCP 47 subtag, and ISO 15924 code where the label has one."""

    language: str
    script: str | None


class Guess(NamedTuple):
    """What is written for one document."""

    language: str
    script: str
    score: float
    runner_up: str = UNDETERMINED
    runner_up_score: float = 0.0


@stage("identify_language")
@dataclass(frozen=True)
class IdentifyLanguage:
    """The language by a fastText model, the script by the model's label or else by the letters.

    `language` is the shortest BCP 47 subtag whatever the model's labels (`__label__en` and `__label__eng_Latn`: `en`);
    the chief language of a macrolanguage goes by the name of the whole (`cmn`: `zh`, `arb`: `ar`), Tagalog is `fil`,
    Bokmål `no`. `script` is ISO 15924: that of the label (`Hans`) if it has one, else the script of most letters read,
    where Han with kana is `Jpan`. The labels of one language in several scripts count together.

    A text without letters is `und`, `Zyyy`, with score 0. The scores are the model's probabilities: it knows only its
    own languages, and is sure of itself on short texts without reason. Lines are joined by spaces, as fastText reads
    one line. About 9,000 documents of 2,000 characters per second and core with lid.176.
    """

    version: ClassVar = 1
    reads: ClassVar = ("text",)
    writes: ClassVar = pa.schema(
        [
            pa.field("language", pa.string()),
            pa.field("script", pa.string()),
            pa.field("language_score", pa.float64()),
            pa.field("runner_up_language", pa.string()),
            pa.field("runner_up_score", pa.float64()),
        ]
    )
    libraries: ClassVar = ("fasttext-community",)
    files: ClassVar = ("model",)

    model: str | None = None
    """A fastText model for languages, by its path; without it lid.176.ftz, which is shipped (176 languages)."""
    characters: int = 2000
    """How much of a document is read: its first characters."""

    def __post_init__(self) -> None:
        """Refuse to read nothing."""
        if self.characters < 1:
            raise ValueError(f"characters: expected at least 1, found {self.characters}")

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Write language, script, score and the runner-up."""
        from datapipe.kernels.scripts import CODES, TABLE, dominant_scripts

        scripts = dominant_scripts(*text_buffers(batch["text"]), self.characters, TABLE)
        with_letters = np.flatnonzero(scripts)
        guesses = [Guess(UNDETERMINED, NO_SCRIPT, 0.0)] * batch.num_rows
        path = Path(self.model) if self.model else SHIPPED_MODEL
        model = load_model(path, path.stat().st_mtime_ns)
        samples = self._samples(batch["text"]).take(pa.array(with_letters))
        labels, scores = model.predict(samples.to_pylist(), k=LABELS)
        for row, row_labels, row_scores in zip(with_letters.tolist(), labels, scores, strict=True):
            guesses[row] = guess(row_labels, row_scores.tolist(), CODES[scripts[row]])
        columns = zip(*guesses, strict=True) if guesses else [()] * len(self.writes)
        arrays = [pa.array(values, field.type) for values, field in zip(columns, self.writes, strict=True)]
        return write_columns(batch, self.writes, arrays)

    def _samples(self, texts: pa.Array) -> pa.Array:
        """The beginning of each text as one line; `</s>`, fastText's own end of a line, would end the reading."""
        samples = pc.utf8_slice_codeunits(texts, 0, self.characters)
        for mark in ("\n", "</s>"):
            samples = pc.replace_substring(samples, mark, " ")
        return samples


def guess(labels: Sequence[str], scores: Sequence[float], letters: str) -> Guess:
    """The two likeliest languages; `letters` is the script for labels without one."""
    totals: dict[str, float] = {}
    scripts: dict[str, str] = {}
    for label, score in zip(labels, scores, strict=True):
        language, script = read_label(label)
        totals[language] = min(totals.get(language, 0.0) + score, 1.0)  # fastText's sums exceed 1 by 1e-5
        scripts.setdefault(language, script or letters)
    ranked = sorted(totals.items(), key=lambda item: -item[1])
    if not ranked:  # of letters unknown to the model
        return Guess(UNDETERMINED, letters, 0.0)
    (language, score), *others = ranked
    return Guess(language, scripts[language], score, *(others[0] if others else ()))


@cache
def read_label(label: str) -> Label:
    """`__label__eng_Latn` as `en`, `Latn`."""
    code, *parts = label.removeprefix("__label__").replace("-", "_").split("_")
    script = next((part.title() for part in parts if len(part) == 4 and part.isalpha()), None)
    if script is None and code in WIKIPEDIAS:
        return Label(WIKIPEDIAS[code], None)
    return Label(subtags().get(code.lower(), code.lower()), script)


@cache
def subtags() -> dict[str, str]:
    """Language codes whose shortest subtag is another."""
    with SUBTAGS.open(newline="") as file:
        return {row["code"]: row["subtag"] for row in csv.DictReader(file)}


@cache
def load_model(path: Path, _modified_ns: int) -> Any:
    """The model, loaded once per process; again when the file changed. Raises ValueError for another kind of file."""
    import fasttext

    return fasttext.load_model(str(path))
