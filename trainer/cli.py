"""The command line of the trainer. What a command needs is imported when it runs: `--help` stays quick."""

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from datapipe.command_line import Settings, Verify, application, run_command
from trainer.mixture.cli import app as mix

EXTRAS = {"torch": "trainer", "safetensors": "trainer", "transformers": "hf", "lm_eval": "evaluate", "torchao": "fp8"}
"""Libraries that single commands need, and the extra that brings each."""

app = application("trainer", "Plan, pretrain, continue, measure and export a language model, by one plan.")
app.add_typer(mix, name="mix")

PlanFile = Annotated[Path, typer.Argument(metavar="PLAN", help="The plan, a YAML file.")]
Root = Annotated[
    str | None,
    typer.Option(help="Folder that data and output stand under (or CORPUSMILL_ROOT).", metavar="FOLDER"),
]


Model = Annotated[str, typer.Argument(metavar="RUN", help="Output folder of a run, or one of its checkpoints.")]


class DtypeName(StrEnum):
    """Of weights in files, or of matrix products."""

    bf16 = "bf16"
    fp32 = "fp32"


Dtype = Annotated[DtypeName, typer.Option(help="Of the weights in the files.")]
TrainedDtype = Annotated[
    DtypeName | None, typer.Option("--dtype", help="Of matrix products; that of training where nothing is said.")
]
TokenizerFile = Annotated[
    str | None,
    typer.Option("--tokenizer", metavar="FILE", help="SentencePiece model; found beside the tokens otherwise."),
]


class LauncherName(StrEnum):
    """What starts the processes of a run."""

    torchrun = "torchrun"
    ray = "ray"


class WorkerKind(StrEnum):
    """What each process on Ray computes on."""

    cpu = "cpu"
    gpu = "gpu"


@app.command("run")
def run_command_line(
    plan: PlanFile,
    settings: Settings = None,
    root: Root = None,
    changed_plan: Annotated[
        bool, typer.Option("--changed-plan", help="Go on under a plan that differs from that of the checkpoint.")
    ] = False,
    threads: Annotated[int | None, typer.Option(min=1, help="CPU threads; as many as torch finds otherwise.")] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Compare every byte of the tokens with their manifest first.")
    ] = False,
    launcher: Annotated[
        LauncherName | None, typer.Option(help="What starts processes; this process is one of them otherwise.")
    ] = None,
    processes: Annotated[
        int | None,
        typer.Option(min=1, help="In phases that say no `gpus`: on each node, of Ray in all. Else its GPUs."),
    ] = None,
    nodes: Annotated[int, typer.Option(min=1, help="torchrun: so many run this command.")] = 1,
    rendezvous: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="torchrun: where nodes meet, the same on all of them.")
    ] = None,
    retries: Annotated[int, typer.Option(min=0, help="From the last checkpoint, where processes are lost.")] = 3,
    workers: Annotated[
        WorkerKind | None, typer.Option(help="ray: what each computes on; a GPU where the cluster has any.")
    ] = None,
    wait: Annotated[float, typer.Option(min=0, metavar="MINUTES", help="ray: for a cluster to be large enough.")] = 10,
) -> None:
    """Train: from the first step, or the last checkpoint of the output. Exit code 3: the next phase has other GPUs."""
    from trainer.load import load

    loaded = load(plan, settings or ())
    if launcher is None:
        from trainer.train import run

        code = run(loaded, root=root, changed_plan=changed_plan, threads=threads, verify=verify)
    else:
        from rich.console import Console

        from trainer.launching.job import Job

        job, console = Job(loaded, root, changed_plan, threads, verify), Console(stderr=True)
        if launcher is LauncherName.torchrun:
            from trainer.launching.environment import environment

            # Of lost connections torch's C++ tells in stacks. It reads this once; processes of the run do not get it.
            with environment(TORCH_CPP_LOG_LEVEL=os.environ.get("TORCH_CPP_LOG_LEVEL", "ERROR")):
                from trainer.launching import torchrun

            code = torchrun.launch(job, processes, torchrun.Nodes(nodes, rendezvous), retries, console)
        else:
            from trainer.launching import on_ray

            kind = None if workers is None else workers.value
            code = on_ray.launch(job, on_ray.Asked(processes, kind, retries, wait), console)
    if code:
        raise typer.Exit(code)


@app.command("next")
def next_command(plan: PlanFile, settings: Settings = None, root: Root = None) -> None:
    """Print for how many GPUs the phase is that a run goes on with, for batch scripts: a number, "any", 0 when done."""
    from trainer.launching.next_size import next_size
    from trainer.load import load

    print(next_size(load(plan, settings or ()), root, lambda line: print(f"warning: {line}", file=sys.stderr)))


@app.command("validate")
def validate_command(
    plan: PlanFile,
    checkpoint: Annotated[
        str | None, typer.Option(metavar="FOLDER", help="A checkpoint, or a run's output; that of the plan otherwise.")
    ] = None,
    settings: Settings = None,
    root: Root = None,
) -> None:
    """Measure a checkpoint on the documents that the plan's data holds out: loss and bits per byte of every unit."""
    from rich.console import Console

    from trainer.load import load
    from trainer.validate import validate_checkpoint

    validate_checkpoint(load(plan, settings or ()), checkpoint, root, Console())


