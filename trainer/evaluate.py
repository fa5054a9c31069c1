"""`trainer evaluate`: lm-evaluation-harness on a checkpoint, on tasks by name or on a paper's list."""

import difflib
import functools
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datapipe import storage
from datapipe.loading.located_yaml import suggest
from datapipe.observing.voice import Voice
from datapipe.output import RunError
from trainer.device import best_device
from trainer.evaluation.scores import Score, shown
from trainer.evaluation.task_presets import TASK_PRESETS, PresetTask
from trainer.generating.run_tokenizer import run_tokenizer
from trainer.generating.saved_model import SavedModel, saved_model, transformer

if TYPE_CHECKING:
    from lm_eval.tasks import TaskManager
    from rich.console import Console

    from trainer.evaluation.harness_model import HarnessModel

NEEDED = "evaluate needs lm-evaluation-harness: pip install 'corpusmill[evaluate]'"
NAMED_TASKS = 100
"""So many are named where one is unknown; the harness has above 10,000."""
BOOTSTRAPS = 1_000
"""Samples for the standard error of metrics that are no means."""
CODE = "it runs code that the model wrote: allow it with --run-generated-code, inside a container"


@dataclass(frozen=True)
class Settings:
    """How tasks are run, whatever they are."""

    shots: int | None = None
    """Instead of the tasks' own."""
    limit: float | None = None
    """Of each task so many documents, or, below 1, such a share."""
    include: str | None = None
    """Folder of more tasks, as YAML."""
    runs_code: bool = False
    seed: int = 0


def evaluate(
    path: str,
    tasks: Sequence[str] = (),
    *,
    preset: str | None = None,
    settings: Settings | None = None,
    batch: int = 8,
    dtype: str | None = None,
    device: str | None = None,
    tokenizer: str | None = None,
    output: str | None = None,
    root: str | None = None,
    console: "Console | None" = None,
) -> list[Score]:
    """Scores of the model of a run or checkpoint `path` on `tasks`, or on those of a `preset`; as JSON in `output` too.

    A task that cannot be had, since its data set is not there, has a score without a value that says why, and the
    others go on. `dtype` is that of training where nothing is said. Raises RunError for tasks that the harness does not
    know, and those that run code without leave.
    """
    from rich.console import Console

    say, how = Voice(console or Console(stderr=True)), settings or Settings()
    if how.limit is not None and how.limit <= 0:
        raise RunError(f"--limit {how.limit:g}: expected a number of documents, or a share below 1")
    asked = _asked(tasks, preset, how)
    try:
        from trainer.evaluation.harness_model import HarnessModel
    except ImportError:
        raise RunError(NEEDED) from None
    manager = _manager([name for one in asked for name in one.tasks], how)
    saved = saved_model(path, root, say)
    words = run_tokenizer(saved, tokenizer, root)
    model = HarnessModel(
        transformer(saved, dtype or saved.record.terms.precision, device or best_device()),
        words,
        saved.seq_len,
        batch,
        how.seed,
    )
    scores = []
    for one in asked:
        found = _scores(model, manager, one, preset is not None, how)
        scores += found
        for score in found:
            say(f"{score.task}: {shown(score)}")
    _tell(model, say)
    if output is not None:
        storage.write_bytes(output, _page(saved, model, scores))
    return scores


def _asked(tasks: Sequence[str], preset: str | None, how: Settings) -> list[PresetTask]:
    if (preset is None) == (not tasks):
        raise RunError("give --tasks NAME,NAME or --preset NAME")
    if preset is None:
        return [PresetTask(name, (name,), -1 if how.shots is None else how.shots) for name in tasks]
    if preset not in TASK_PRESETS:
        raise RunError(f"unknown preset {preset!r}; {suggest(preset, TASK_PRESETS)}")
    if how.shots is not None:
        raise RunError("--shots changes what --preset stands for: give one of them")
    return list(TASK_PRESETS[preset])


def _manager(names: Sequence[str], how: Settings) -> "TaskManager":
    """Knows all tasks asked for. The harness's own are listed, which takes seconds, only where they are needed. Raises
    RunError for unknown names, and for tasks that run code without leave."""
    from lm_eval.tasks import TaskManager

    if how.include is None:
        manager = known_tasks()
    elif not Path(how.include).is_dir():
        raise RunError(f"--include {how.include}: no such folder")
    else:
        manager = TaskManager(include_path=how.include, include_defaults=False)
        if not set(names) <= set(manager.all_tasks):
            manager = TaskManager(include_path=how.include)
    for name in names:
        if name not in manager.all_tasks:
            raise RunError(f"unknown task {name!r}; {_like(name, manager.all_tasks)}")
    return manager


