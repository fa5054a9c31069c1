"""Materials of tokens on disk, or of a training plan's sizes while there are none."""

import dataclasses
from collections.abc import Mapping, Sequence

from datapipe.fingerprints import digest
from datapipe.loading.located_yaml import LocatedYaml, parse, suggest
from datapipe.output import placed
from tokenizer.encoding.manifest import UnitTokens, read_manifest
from trainer.blend import Blend, phase_blends
from trainer.checks import SUM_TOLERANCE
from trainer.corpus import SIZES_ONLY, CorpusSizes, sizes_of
from trainer.mixture.estimated import estimated_sizes
from trainer.mixture.experiment import Component, Experiment
from trainer.mixture.materials import Material, Materials, known_tokens, to_1
from trainer.mixture.phases import mixture_phases
from trainer.mixture.plan_caps import plan_caps
from trainer.plan import DomainBlend, Model, Phase, Plan
from trainer.tokens import token_folder

Units = Mapping[str, tuple[str, ...]]
"""Units with windows, by domain or component."""


def materials_of_data(experiment: Experiment, root: str | None) -> Materials:
    """What the data of an experiment, or of its plan, holds. Raises RunError, RecipeError."""
    plan = full_plan(experiment)
    sizes = _sizes(experiment, plan, root)
    blends = phase_blends(plan, sizes) if experiment.base or sizes.mixture.get("domains") else ()
    document = parse(experiment.text, experiment.file)
    components = _components(experiment, sizes, blends)
    units = _units_of(components, sizes, document)
    told = _told(plan, sizes, root)
    materials = {
        name: _material(plan, sizes, blends, one.domain or name, units[name], told) for name, one in components.items()
    }
    caps = plan_caps(experiment, sizes, materials)
    tokens = known_tokens(experiment, sizes.mixture.get("budget_tokens"))
    return Materials(materials, tokens, _current(experiment, plan, blends, materials), caps)


def _sizes(experiment: Experiment, plan: Plan, root: str | None) -> CorpusSizes:
    if experiment.base is not None:
        return sizes_of(plan, root)
    data = plan.data or ""
    if is_estimated(experiment):
        return estimated_sizes(placed("data", data, root))
    return token_folder.sizes_of(plan, data, root)  # there is no model yet whose vocabulary could be too small


def is_estimated(experiment: Experiment) -> bool:
    """Whether nothing names tokens, and sizes are what `mixture.json` makes of bytes."""
    has_tokenizer = experiment.proxy is not None and experiment.proxy.tokenizer is not None
    return experiment.data is not None and experiment.base is None and not has_tokenizer


def full_plan(experiment: Experiment) -> Plan:
    """The plan of the full run, with the experiment's data; one without model and phases where the experiment has none:
    only its data and tokenizer mean anything."""
    if experiment.base is not None:
        return dataclasses.replace(experiment.base, data=experiment.data or experiment.base.data)
    proxy = experiment.proxy
    return Plan(
        experiment.name,
        experiment.output,
        (Phase("all", 1, 1),),
        Model(),
        experiment.data,
        proxy.tokenizer if proxy else None,
        file=experiment.file,
        text=experiment.text,
    )


def _components(experiment: Experiment, sizes: CorpusSizes, blends: Sequence[Blend]) -> Mapping[str, Component]:
    """Those of the experiment, else every domain with a weight, else every domain with a window."""
    if experiment.components:
        return experiment.components
    weighted = dict.fromkeys(domain for blend in blends for domain in blend.domains)
    return {domain: Component() for domain in weighted or _with_windows(sizes)}


def _with_windows(sizes: CorpusSizes) -> Units:
    found = {
        domain: tuple(unit for unit, size in sorted(units.items()) if size.windows)
        for domain, units in sorted(sizes.units.items())
    }
    return {domain: units for domain, units in found.items() if units}


