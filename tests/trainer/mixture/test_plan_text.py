"""A plan with other blends is the same text, wherever its YAML lets it be; and says the same as the dumped one."""

import dataclasses
from pathlib import Path

import pytest

from datapipe.recipe import Sampling
from trainer.load import loads
from trainer.mixture.plan_text import Changes, dumped, edited
from trainer.plan import DomainBlend, Plan

BLENDS = {
    "proposed": {
        "english": DomainBlend(0.1 + 0.2, Sampling(weights={"web": 0.25, "c++ books": 0.75})),
        "no": DomainBlend(1 - (0.1 + 0.2), Sampling(weights={"1e5": 1.0})),
    }
}
HEAD = """\
# Kept.
name: small
output: out/small  # where it goes
model: {preset: nemotron4_15b}
sizes: {english: {web: 1_000_000, "c++ books": 500_000}, no: {"1e5": 500_000}}
"""
BLOCK_PHASES = """\
phases:
  - name: one   # the first
    tokens: 1_000_000
    batch: 8
    learning_rate: [{shape: constant, start: 1e-3}]
  # and now
  - tokens: 1_000_000
    name: two
    batch: 8
    blend: mix
"""
FLOW_PHASES = """\
phases: [{name: one, tokens: 1_000_000, batch: 8, learning_rate: [{shape: constant, start: 1e-3}]},
         {tokens: 1_000_000, name: two, blend: mix, batch: 8}]
"""
BLOCK_BLENDS = """\
blends:
  # today's
  mix:
    english: {weight: 0.5}
    no: {weight: 0.5}
"""
FLOW_BLENDS = "blends: {mix: {english: {weight: 0.5}, no: {weight: 0.5}}}\n"


def changes(names: tuple[str, ...] = ("one", "two")) -> Changes:
    return Changes(BLENDS, dict.fromkeys(names, "proposed"), "out/other", None, Path("/far"))


def what(plan: Plan) -> tuple[object, ...]:
    """What a plan says of what was changed."""
    return plan.output, plan.blends, [phase.blend for phase in plan.phases], [phase.tokens for phase in plan.phases]


@pytest.mark.parametrize("phases", [BLOCK_PHASES, FLOW_PHASES])
@pytest.mark.parametrize("blends", [BLOCK_BLENDS, FLOW_BLENDS])
@pytest.mark.parametrize("blends_last", [False, True])
def test_text_and_data_say_the_same(phases: str, blends: str, blends_last: bool) -> None:
    text = HEAD + (phases + blends if blends_last else blends + phases)
    new = edited(text, changes())

    assert new is not None
    found = loads(new)
    assert what(found) == what(loads(dumped(loads(text), changes())))
    assert found.blends["proposed"] == BLENDS["proposed"]
    assert [phase.blend for phase in found.phases] == ["proposed", "proposed"]
    assert found.blends["mix"] == loads(text).blends["mix"]


def test_comments_and_all_other_lines_stay() -> None:
    new = edited(HEAD + BLOCK_BLENDS + BLOCK_PHASES, changes())

    assert new is not None
    gone = set((HEAD + BLOCK_BLENDS + BLOCK_PHASES).splitlines()) - set(new.splitlines())
    assert gone == {"output: out/small  # where it goes", "    blend: mix"}
    assert "output: out/other  # where it goes" in new


def test_a_plan_without_blends_gets_them_at_its_end() -> None:
    text = HEAD + BLOCK_PHASES.replace("    blend: mix\n", "")
    new = edited(text.rstrip("\n"), changes())

    assert new is not None
    assert loads(new).blends == BLENDS
    assert new.startswith(HEAD.replace("out/small ", "out/other "))


def test_a_plan_in_braces_is_dumped() -> None:
    text = "{name: small, output: out/small}"

    assert edited(text, changes()) is None


def test_files_of_tokens_stand_where_they_stood() -> None:
    text = """\
name: small
output: out/small
model: {preset: nemotron4_15b}
megatron: {vocab_size: 256000, units: {english: {web: [tokens/web*, /absolute/web]}}}
blends: {mix: {english: {weight: 1}}}
phases: [{name: one, tokens: 1_000_000, batch: 8, blend: mix, learning_rate: [{shape: constant, start: 1e-3}]}]
"""
    web = {"proposed": {"english": DomainBlend(1.0, Sampling(weights={"web": 1.0}))}}
    other = dataclasses.replace(changes(("one",)), blends=web)
    new = edited(text, other)

    assert new is not None
    for said in (new, dumped(loads(text), other)):
        megatron = loads(said).megatron
        assert megatron is not None
        assert megatron.units == {"english": {"web": ("/far/tokens/web*", "/absolute/web")}}
