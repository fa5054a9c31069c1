"""A plan in Megatron-LM's words is the plan: its own code reads the same batches and rates out of the flags."""

import json
import os
import subprocess
import sys
import warnings
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.trainer.small_plans import SMALL
from tests.trainer.small_run import PLAN, small_plan
from trainer.corpus import sizes_of
from trainer.course import Course
from trainer.load import load, loads
from trainer.megatron.flags import Megatron, megatron_of
from trainer.megatron.launches import Launch, launches_of
from trainer.megatron.schedule import rate_flags
from trainer.megatron.script import as_json, script
from trainer.plan import Plan
from trainer.schedule import phase_edges, rate_at, settled_rates
from trainer.settle import settle

PRETRAIN = Path(__file__).parents[2] / "recipes" / "nemotron4_15b" / "pretrain.yaml"
ARGUMENTS = (Path(__file__).parent / "megatron_arguments.txt").read_text().split("\n\n")[1].split()
RELEASE = """
--tensor-model-parallel-size 8 --pipeline-model-parallel-size 1 --use-distributed-optimizer --overlap-grad-reduce
--overlap-param-gather --sequence-parallel --disable-bias-linear --micro-batch-size 4
--rampup-batch-size 384 384 97656250 --global-batch-size 1152 --apply-layernorm-1p
--untie-embeddings-and-output-weights --position-embedding-type rope --rotary-percent 0.5 --squared-relu --num-layers 32
--hidden-size 6144 --num-attention-heads 48 --group-query-attention --num-query-groups 8 --seq-length 4096
--max-position-embeddings 4096 --clip-grad 1.0 --weight-decay 0.1 --lr-decay-samples 1949218748
--lr-warmup-samples 3906252 --lr-decay-style cosine --adam-beta1 0.9 --adam-beta2 0.95 --init-method-std 0.0134 --bf16
"""
"""Of Megatron-LM's own release test of this model (gpt3_15b_8t_release): all that a plan says too."""


def flags_of(found: Megatron, launch: int = 0) -> dict[str, tuple[str, ...]]:
    return {**found.common, **found.launches[launch].flags}


def test_nemotron4_has_the_flags_of_megatron_s_own_release_test() -> None:
    found = megatron_of(load(PRETRAIN))
    flags = flags_of(found)
    words = " ".join(" ".join((name, *values)) for name, values in flags.items())
    for flag in RELEASE.replace("\n", " ").split("--")[1:]:
        assert f"--{flag.strip()} " in f"{words} ", flag
    assert [float(flags[name][0]) for name in ("--lr", "--min-lr")] == [4.5e-4, 4.5e-5]
    assert int(flags["--make-vocab-size-divisible-by"][0]) * 8 == 256_000
    assert [(one.name, one.gpus, one.first_step, one.last_step) for one in found.launches] == [
        ("ramp_384", 768, 1, 127_157),
        ("ramp_768", 1536, 127_158, 190_736),
        ("ramp_1152", 2304, 190_737, 1_801_386),
    ]


@pytest.mark.parametrize("setting", ["execution.recompute=true", "execution.document_mask=true", "execution.fp8=true"])
def test_every_argument_is_one_that_megatron_has(setting: str, tmp_path: Path) -> None:
    plans = [
        load(PRETRAIN, [setting, "logs.wandb=w", "logs.tensorboard=true", "execution.deterministic=true"]),
        loads(SMALL),
        small_plan(tmp_path),
    ]
    for plan in plans:
        assert {name for launch in range(2) for name in flags_of(megatron_of(plan), launch)} <= set(ARGUMENTS)