def _units_of(components: Mapping[str, Component], sizes: CorpusSizes, document: LocatedYaml) -> Units:
    """Units with windows of every component. Raises RecipeError for names of nothing."""
    there = _with_windows(sizes)
    named = {(one.domain or name, unit) for name, one in components.items() for unit in one.units}
    found: dict[str, tuple[str, ...]] = {}
    for name, one in components.items():
        domain = one.domain or name
        place = ("components", name)
        if domain not in there:
            raise document.error(place, f"no domain {domain} with a window; {suggest(domain, there, 'there are')}")
        for number, unit in enumerate(one.units):
            if unit not in there[domain]:
                message = f"no such unit with a window; {suggest(unit, there[domain], 'there are')}"
                raise document.error((*place, "units", number), message)
        found[name] = one.units or tuple(unit for unit in there[domain] if (domain, unit) not in named)
        if not found[name]:
            raise document.error(place, f"other components name all units of {domain}: nothing is left for this one")
    return found


def _told(plan: Plan, sizes: CorpusSizes, root: str | None) -> Mapping[str, Mapping[str, UnitTokens]]:
    """What the manifest tells of units; {} where there is none: sizes only, or files of others."""
    if sizes.fingerprint == SIZES_ONLY or plan.megatron is not None:
        return {}
    return read_manifest(token_folder.folder_of_plan(plan, root)).units


def _material(
    plan: Plan,
    sizes: CorpusSizes,
    blends: Sequence[Blend],
    domain: str,
    units: Sequence[str],
    told: Mapping[str, Mapping[str, UnitTokens]],
) -> Material:
    windows = {unit: sizes.units[domain][unit].windows for unit in units}
    of_domain = _shares(plan, sizes, blends, domain)
    shares = {unit: of_domain.get(unit, 0.0) for unit in units}
    if not any(shares.values()):  # the plan gives them nothing: then as their tokens have it
        shares = {unit: float(has) for unit, has in windows.items()}
    texts = {unit: told[domain][unit] for unit in units} if told else {}
    return Material(
        domain,
        to_1({unit: share for unit, share in shares.items() if share > 0}),
        sum(windows.values()) * sizes.seq_len,
        sum(one.bytes for one in texts.values()) if texts else None,
        {unit: digest([shard.sha256[".bin"] for shard in one.shards]) for unit, one in texts.items()},
    )


def _shares(plan: Plan, sizes: CorpusSizes, blends: Sequence[Blend], domain: str) -> Mapping[str, float]:
    """Of the units of a domain: those of the first phase that has it, else as if a plan named it alone."""
    for blend in blends:
        if domain in blend.units:
            return blend.units[domain]
    alone = dataclasses.replace(
        plan, blends={domain: {domain: DomainBlend(1.0)}}, phases=(Phase("all", 1, 1, blend=domain),)
    )
    return phase_blends(alone, sizes)[0].units[domain]


def _current(
    experiment: Experiment, plan: Plan, blends: Sequence[Blend], materials: Mapping[str, Material]
) -> Mapping[str, tuple[float, ...]]:
    """Weights of components by phase: means over the plan's phases, by their tokens; {} where nothing tells, or the
    experiment says them itself. Raises RecipeError where text has a weight that is in no component."""
    if experiment.current is not None or not blends:
        return {}
    found: dict[str, tuple[float, ...]] = {}
    of_plan = {phase.name: (phase.tokens, blend) for phase, blend in zip(plan.phases, blends, strict=True)}
    for phase in mixture_phases(experiment):
        parts = [of_plan[name] for name in phase.of] if experiment.base else list(of_plan.values())
        total = sum(tokens for tokens, _ in parts)
        weights = [
            sum(tokens / total * _weight(blend, material) for tokens, blend in parts) for material in materials.values()
        ]
        inside = sum(weights)
        if abs(inside - 1) > SUM_TOLERANCE:
            message = f"today {1 - inside:.3g} of phase {phase.name} is text of no component: name it in one, or say"
            document = parse(experiment.text, experiment.file)
            raise document.error(("components",), f"{message} what is meant by current")
        found[phase.name] = tuple(weight / inside for weight in weights)
    return found


def _weight(blend: Blend, material: Material) -> float:
    units = blend.units.get(material.domain, {})
    return blend.domains.get(material.domain, 0.0) * sum(units.get(unit, 0.0) for unit in material.shares)
