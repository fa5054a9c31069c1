"""What can be wrong with a plan whose keys and types are right, found before a byte is read."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from datapipe.loading.located_yaml import LocatedYaml, shown, suggest
from datapipe.loading.validation import Place
from trainer.plan import DomainBlend, Model, Phase, Plan
from trainer.processes.degrees import float8_misfit, tensor_misfit
from trainer.shapes import Shape

SUM_TOLERANCE = 1e-6
"""By which weights that are written as decimals may miss 1."""


def check_plan(plan: Plan, shape: Shape, document: LocatedYaml) -> None:
    """Refuse what contradicts itself. Raises RecipeError at the first place that does."""
    check_shape(shape, plan.model, document)
    _check_tensor_parallel(plan, shape, document)
    _check_fp8(shape, plan, document)
    if plan.execution.document_kernel == "varlen" and plan.execution.precision != "bf16":
        message = f"expected precision bf16 beside varlen, found {plan.execution.precision}"
        raise document.error(("execution", "document_kernel"), message)
    _check_data(plan, document)
    _check_folders(plan, document)
    _check_blends(plan, document)
    _check_phases(plan, document)
    for index, phase in enumerate(plan.phases):
        _check_batch(phase, plan, document, ("phases", index))
        _check_caps(phase, plan, document, ("phases", index, "max_epochs"))


def check_shape(shape: Shape, model: Model, document: LocatedYaml, place: Place = ("model",)) -> None:
    """Refuse sizes that make no model. The error is at the size that was given, else at the preset."""

    def refuse(name: str, message: str) -> None:
        given = [key for key in (name, "preset") if getattr(model, key) is not None]
        raise document.error((*place, *given[:1]), message)

    if shape.n_head % shape.n_kv_head:
        if model.n_kv_head is None:
            refuse("n_head", f"expected a multiple of n_kv_head, {shape.n_kv_head}, found {shape.n_head}")
        refuse("n_kv_head", f"expected a divisor of n_head, {shape.n_head}, found {shape.n_kv_head}")
    if model.d_head is None and shape.d_head * shape.n_head != shape.d_model and model.preset is None:
        refuse("n_head", f"expected a divisor of d_model, {shape.d_model:,}, or d_head beside it, found {shape.n_head}")
    rotated = shape.d_head * shape.rope_fraction
    if rotated % 2:
        message = (
            f"expected an even number of rotated dims, found {rotated:g}: {shape.rope_fraction:g} of {shape.d_head}"
        )
        refuse("d_head" if model.rope_fraction is None else "rope_fraction", message)


def _check_tensor_parallel(plan: Plan, shape: Shape, document: LocatedYaml) -> None:
    """As far as sizes are known; what tokens say is checked by `trainer.corpus`."""
    if plan.megatron is not None and shape.vocab_size == 1:
        shape = replace(shape, vocab_size=plan.megatron.vocab_size)
    if misfit := tensor_misfit(shape, plan.seq_len, plan.execution.tensor_parallel):
        raise document.error(("execution", "tensor_parallel"), f"expected {misfit}")
    if plan.execution.compile and plan.execution.tensor_parallel > 1:  # as of torch 2.13, by AOTAutograd alone too
        why = "the backward pass of compiled blocks fails in torch where GPUs share their layers"
        message = f"expected false beside tensor_parallel {plan.execution.tensor_parallel}: {why}"
        raise document.error(("execution", "compile"), message)


def _check_fp8(shape: Shape, plan: Plan, document: LocatedYaml) -> None:
    """Products in 8 bits are of bf16 numbers, and of matrices whose sides are multiples of 16 on every GPU."""
    if not plan.execution.fp8:
        return
    place = ("execution", "fp8")
    if plan.execution.precision != "bf16":
        raise document.error(place, f"expected precision bf16 beside it, found {plan.execution.precision}")
    if misfit := float8_misfit(shape, plan.seq_len, plan.execution.tensor_parallel):
        raise document.error(place, f"expected {misfit}")


def _check_data(plan: Plan, document: LocatedYaml) -> None:
    """`data` and `tokenizer`, `megatron`, or `sizes` alone; `sizes` also stand in for data that has no tokens yet."""
    if plan.tokenizer is not None and plan.data is None:
        raise document.error(("tokenizer",), "expected data beside it: the output folder of `datapipe run`")
    if plan.megatron is not None and (plan.data is not None or plan.sizes):
        other = "data" if plan.data is not None else "sizes"
        raise document.error(("megatron",), f"expected one of data with tokenizer, megatron, sizes, found {other} too")
    if plan.megatron is None and plan.data is None and not plan.sizes:
        raise document.error((), "expected data with tokenizer, megatron, or sizes: there is nothing to train on")
    for key, units in (("sizes", plan.sizes), ("megatron", _megatron_units(plan))):
        for domain in (name for name, inside in units.items() if not inside):
            place = (key, domain) if key == "sizes" else (key, "units", domain)
            raise document.error(place, "expected a unit")
    if plan.megatron is not None:
        _check_megatron(plan, document)


def _check_megatron(plan: Plan, document: LocatedYaml) -> None:
    """The vocabulary of other people's files: ids, embedding and end mark fit each other."""
    assert plan.megatron is not None
    vocab_size, eos, place = plan.megatron.vocab_size, plan.megatron.eos, ("megatron", "eos")
    for domain, unit in ((domain, unit) for domain, units in plan.megatron.units.items() for unit in units):
        if not plan.megatron.units[domain][unit]:
            raise document.error(("megatron", "units", domain, unit), "expected a prefix of .bin and .idx")
    if eos is not None and eos >= vocab_size:
        raise document.error(place, f"expected less than vocab_size, {vocab_size:,}, found {eos:,}")
    if eos is None and plan.execution.document_mask:
        raise document.error(
            ("execution", "document_mask"), "expected megatron.eos: nothing else says where documents end"
        )
    if plan.model.vocab_size is not None and plan.model.vocab_size < vocab_size:
        message = f"expected at least that of megatron, {vocab_size:,}, found {plan.model.vocab_size:,}"
        raise document.error(("model", "vocab_size"), message)