def test_the_script_hands_megatron_what_it_says_of_each_launch(tmp_path: Path) -> None:
    """A program in its place prints what it is given; a folder with a space and a quote is one word."""
    folder = tmp_path / "it's here"
    folder.mkdir()
    found = megatron_of(small_plan(folder))
    (tmp_path / "pretrain_gpt.py").write_text("import json, sys; print(json.dumps(sys.argv[1:]))")
    (tmp_path / "script.sh").write_text(script(found, "plan.yaml"))
    environment = os.environ | {
        "MEGATRON": str(tmp_path),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    for number, name in enumerate(("ramp", "main")):
        command = ["bash", str(tmp_path / "script.sh"), name]
        given = json.loads(subprocess.run(command, env=environment, capture_output=True, check=True).stdout)
        starts = [place for place, word in enumerate(given) if word.startswith("--")]
        parts = [given[first:end] for first, end in pairwise([*starts, len(given)])]
        assert {name: tuple(values) for name, *values in parts} == flags_of(found, number)
    other = subprocess.run(["bash", str(tmp_path / "script.sh"), "x"], env=environment, capture_output=True, text=True)
    assert (other.returncode, other.stderr) == (2, "no such launch: x\n")
    page = json.loads(as_json(found))
    assert [one["flags"]["--exit-interval"] for one in page["launches"]] == [["5"], ["12"]]
    assert page["notes"] == list(found.notes)


def test_a_blend_is_shared_among_files_by_their_tokens(tmp_path: Path) -> None:
    """Books have 300 tokens, web 200: 18 windows and 12, which share the 0.7 and then the 0.4 of prose."""
    found = megatron_of(small_plan(tmp_path))
    for launch, prose in ((0, 0.7), (1, 0.4)):
        words = flags_of(found, launch)["--train-data-path"]
        weights = {Path(prefix).name: float(weight) for weight, prefix in zip(words[::2], words[1::2], strict=True)}
        expected = {"C": 1 - prose, "books": prose * 18 / 30, "web": prose * 12 / 30}
        assert weights == pytest.approx(expected, abs=2e-6)
    held = flags_of(found)["--valid-data-path"]
    assert [Path(prefix).name for prefix in held] == ["held_web", "held_C"]
    two = tmp_path / "two"
    plan = small_plan(two)
    for name in ("b1", "b2"):
        for end in (".bin", ".idx"):
            (two / f"{name}{end}").write_bytes((two / f"books{end}").read_bytes())
    plan = loads(PLAN.replace("books: [books]", "books: [b1, b2]"), str(two / "plan.yaml"))
    words = flags_of(megatron_of(plan))["--train-data-path"]
    assert words[2] == words[4] and float(words[2]) == pytest.approx(0.7 * 36 / 48 / 2, abs=2e-6)


def test_what_megatron_does_otherwise_is_said_where_it_matters(tmp_path: Path) -> None:
    plain = megatron_of(loads(SMALL)).notes
    rich = megatron_of(
        small_plan(tmp_path, "optimizer.z_loss=0.1", "execution.data_shards=2", "data_fraction=0.5"),
    ).notes
    for key in ("optimizer.z_loss", "execution.data_shards", "data_fraction", "blends", "validation"):
        assert any(note.startswith(f"{key}: ") for note in rich), key
    assert any(note.startswith("phases.max_epochs") for note in plain)
    assert not any(note.startswith(("optimizer", "execution")) for note in plain if "precision" not in note)


def with_phases(*phases: tuple[int, int], blends: str = "even") -> Plan:
    """A plan of phases of (tokens, batch)."""
    head = SMALL.partition("phases:")[0]
    rate = "learning_rate: [{shape: constant, start: 1}]"
    lines = [
        f"  - {{name: p{number}, tokens: {tokens}, batch: {batch}, blend: {blends}{', ' + rate if not number else ''}}}"
        for number, (tokens, batch) in enumerate(phases)
    ]
    return loads("\n".join([head, "phases:", *lines]))


RAMPS = [
    ((800, 4), (800, 8), (3200, 12)),
    ((830, 4), (800, 8), (3200, 12)),  # edges of 83 and 163: the ramp has 81.5, and the same batch reaches both
    ((1000, 8), (1000, 16)),
    ((330, 3), (330, 5), (330, 7), (900, 9)),
]
NO_RAMPS = [((800, 4), (800, 8), (3200, 16)), ((800, 8), (800, 4)), ((800, 4), (1600, 8), (3200, 12))]


def launched(plan: Plan) -> tuple[Course, tuple[Launch, ...]]:
    sizes = sizes_of(plan)
    course = settle(plan, sizes)
    return course, launches_of(course, phase_edges(plan, sizes.seq_len))


@pytest.mark.parametrize("phases", NO_RAMPS)
def test_batches_that_are_no_ramp_of_megatron_are_launches_of_their_own(phases: tuple[tuple[int, int], ...]) -> None:
    _, launches = launched(with_phases(*phases))
    assert [one.flags["--global-batch-size"] for one in launches] == [(str(batch),) for _, batch in phases]
    assert all("--rampup-batch-size" not in one.flags for one in launches)
    for one in launches:  # Megatron's own last iteration comes no earlier than ours
        assert int(one.flags["--train-samples"][0]) // one.stretches[0].batch >= one.last_step
        assert one.flags["--exit-interval"] == (str(one.last_step),)
    assert len({one.flags["--train-samples"] for one in launches}) == 1  # on which its order hangs


@pytest.mark.slow  # Megatron takes seconds to import
def test_megatron_reads_the_batches_of_the_course_out_of_its_ramp() -> None:
    pytest.importorskip("megatron.core")
    with warnings.catch_warnings(action="ignore"):
        from megatron.core.num_microbatches_calculator import RampupBatchsizeNumMicroBatchesCalculator
    for phases in RAMPS:
        course, (launch,) = launched(with_phases(*phases))
        first, growth, samples = map(int, launch.flags["--rampup-batch-size"])
        largest = int(launch.flags["--global-batch-size"][0])
        theirs = RampupBatchsizeNumMicroBatchesCalculator(largest, 1, 1, False, 1, first, growth, samples)
        for stretch in course.stretches:
            for seen in range(stretch.first, stretch.end, stretch.batch):
                theirs.update(seen, consistency_check=False)
                assert theirs.get_current_global_batch_size() == stretch.batch


PIECES = [
    "{shape: linear, start: 0, end: 0.5, tokens: 190}, {shape: cosine, end: 0.1, tokens: 1000}, {shape: constant}",
    "{shape: linear, start: 0.1, end: 0.5, tokens: 190}, {shape: linear, end: 0.1}",
    "{shape: constant, start: 0.5}",
    "{shape: cosine, start: 0.5, end: 0.1}",
    "{shape: linear, start: 0, end: 0.5, tokens: 190}, {shape: inverse_square_root}",
    "{shape: linear, start: 0, end: 0.5, tokens: 190}, {shape: constant, tokens: 900}, {shape: linear, end: 0.1}",
    "{shape: linear, start: 0, end: 0.5, tokens: 190}, {shape: constant, tokens: 900}, "
    "{shape: one_minus_square_root, end: 0.1, tokens: 500}, {shape: constant}",
    "{shape: linear, start: 0, end: 0.5, tokens: 190}, {shape: constant, tokens: 900}, {shape: cosine, end: 0.1}",
    "{shape: one_minus_square_root, start: 0.5, end: 0.1}",
]
OTHER_PIECES = [
    "{shape: exponential, start: 0.5, end: 0.1}",
    "{shape: linear, start: 0, end: 0.5}",
    "{shape: linear, start: 0, end: 0.5, tokens: 190}, {shape: cosine, start: 0.4, end: 0.1}",
    "{shape: linear, start: 0, end: 0.5, tokens: 190}, {shape: cosine, end: 0.2, tokens: 500}, {shape: cosine, end: 0}",
    "{shape: constant, start: 0.5, tokens: 900}, {shape: exponential, end: 0.1}",
    "{shape: cosine, start: 0.1, end: 0.5}",
]


def with_pieces(pieces: str) -> Plan:
    return loads(SMALL.replace("{shape: linear, start: 0, end: 0.5, tokens: 80}, {shape: linear, end: 0}", pieces))


@pytest.mark.parametrize("pieces", OTHER_PIECES)
def test_rates_that_megatron_does_not_have_are_left_to_the_reader(pieces: str) -> None:
    found = megatron_of(with_pieces(pieces))
    assert "--lr" not in found.common
    assert any(note.startswith("phases.learning_rate: ") for note in found.notes)


@pytest.mark.slow
@pytest.mark.parametrize("pieces", PIECES)
def test_megatron_reads_the_rates_of_the_plan_out_of_its_flags(pieces: str) -> None:
    pytest.importorskip("megatron.core")
    with warnings.catch_warnings(action="ignore"):
        from megatron.core.optimizer_param_scheduler import OptimizerParamScheduler
    rates = settled_rates(with_pieces(pieces), 10)
    flags = {name: values[0] for name, values in (rate_flags(rates) or {}).items()}
    length = flags.get("--lr-wsd-decay-samples")
    theirs = OptimizerParamScheduler(
        SimpleNamespace(param_groups=[]),
        init_lr=float(flags.get("--lr-warmup-init", 0)),
        max_lr=float(flags["--lr"]),
        min_lr=float(flags.get("--min-lr", 0)),
        lr_warmup_steps=int(flags.get("--lr-warmup-samples", 0)),
        lr_decay_steps=int(flags.get("--lr-decay-samples", 199)),
        lr_decay_style=flags["--lr-decay-style"],
        start_wd=0.1,
        end_wd=0.1,
        wd_incr_steps=1,
        wd_incr_style="constant",
        wsd_decay_steps=int(length) if length else None,
        lr_wsd_decay_style=flags.get("--lr-wsd-decay-style"),
    )
    for samples_seen in range(200):
        theirs.num_steps = samples_seen
        assert rate_at(rates, samples_seen) == pytest.approx(theirs.get_lr({}), rel=1e-12)
