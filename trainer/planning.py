"""Plan -> Outlook: what a plan comes to. Nothing of tokens is read but what a manifest says; no torch here."""

from dataclasses import dataclass

from datapipe.output import RunError, placed
from trainer.blend import Blend, phase_blends
from trainer.checkpointing.differences import fixed_differences
from trainer.checkpointing.finding import Warn, sized_record, start_at
from trainer.checkpointing.record import Record, Terms, Vocabulary
from trainer.corpus import SIZES_ONLY, shape_of, sizes_of
from trainer.course import Course
from trainer.order import Order
from trainer.plan import Phase, Plan
from trainer.processes.degrees import degrees_of
from trainer.reckoning.cost import Flops, cost_of
from trainer.reckoning.hardware import GPUS, Gpu
from trainer.reckoning.memory import Memory, memory_per_gpu
from trainer.reckoning.outlook import Beginning, Outlook, PhaseOutlook, Totals
from trainer.reckoning.plan_notes import notes_on
from trainer.reckoning.unit_outlook import domains_of, units_of
from trainer.schedule import PhaseEdges, phase_edges, rate_at
from trainer.settle import settle
from trainer.shapes import Shape


@dataclass(frozen=True)
class _Basis:
    """What every phase is reckoned from."""

    plan: Plan
    shape: Shape
    order: Order
    flops: Flops
    gpu: Gpu

    @property
    def course(self) -> Course:
        return self.order.course


def outlook_of(plan: Plan, root: str | None = None) -> Outlook:
    """All that a plan comes to. Raises RecipeError or RunError for one that cannot be met."""
    sizes = sizes_of(plan, root)
    shape = shape_of(plan, sizes)
    passed_over: list[str] = []
    folder, record = start_of(plan, root, passed_over.append)
    course = settle(plan, sizes, record.course, record.samples_seen) if record else settle(plan, sizes)
    if record is not None:
        vocabulary = Vocabulary(plan.tokenizer or "", sizes.vocabulary)
        _check_same_model(plan, folder, record, Terms(course, shape, vocabulary))
    flops = Flops(shape.flops_per_token(course.seq_len), shape.flops_per_token(course.seq_len, causal=True))
    blends, gpu = phase_blends(plan, sizes), GPUS[plan.hardware.gpu]
    phases = _phases(_Basis(plan, shape, Order(course), flops, gpu), blends)
    return Outlook(
        name=plan.name,
        output=placed("output", plan.output, root),
        model=shape,
        parameters=shape.parameters,
        seq_len=course.seq_len,
        corpus="sizes" if sizes.fingerprint == SIZES_ONLY else "tokens",
        corpus_tokens={domain: sum(one.tokens for one in units.values()) for domain, units in sizes.units.items()},
        start=Beginning(folder, record is not None, record.samples_seen if record else None) if folder else None,
        gpu=gpu.name,
        peak_flops=gpu.peak_flops,
        memory_bytes=gpu.memory_bytes,
        flops_per_token=flops,
        attention_of_mfu="full",
        phases=phases,
        totals=_totals(phases, course.seq_len),
        notes=(*passed_over, *notes_on(plan, sizes, shape, blends, phases, folder if record is None else "")),
    )


def _phases(basis: _Basis, blends: tuple[Blend, ...]) -> tuple[PhaseOutlook, ...]:
    found: list[PhaseOutlook] = []
    all_edges = phase_edges(basis.plan, basis.course.seq_len)
    for phase, edges, blend in zip(basis.plan.phases, all_edges, blends, strict=True):
        found.append(_phase(basis, phase, edges, blend, found[-1].last_step + 1 if found else 1))
    return tuple(found)


def _phase(basis: _Basis, phase: Phase, edges: PhaseEdges, blend: Blend, first_step: int) -> PhaseOutlook:
    """One phase of the plan, whose steps are counted from `first_step`."""
    course, execution, order = basis.course, basis.plan.execution, basis.order
    units = units_of(phase, blend, course.windows, order.cursors(edges.first), order.cursors(edges.end))
    tokens_per_step = phase.batch * course.seq_len
    gpus = phase.gpus or execution.tensor_parallel
    assumed_mfu = basis.plan.hardware.mfu
    memory = _memory(basis, phase, gpus)
    return PhaseOutlook(
        name=phase.name,
        blend=blend.name,
        batch=phase.batch,
        steps=edges.steps,
        first_step=first_step,
        last_step=first_step + edges.steps - 1,
        first_sample=edges.first,
        edge_sample=edges.edge,
        end_sample=edges.end,
        tokens=edges.steps * tokens_per_step,
        first_rate=rate_at(course.rates, edges.first + phase.batch),
        last_rate=rate_at(course.rates, edges.end),
        domains=domains_of(blend, units),
        units=units,
        memory=memory,
        memory_bytes=memory.total,
        cost=cost_of(phase, edges.steps, tokens_per_step, basis.flops, basis.gpu, gpus, assumed_mfu),
    )


def _memory(basis: _Basis, phase: Phase, gpus: int) -> Memory:
    """Per GPU. Raises RunError where so many GPUs cannot be shared out."""
    plan, execution = basis.plan, basis.plan.execution
    try:
        rows = phase.batch // degrees_of(execution, gpus).data
        return memory_per_gpu(basis.shape, basis.course.seq_len, execution, gpus, rows)
    except ValueError as error:
        raise RunError(f"{plan.file}: phase {phase.name}: gpus: expected {error}") from None


def _totals(phases: tuple[PhaseOutlook, ...], seq_len: int) -> Totals:
    end = phases[-1].end_sample
    return Totals(
        steps=sum(phase.steps for phase in phases),
        samples=end,
        tokens=end * seq_len,
        overshoot_samples=end - phases[-1].edge_sample,
        flops=sum(phase.cost.flops for phase in phases),
        days=sum(phase.cost.days for phase in phases),
        gpu_hours=sum(phase.cost.gpu_hours for phase in phases),
    )


def start_of(plan: Plan, root: str | None, warn: Warn) -> tuple[str, Record | None]:
    """The folder that the plan starts from, "" where there is none, and what its last checkpoint says, if it is there.

    `warn` hears of damaged ones that are passed over. Raises RunError where none of them is sound.
    """
    if plan.start is None:
        return "", None
    folder = placed("start.checkpoint", plan.start.checkpoint, root)
    found = start_at(folder, sized_record, warn)
    return folder, found[1] if found else None


def _check_same_model(plan: Plan, folder: str, record: Record, terms: Terms) -> None:
    """Raise RunError where the checkpoint holds another model than the plan's."""
    if lines := fixed_differences(record.terms, terms):
        raise RunError(f"{plan.file}: start.checkpoint: {folder} cannot be gone on from: {'; '.join(lines)}")