def _check_folders(plan: Plan, document: LocatedYaml) -> None:
    output = plan.output.rstrip("/")
    if "://" in output:
        message = f"{shown(output)}: checkpoints are written on disks and mounted file systems only"
        raise document.error(("output",), message)
    if plan.data is not None:
        data = plan.data.rstrip("/")
        if f"{output}/".startswith(f"{data}/"):
            raise document.error(("output",), f"{output} is in the folder of the data, {data}: choose another one")
        if f"{data}/".startswith(f"{output}/"):
            raise document.error(("output",), f"{output} holds the data, {data}: choose another one")
    start = plan.start.checkpoint.rstrip("/") if plan.start is not None else ""
    if plan.start is not None and (start == output or start.startswith(f"{output}/checkpoints")):
        message = f"{plan.start.checkpoint} is in this plan's own output, where it goes on by itself"
        raise document.error(("start", "checkpoint"), message)


def _check_blends(plan: Plan, document: LocatedYaml) -> None:
    units = units_known(plan)
    for name, blend in plan.blends.items():
        place = ("blends", name)
        _check_sum({domain: one.weight for domain, one in blend.items()}, document, place)
        for domain, one in blend.items():
            if units and domain not in units:
                raise document.error((*place, domain), f"no such domain; {suggest(domain, units, 'there are')}")
            _check_sampling(one, units.get(domain, ()), document, (*place, domain, "sampling", "weights"))


def _check_sampling(
    blend: DomainBlend, units: Iterable[str], document: LocatedYaml, place: tuple[str | int, ...]
) -> None:
    if blend.sampling is None or blend.sampling.weights is None:
        return
    _check_sum(blend.sampling.weights, document, place)
    known = list(units)
    for unit in blend.sampling.weights:
        if known and unit not in known:
            raise document.error((*place, unit), f"no such unit; {suggest(unit, known, 'there are')}")


def _check_sum(weights: Mapping[str, float], document: LocatedYaml, place: tuple[str | int, ...]) -> None:
    total = sum(weights.values())
    if abs(total - 1) > SUM_TOLERANCE:
        terms = " + ".join(f"{weight:g}" for weight in weights.values())
        raise document.error(place, f"weights must sum to 1, found {terms or 'none'} = {total:g}")


def _check_phases(plan: Plan, document: LocatedYaml) -> None:
    twice = [name for name, count in Counter(phase.name for phase in plan.phases).items() if count > 1]
    for index, phase in enumerate(plan.phases):
        place = ("phases", index)
        if phase.name in twice[:1] and phase.name in [one.name for one in plan.phases[:index]]:
            raise document.error((*place, "name"), f"{shown(phase.name)} is given twice")
        if phase.blend is not None and phase.blend not in plan.blends:
            message = f"unknown blend {shown(phase.blend)}; {suggest(phase.blend, plan.blends)}"
            raise document.error((*place, "blend"), message if plan.blends else f"unknown blend {shown(phase.blend)}")


def _check_batch(phase: Phase, plan: Plan, document: LocatedYaml, place: tuple[str | int, ...]) -> None:
    """Every GPU gets as many whole micro batches as the others."""
    micro, shared = plan.execution.micro_batch, plan.execution.tensor_parallel
    if phase.gpus is not None and phase.gpus % shared:
        message = f"expected a multiple of execution.tensor_parallel, {shared}, found {phase.gpus:,}"
        raise document.error((*place, "gpus"), message)
    shards = plan.execution.data_shards or 1
    if phase.gpus is not None and phase.gpus % (shards * shared):
        degrees = f"execution.data_shards x tensor_parallel, {shards} x {shared} = {shards * shared}"
        raise document.error((*place, "gpus"), f"expected a multiple of {degrees}, found {phase.gpus:,}")
    copies = (phase.gpus or shared) // shared
    if phase.batch % (micro * copies):
        of = f"execution.micro_batch, {micro}" + (f", times {copies:,} copies of the model" if copies > 1 else "")
        raise document.error((*place, "batch"), f"expected a multiple of {of}, found {phase.batch:,}")


def _check_caps(phase: Phase, plan: Plan, document: LocatedYaml, place: tuple[str | int, ...]) -> None:
    known = list(_names(units_known(plan)))
    for name in phase.max_epochs:
        if known and name not in known:
            raise document.error((*place, name), f"no such domain or unit; {suggest(name, known, 'there are')}")


def _names(units: Mapping[str, Iterable[str]]) -> Iterator[str]:
    """What `max_epochs` may name, where anything is known."""
    if units:
        yield "all"
    for domain, inside in units.items():
        yield domain
        yield from (f"{domain}/{unit}" for unit in inside)


def units_known(plan: Plan) -> Mapping[str, tuple[str, ...]]:
    """Units by domain, as far as the plan says them itself; what is in `data` is not known before it is read."""
    if plan.data is not None:
        return {}
    return {domain: tuple(units) for domain, units in (plan.sizes or _megatron_units(plan)).items()}


def _megatron_units(plan: Plan) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    return plan.megatron.units if plan.megatron is not None else {}