def _like(name: str, tasks: Sequence[str]) -> str:
    """Tasks that may have been meant: the harness has too many to name them all."""
    nearest = difflib.get_close_matches(name, tasks, n=5, cutoff=0.5)
    meant = f"did you mean {', '.join(nearest)}? " if nearest else ""
    return suggest(name, tasks) if len(tasks) <= NAMED_TASKS else f"{meant}`lm-eval ls tasks` lists {len(tasks):,}"


@functools.cache
def known_tasks() -> "TaskManager":
    """The harness's own tasks: listing them takes seconds."""
    from lm_eval.tasks import TaskManager

    return TaskManager()


def _scores(
    model: "HarnessModel", manager: "TaskManager", one: PresetTask, is_preset: bool, how: Settings
) -> list[Score]:
    """Of one line of the list: the metric of a preset, or all of a task that was named."""
    if not one.tasks or (one.runs_code and not how.runs_code):
        return [_missing(one, CODE if one.tasks else one.note, is_failed=False)]
    found = _run(model, manager, one, how)
    if isinstance(found, str):
        return [_missing(one, found, is_failed=True)]
    if not is_preset:
        return [score for name, figures in found["results"].items() for score in _all_of(name, figures, found)]
    values = [found["results"][name].get(one.metric) for name in one.tasks]
    if any(value is None for value in values):
        return [_missing(one, f"lm-eval {version('lm_eval')} has no {one.metric} here", is_failed=True)]
    errors = [_error(found["results"][name], one.metric) for name in one.tasks]
    error = None
    if all(isinstance(each, float) for each in errors):  # of a mean of independent figures
        error = sum(each * each for each in errors if each is not None) ** 0.5 / len(errors)
    return [Score(one.label, one.shots, one.metric, sum(values) / len(values), error, one.score, one.note)]


def _missing(one: PresetTask, why: str, is_failed: bool) -> Score:
    return Score(one.label, max(one.shots, 0), one.metric, None, None, one.score, why, is_failed)


def _run(model: "HarnessModel", manager: "TaskManager", one: PresetTask, how: Settings) -> dict[str, Any] | str:
    """What the harness returns, or why it could not."""
    from datasets.exceptions import DatasetGenerationError, DatasetNotFoundError
    from lm_eval import simple_evaluate

    if how.runs_code:
        os.environ["HF_ALLOW_CODE_EVAL"] = "1"  # the data set library asks for it beside the harness
    try:
        found = simple_evaluate(
            model,
            tasks=list(one.tasks),
            num_fewshot=None if one.shots < 0 else one.shots,
            limit=how.limit,
            task_manager=manager,
            log_samples=False,
            confirm_run_unsafe_code=how.runs_code,
            bootstrap_iters=BOOTSTRAPS,
        )
    except (DatasetGenerationError, DatasetNotFoundError, OSError, LookupError, ValueError, ImportError) as error:
        if "marked as unsafe" in str(error):
            raise RunError(f"{one.label}: {CODE}") from None
        return f"not run: {type(error).__name__}: {error}".splitlines()[0]
    assert found is not None  # it is None on other processes than the first
    return dict(found)


def _all_of(name: str, figures: Mapping[str, Any], found: Mapping[str, Any]) -> list[Score]:
    shots = int(found.get("n-shot", {}).get(name) or 0)
    return [
        Score(name, shots, metric, float(value), _error(figures, metric))
        for metric, value in figures.items()
        if isinstance(value, int | float) and "," in metric and "_stderr," not in metric
    ]


def _error(figures: Mapping[str, Any], metric: str) -> float | None:
    name, _, filter_name = metric.partition(",")
    found = figures.get(f"{name}_stderr,{filter_name}")
    return float(found) if isinstance(found, int | float) else None


def _tell(model: "HarnessModel", say: Voice) -> None:
    if model.truncated:
        say(f"{model.truncated:,} requests were longer than {model.max_length:,} tokens and lost their beginning")
    if model.shortened:
        say(
            f"{model.shortened:,} answers had room for {model.max_length // 2:,} tokens only, less than their tasks ask"
        )


def _page(saved: SavedModel, model: "HarnessModel", scores: Sequence[Score]) -> bytes:
    page = {
        "checkpoint": str(saved.folder),
        "name": saved.record.name,
        "samples_seen": saved.record.samples_seen,
        "tokens_seen": saved.record.samples_seen * saved.seq_len,
        "seq_len": saved.seq_len,
        "vocabulary": saved.record.terms.vocabulary.fingerprint,
        "lm_eval": version("lm_eval"),
        "truncated": model.truncated,
        "shortened": model.shortened,
        "scores": [asdict(score) for score in scores],
    }
    return (json.dumps(page, ensure_ascii=False, indent=1) + "\n").encode()