@app.command()
def plan(
    file: PlanFile,
    root: Root = None,
    settings: Settings = None,
    as_json: Annotated[bool, typer.Option("--json", help="Everything, every unit too, for programs.")] = False,
) -> None:
    """Show what a plan comes to: steps, epochs, rates, memory, FLOPs, days; refuse what cannot be met."""
    from trainer.reckoning.plan_report import print_plan

    print_plan(file, root, settings or [], as_json)


@app.command()
def megatron(
    file: PlanFile,
    root: Root = None,
    settings: Settings = None,
    as_json: Annotated[bool, typer.Option("--json", help="All flags of every launch, for programs.")] = False,
) -> None:
    """Show a plan as flags of Megatron-LM, in a shell script, with what it would do otherwise."""
    from trainer.load import load
    from trainer.megatron import script
    from trainer.megatron.flags import megatron_of

    found = megatron_of(load(file, settings or ()), root)
    print(script.as_json(found) if as_json else script.script(found, str(file)), end="")


@app.command()
def reference(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Only this mapping of the plan.")] = None,
) -> None:
    """Show the reference of plan keys and presets."""
    from trainer.reference import print_reference

    print_reference(name)


@app.command()
def fetch(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="A plan, or a folder such as s3://.../tokens/NAME.")],
    target: Annotated[str, typer.Argument(metavar="FOLDER", help="What `data` will name: a local folder.")],
    root: Root = None,
    verify: Verify = False,
) -> None:
    """Copy tokens and their mixture from an object store to where training can read them."""
    from trainer.fetch import fetch as copy

    print(copy(source, target, root, verify))


@app.command()
def samples(
    plan: PlanFile,
    step: Annotated[int | None, typer.Option(min=1, help="Of this step, counted from 1.")] = None,
    sample: Annotated[int | None, typer.Option(min=0, help="Or this sample alone, counted from 0.")] = None,
    rank: Annotated[int, typer.Option(min=0, help="What this one of `--world` ranks sees of the step.")] = 0,
    world: Annotated[int, typer.Option(min=1, help="Ranks that share the step.")] = 1,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    root: Root = None,
    settings: Settings = None,
) -> None:
    """List what a step sees, or saw: units, epochs, windows and the documents in them."""
    from trainer.load import load
    from trainer.samples import one_sample, samples_of_step
    from trainer.tokens.samples_report import print_samples

    if (step is None) == (sample is None):
        raise typer.BadParameter("give --step or --sample")
    loaded = load(plan, settings or ())
    found = samples_of_step(loaded, step, root, rank, world) if step else one_sample(loaded, sample or 0, root)
    print_samples(found, json)


@app.command()
def schema() -> None:
    """Print the JSON Schema of plans, for editors."""
    from trainer.schema import schema_json

    print(schema_json())


@app.command("export")
def export_command(
    run: Model,
    output: Annotated[
        str | None, typer.Option(metavar="FOLDER", help="Where to; `hugging_face/` of the run where nothing is said.")
    ] = None,
    dtype: Dtype = DtypeName.bf16,
    tokenizer: TokenizerFile = None,
    verify: Annotated[
        bool, typer.Option(help="Compare logits with transformers first; takes the memory of two models in fp32.")
    ] = True,
    root: Root = None,
) -> None:
    """Export a model to Hugging Face's libraries, as NemotronForCausalLM."""
    from trainer.export import export

    print(export(run, output, dtype=dtype.value, tokenizer=tokenizer, verify=verify, root=root))


@app.command("import")
def import_command(
    folder: Annotated[str, typer.Argument(metavar="FOLDER", help="Of a NemotronForCausalLM.")],
    output: Annotated[str, typer.Option(metavar="RUN", help="Folder of the new run.")],
    tokenizer: TokenizerFile = None,
) -> None:
    """Make a checkpoint of a Hugging Face model, for plans to start from."""
    from trainer.hugging_face.importing import import_hugging_face

    print(import_hugging_face(folder, output, tokenizer=tokenizer))


