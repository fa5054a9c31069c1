"""`tokenizer weights`: sweep weights over the counts, show what English pays for the other languages, pick the knee."""

import functools
import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from typing import TYPE_CHECKING, Literal

from datapipe import storage
from datapipe.executors import Resources
from datapipe.fingerprints import digest
from datapipe.loading.located_yaml import suggest
from datapipe.observing.events import RunFinished
from datapipe.output import RunError, placed
from datapipe.running import Work, map_tasks
from tokenizer.counting.counts_file import Counts, open_counts
from tokenizer.evaluation.parallel_text import DECLARATION, REFERENCE, ParallelText, read_parallel
from tokenizer.evaluation.texts import local
from tokenizer.recipe import TokenizerRecipe
from tokenizer.shards import read_mixture, text_shards, why_no_mixture
from tokenizer.sweep.candidates import Candidate, candidates, language_domains, ways
from tokenizer.sweep.measuring import Texts, language_of
from tokenizer.sweep.page import page
from tokenizer.sweep.result import Result, Trained, as_json
from tokenizer.sweep.trial import WEIGHTS, Trial, read_outcome, try_weights
from tokenizer.working import working

if TYPE_CHECKING:
    from rich.console import Console

PROCESS_BYTES = 1 << 30
ROW_BYTES = 600
"""Memory that a training reserves: of a row of 10 characters SentencePiece takes some 500 bytes (`training.estimate`),
and the task itself about 100."""
FORMAT = 1
"""Raised when the same counts and weights give other outcomes."""


def sweep(
    recipe: TokenizerRecipe,
    *,
    root: str | None = None,
    executor: Literal["ray", "inline"] = "inline",
    num_cpus: int | None = None,
    verify: bool = False,
    console: "Console | None" = None,
) -> Result:
    """Train and measure all candidates of `recipe.sweep`, write `weights/weights.json` and `weights/weights.html`.

    A candidate that is finished is not trained again; one without a vocabulary is told and stops no other. Raises
    RunError, where there are no counts, nothing to compare, or not a single vocabulary.
    """
    folder, data = placed("output", recipe.output, root), placed("data", recipe.data, root)
    counts = open_counts(folder, recipe.symbols)
    files = tuple(local(path, recipe.folder) for path in recipe.evaluate.parallel) or (DECLARATION,)
    parallel = read_parallel(files)
    by_language = language_domains(counts.units, map(language_of, parallel.texts))
    up_sampled = _known(recipe, counts) or by_language
    mixture = read_mixture(data)
    if not mixture:
        raise RunError(f"{data}: {why_no_mixture(data)}; `datapipe run` of its recipe comes first")
    made, failed = candidates(ways(recipe.sweep, up_sampled), counts.units, mixture)
    languages = _compared(counts, parallel, up_sampled)
    fingerprint = _fingerprint(recipe, counts, Texts(data, recipe.evaluate.max_bytes, files, languages))
    texts = Texts(data, recipe.evaluate.max_bytes, tuple(_copy_of(*one, folder) for one in enumerate(files)), languages)
    trial = functools.partial(
        Trial, folder, fingerprint=fingerprint, train=recipe.train, symbols=recipe.symbols,
        vocab_size=recipe.sweep.vocab_size, texts=texts, verify=verify,
    )  # fmt: skip
    tasks = [trial(one.file, input_fingerprint=digest(one.factors), factors=one.factors) for one in made]
    memory_bytes = PROCESS_BYTES + ROW_BYTES * sum(file.rows for file in counts.files)
    with working(
        folder, recipe.name, {WEIGHTS: fingerprint}, executor=executor, num_cpus=num_cpus, root=root, verify=verify,
        console=console,
    ) as work:  # fmt: skip
        for path, copy in zip(files, texts.parallel, strict=True):
            if copy != path:
                storage.write_bytes(copy, storage.read_bytes(path))
        trained = _tried(work, made, tasks, memory_bytes, failed)
        if not trained:
            raise RunError(f"{recipe.file}: no weights give a vocabulary: {next(iter(failed.values()))}")
        result = Result(trained, failed, recipe.sweep.vocab_size, counts.fingerprint)
        storage.write_bytes(storage.join(folder, "weights", "weights.json"), as_json(result))
        storage.write_bytes(storage.join(folder, "weights", "weights.html"), page(result, recipe.name).encode())
        work.log.add(RunFinished(sum(one.documents for one in counts.units), sum(one.bytes for one in counts.units)))
    return result


def _copy_of(number: int, path: str, folder: str) -> str:
    """Where all nodes find a parallel text: in the output folder, unless it is in a store, or ships with Corpusmill."""
    if "://" in path or path == DECLARATION:
        return path
    return storage.join(folder, "weights", "parallel", f"{number}-{path.rpartition('/')[2]}")


def _tried(
    work: Work, made: Sequence[Candidate], tasks: Sequence[Trial], memory_bytes: int, failed: dict[str, str]
) -> list[Trained]:
    """The candidates that have a vocabulary; why others have none goes to `failed`."""
    for _ in map_tasks(work, WEIGHTS, try_weights, tasks, Resources(memory_bytes=memory_bytes)):
        pass  # outcomes are read in the candidates' order
    trained = []
    for one in made:
        outcome = read_outcome(work.folder, one.file)
        if outcome.measured is None:
            failed[one.name] = outcome.error
        else:
            trained.append(Trained(one, outcome.measured))
    return trained


def _known(recipe: TokenizerRecipe, counts: Counts) -> tuple[str, ...]:
    """The domains that the recipe samples up, which must have been counted."""
    domains = {one.domain for one in counts.units}
    for name in recipe.sweep.up_sampled:
        if name not in domains:
            raise RunError(
                f"{recipe.file}: sweep.up_sampled: no domain {name!r} was counted; {suggest(name, sorted(domains))}"
            )
    return recipe.sweep.up_sampled


def _compared(counts: Counts, parallel: ParallelText, domains: Sequence[str]) -> tuple[str, ...]:
    """Languages of the parallel text, English apart, that `domains` have text of."""
    units = {one.unit for one in counts.units if one.domain in domains and one.bytes}
    found = tuple(name for name in parallel.texts if name != REFERENCE and language_of(name) in units)
    if not found:
        raise RunError(
            f"nothing to compare with English: no language of {', '.join(parallel.files)} is a unit of "
            f"{', '.join(domains) or 'any domain'}; name domains by language in sweep.up_sampled"
        )
    return found


def _fingerprint(recipe: TokenizerRecipe, counts: Counts, texts: Texts) -> str:
    """Of all that an outcome follows from but the weights."""
    train = {key: value for key, value in asdict(recipe.train).items() if key not in ("vocab_sizes", "weights")}
    validation = [one.sha256 for one in text_shards(texts.data, split="validation")]
    parallel = [hashlib.sha256(storage.read_bytes(path)).hexdigest() for path in texts.parallel]
    symbols, size = asdict(recipe.symbols), recipe.sweep.vocab_size
    measured = [validation, texts.max_bytes, parallel, texts.languages]
    return digest([WEIGHTS, FORMAT, counts.fingerprint, train, symbols, size, measured, version("sentencepiece")])
