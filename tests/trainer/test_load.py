"""A plan that loads is one that can be reckoned; another says in one line where, what, and what is possible."""

from pathlib import Path

from datapipe.recipe import Sampling
from trainer.load import loads
from trainer.plan import DomainBlend, Plan

RECIPES = Path(__file__).parents[2] / "recipes"
HEAD = """\
name: small
output: out/small-model
data: out/small
tokenizer: small-8192
model: {preset: nemotron4_15b}
phases: [{name: one, tokens: 10_000_000, batch: 8, learning_rate: [{shape: constant, start: 1e-3}]}]
"""


def plan(rest: str = "", *settings: str) -> Plan:
    return loads(HEAD + rest, "plan.yaml", settings)


def test_a_blend_is_a_mapping_of_domains() -> None:
    found = plan("blends: {a: {english: {weight: 0.7}, code: {weight: 0.3, sampling: {alpha: 1.3}}}}")
    assert found.blends == {"a": {"english": DomainBlend(0.7), "code": DomainBlend(0.3, Sampling(alpha=1.3))}}