@app.command("generate")
def generate_command(
    run: Model,
    prompt: Annotated[list[str] | None, typer.Option(metavar="TEXT", help="Repeat it for several.")] = None,
    prompts: Annotated[Path | None, typer.Option(metavar="FILE", help="A file with one prompt a line.")] = None,
    tokens: Annotated[int, typer.Option(min=1, help="At most, after each prompt.")] = 100,
    temperature: Annotated[float, typer.Option(help="0: always the likeliest token.")] = 1.0,
    top_k: Annotated[int | None, typer.Option(metavar="K", help="Draw from the K likeliest tokens.")] = None,
    top_p: Annotated[float | None, typer.Option(metavar="P", help="Draw from the likeliest that have P.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed draws the same.")] = 0,
    dtype: TrainedDtype = None,
    tokenizer: TokenizerFile = None,
    root: Root = None,
) -> None:
    """Write on after prompts, for a look at what a model has learned. No prompt: a document of its own."""
    from trainer.generate import generate_text, in_order, read_prompts
    from trainer.generating.sampling import Sampling

    given = [*(prompt or ()), *(read_prompts(prompts) if prompts else ())] or [""]
    sampling = Sampling(temperature, top_k, top_p)
    parts = generate_text(
        run,
        given,
        tokens=tokens,
        sampling=sampling,
        seed=seed,
        dtype=dtype and dtype.value,
        tokenizer=tokenizer,
        root=root,
    )
    for text in in_order(parts, given):
        print(text, end="", flush=True)


@app.command()
def checkpoints(
    run: Annotated[str, typer.Argument(metavar="RUN", help="Output folder of a run.")],
    verify: Annotated[bool, typer.Option("--verify", help="Read every byte: exit code 1 if one is damaged.")] = False,
    root: Root = None,
) -> None:
    """Show a run's checkpoints: where they are in it, how large, and why they stay."""
    from rich.console import Console

    from datapipe.output import placed
    from trainer.checkpointing.table import print_checkpoints

    print_checkpoints(Path(placed("RUN", run, root)), Console(), verify)


@app.command("report")
def report_command(
    run: Annotated[str, typer.Argument(metavar="RUN|PLAN", help="Output folder of a run, or its plan.")],
    root: Root = None,
) -> None:
    """Draw a run, also one that is at work, into one page: report.html in its folder."""
    from trainer.report.write import report

    print(report(run, root))


@app.command("evaluate")
def evaluate_command(
    run: Model,
    tasks: Annotated[str | None, typer.Option(metavar="NAME,NAME", help="Of lm-evaluation-harness.")] = None,
    preset: Annotated[str | None, typer.Option(help="A paper's list with its shots: nemotron4_15b.")] = None,
    shots: Annotated[int | None, typer.Option(min=0, help="Instead of those of --tasks.")] = None,
    limit: Annotated[
        float | None, typer.Option(min=0, help="So many documents of each task, or, below 1, such a share.")
    ] = None,
    include: Annotated[str | None, typer.Option(metavar="FOLDER", help="More tasks, as YAML files.")] = None,
    run_generated_code: Annotated[
        bool, typer.Option("--run-generated-code", help="For tasks that run what the model wrote: unsafe.")
    ] = False,
    batch: Annotated[int, typer.Option(min=1, help="Sequences at once.")] = 8,
    seed: Annotated[int, typer.Option(min=0, help="Of tasks that sample.")] = 0,
    output: Annotated[str | None, typer.Option(metavar="FILE", help="The figures as JSON.")] = None,
    dtype: TrainedDtype = None,
    tokenizer: TokenizerFile = None,
    root: Root = None,
) -> None:
    """Run lm-evaluation-harness on a model. Exit code 1 where a task could not be run."""
    from trainer.evaluate import Settings, evaluate
    from trainer.evaluation.scores import print_scores

    scores = evaluate(
        run,
        [name for name in (tasks or "").split(",") if name],
        preset=preset,
        settings=Settings(shots, limit, include, run_generated_code, seed),
        batch=batch,
        dtype=dtype and dtype.value,
        tokenizer=tokenizer,
        output=output,
        root=root,
    )
    print_scores(scores)
    if any(score.is_failed for score in scores):
        raise typer.Exit(1)


@app.command("bench")
def bench_command(
    plan: Annotated[str, typer.Argument(metavar="PLAN|PRESET", help="A plan's file, or the name of a preset.")],
    steps: Annotated[int, typer.Option(min=1, help="Timed, after two that are not.")] = 10,
    batch: Annotated[
        int | None, typer.Option(min=1, help="Sequences per step, over all processes; a micro batch on each otherwise.")
    ] = None,
    micro_batch: Annotated[int | None, typer.Option(min=1, help="Sequences at once; the plan's otherwise.")] = None,
    settings: Settings = None,
    root: Root = None,
) -> None:
    """Time training steps on random tokens: tokens/s, MFU and memory of this device, or of all under torchrun."""
    from rich.console import Console

    from trainer.bench import bench, plan_of, print_figures

    found = bench(plan_of(plan, tuple(settings or ())), steps=steps, batch=batch, micro_batch=micro_batch, root=root)
    if found is not None:
        print_figures(found, Console(stderr=True))


def main() -> None:
    """Run the command; say what is wrong in one line, also that a library is missing."""
    # Threads that wait for each other by spinning take the time of those they wait for where cores are shared: beside
    # other work, steps of the tiny plan were three to nine times as fast without. It is read when torch loads.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        run_command(app, "trainer")
    except ModuleNotFoundError as missing:
        extra = EXTRAS.get(missing.name or "")
        if extra is None:
            raise
        print(f"error: this needs the library {missing.name}: pip install 'corpusmill[{extra}]'", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
