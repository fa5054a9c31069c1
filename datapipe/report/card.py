"""`card.md`: what a data set is made of and how, in the form of a Hugging Face dataset card.

Everything that was applied is in it, with versions, options and counts, and what was not done is said too. Copied to
`README.md` in the output folder, its front matter lets `datasets.load_dataset(FOLDER, DOMAIN)` find the shards.
"""

import functools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from datapipe.passes.planning import packed_schema
from datapipe.reader import name_of
from datapipe.recipe import Domain, Source, Step, options_of
from datapipe.report import words
from datapipe.report.figures import Figures
from datapipe.report.outcomes import KEPT, grouped, step_title, total
from datapipe.report.rules import applied_checks, describe, switched_off
from datapipe.where import Where

TEMPLATES = Path(__file__).parent / "templates"
UNITS_LISTED = 40
NEVER_DONE = (
    "Personal data and secrets were not looked for.",
    "Texts of evaluation sets were not looked for.",
    "Licences of the documents were not looked at.",
    "No model judged the quality of the texts.",
)
"""What Corpusmill has no step for. A line goes when a step for it comes."""

NOT_DONE_WITHOUT = {
    "normalize_text": "Texts were not normalised (Unicode form, control characters, line ends).",
    "identify_language": "Languages were not identified.",
    "repetition": "Repetition inside documents was not measured.",
    "url_statistics": "URLs were not compared with any block list.",
}
"""By step: what a recipe without it leaves out."""

SIZES = ("1K", "10K", "100K", "1M", "10M", "100M", "1B", "10B", "100B", "1T")
"""Bounds of the hub's `size_categories`."""


class Verbatim(str):
    """Text that the template writes as it is; any other is escaped."""


def card(figures: Figures) -> str:
    """The whole file."""
    checks = [one for one in applied_checks(figures) if one.is_limit or one.taken.documents]
    content: dict[str, Any] = {
        "figures": figures,
        "front_matter": Verbatim(front_matter(figures)),
        "recipe_text": Verbatim(fenced(figures.recipe.text, "yaml")),
        "checks": {step: [one for one in checks if one.step == step] for step in figures.steps},
        "abouts": {rules.name: rules for domain in figures.recipe.domains for rules in domain.rules if rules.about},
        "switched_off": switched_off(figures.recipe),
        "taken": {step: total(found) for step, found in grouped(figures.outcomes, lambda one: one.step).items()},
        "kept_of_source": {
            source: total(one for one in found if one.step == KEPT)
            for source, found in grouped(figures.outcomes, lambda one: one.source).items()
        },
        "columns": packed_schema(figures.recipe),
        "not_done": not_done(figures),
        "units_listed": UNITS_LISTED,
    }
    return _environment().get_template("card.md.jinja").render(content)


@functools.cache
def _environment() -> Environment:
    """How the template is filled in: made once, because compiling it takes longer than rendering."""
    environment = Environment(
        autoescape=False,  # noqa: S701 - Markdown, not HTML: `markdown` escapes everything that is not Verbatim
        finalize=markdown,
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": words.number,
        "size": words.size,
        "percent": words.percent,
        "code": code,
        "verbatim": Verbatim,
        "describe": describe,
        "step": step_title,
        "reader": reader_words,
        "options": step_words,
        "sampling": sampling_words,
    }
    return environment


def markdown(value: object) -> object:
    """A value as plain words of one line: no mark-up of Markdown or HTML acts in it, and no table breaks."""
    if isinstance(value, Verbatim) or not isinstance(value, str):
        return value
    return re.sub(r"([\\`*_\[\]<>|#~$&])", r"\\\1", " ".join(words.visible(value).split()))


def code(value: str) -> Verbatim:
    """A span of code, which a bar would end inside a table."""
    text = " ".join(words.visible(value).split()).replace("|", "\\|")
    ticks = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return Verbatim(f"{ticks} {text} {ticks}" if "`" in text else f"{ticks}{text}{ticks}")


def fenced(text: str, language: str) -> str:
    """A block of code, with a fence longer than any inside."""
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def front_matter(figures: Figures) -> str:
    """The metadata of the hub: languages, size, and where the shards of every domain are."""
    languages = grouped((one for one in figures.outcomes if one.step == KEPT), lambda one: one.language)
    domains = [one for one in figures.domains if one.amount.documents]
    configs = [_config("default", "*", any(one.held_out.documents for one in domains))]
    configs += [_config(one.domain.name, one.domain.name, one.held_out.documents > 0) for one in domains]
    data = {
        "pretty_name": str(figures.run["name"]),
        "language": [name for name in languages if re.fullmatch("[a-z]{2,3}", name)],
        "license": "unknown",
        "task_categories": ["text-generation"],
        "size_categories": [size_category(figures.kept.documents)],
        "tags": ["corpusmill", "pretraining"],
        "configs": configs,
    }
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True).rstrip()


def _config(name: str, folder: str, has_validation: bool) -> dict[str, Any]:
    splits = [("train", "shards")] + ([("validation", "validation")] if has_validation else [])
    files = [{"split": split, "path": f"{top}/{folder}/*/*.parquet"} for split, top in splits]
    return {"config_name": name, "data_files": files}


def size_category(documents: int) -> str:
    """The hub's name for a number of documents."""
    position = sum(documents >= 1000 * 10**power for power in range(len(SIZES)))
    if position == 0:
        return "n<1K"
    return f"{SIZES[position - 1]}<n<{SIZES[position]}" if position < len(SIZES) else "n>1T"


def reader_words(source: Source) -> str:
    """A source's reader with its options, and what is mapped."""
    options = {**options_of(source.reader), "fields": dict(source.fields), "extra_columns": dict(source.extra_columns)}
    name = name_of(source.reader)
    return f"{name} {source.reader.version}{_options(options)}"


def step_words(step: Step) -> str:
    """A step's version, options and condition."""
    options = options_of(step.stage)
    if "rules" in options:
        options["rules"] = [rules.name for rules in options["rules"]]
    if step.early:
        options["early"] = True
    return f"version {step.stage.version}{_options(options)}{_where(step.where)}"


def _options(options: Mapping[str, Any]) -> str:
    given = [f"{name}: {_plain(value)}" for name, value in options.items() if value not in (None, (), {}, "")]
    return f" ({', '.join(given)})" if given else ""


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_plain, value))}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {_plain(one)}' for key, one in value.items())}}}"
    return str(value)


def _where(where: Where) -> str:
    conditions = [
        f"{one.column} is {'not ' if one.negated else ''}{' or '.join(map(str, one.values))}" for one in where
    ]
    return f", where {' and '.join(conditions)}" if conditions else ""


def sampling_words(domain: Domain) -> str:
    """How a domain's weight is divided among its units."""
    sampling = domain.sampling
    if sampling.unimax is not None:
        return f"as even as a cap of {sampling.unimax.max_epochs:g} on epochs allows (UniMax, arXiv 2304.09151)"
    if sampling.weights is not None:
        return "explicit weights"
    alpha = sampling.alpha or sampling.temperature
    return "by size" if alpha is None else f"by size ** (1 / {alpha:g})"


def not_done(figures: Figures) -> list[str]:
    """What was left out, in sentences."""
    steps = {step.name for one in figures.recipe.passes for step in one.steps}
    rounds = [one.round.key for one in figures.duplicates]
    found = [] if "exact" in rounds else ["Exact duplicates were not removed."]
    found += [] if "near" in rounds else ["Near-duplicates were not removed."]
    found += [sentence for step, sentence in NOT_DONE_WITHOUT.items() if step not in steps]
    return [*NEVER_DONE, *found]
