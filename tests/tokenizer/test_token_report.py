"""The table of a folder of tokens."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from datapipe.output import RunError
from tokenizer.encoding.manifest import Manifest, ShardTokens, UnitTokens, windows_of, write_manifest
from tokenizer.encoding.token_report import epochs, print_tokens, unreachable

MIXTURE = {
    "budget_tokens": 10_000,
    "domains": {"english": {"weight": 1.0, "units": {"web": {"weight": 0.75}, "a/b": {"weight": 0.25}}}},
}


def unit(*tokens: int) -> UnitTokens:
    """A unit of shards with so many tokens, 2 bytes each."""
    return UnitTokens.of([ShardTokens("p", 5, 2 * one, one, windows_of(one, 32), {}) for one in tokens], 32)


@pytest.fixture
def folder(tmp_path: Path) -> str:
    """Tokens of two units, one too small for a window, in the folder of a run."""
    tokens = tmp_path / "tokens" / "letters-384"
    units = {"english": {"a/b": unit(30), "web": unit(3000, 2000)}}
    whole = Manifest(
        "letters-384", "f", "0", "a", 384, "uint16", None, 3, "native", 32, units, {"english": {"web": unit(100)}}
    )
    write_manifest(str(tokens), whole)
    (tmp_path / "mixture.json").write_text(json.dumps(MIXTURE))
    return str(tokens)


def printed(folder: str) -> list[list[str]]:
    """The words of every line."""
    out = io.StringIO()
    print_tokens(folder, Console(file=out, width=80))
    lines = out.getvalue().splitlines()
    assert max(map(len, lines)) <= 80 + len(folder)
    return [line.replace("\u00a0", " ").split() for line in lines]


def test_rows_are_domains_units_and_sums(folder: str) -> None:
    lines = printed(folder)

    assert ["web", "10", "10.0", "kB", "5,000", "2.00", "155", "0.8", "%", "1.50"] in lines
    assert ["a/b", "5", "60", "B", "30", "2.00", "0", "100", "%", "83.33"] in lines
    assert ["english", "15", "10.1", "kB", "5,030", "2.00", "155", "1.4", "%"] in lines
    assert ["all", "15", "10.1", "kB", "5,030", "2.00", "155", "1.4", "%"] in lines
    assert ["validation", "5", "200", "B", "100", "2.00", "3", "3.0", "%"] in lines


def test_units_that_a_trainer_cannot_draw_from_are_named(folder: str) -> None:
    line = "1 unit has a weight but no window of 33 tokens: english/a/b"
    assert line.split(" ") in printed(folder)


def test_without_a_mixture_or_budget_there_are_no_epochs(folder: str) -> None:
    (Path(folder).parents[1] / "mixture.json").unlink()

    assert ["web", "10", "10.0", "kB", "5,000", "2.00", "155", "0.8", "%"] in printed(folder)
    assert epochs(MIXTURE | {"budget_tokens": None}, "english", "web", 5000) is None
    assert epochs(MIXTURE, "english", "new", 5000) is None
    assert epochs(MIXTURE, "english", "web", 0) is None


@pytest.mark.parametrize(
    "damaged",
    [
        "",
        "[]",
        "{}",
        '{"domains": []}',
        '{"domains": {"english": {}}}',
        '{"domains": {"english": {"weight": NaN, "units": {"web": {"weight": 1.0}}}}}',
        '{"domains": {"english": {"weight": 1.0, "units": {"web": {"weight": -1.0}}}}}',
    ],
)
def test_a_damaged_mixture_is_told(folder: str, damaged: str) -> None:
    (Path(folder).parents[1] / "mixture.json").write_text(damaged)
    with pytest.raises(RunError, match=r"mixture\.json is damaged: run the recipe once more"):
        print_tokens(folder)


def test_a_unit_without_weight_need_not_be_within_reach(folder: str) -> None:
    manifest = Manifest("t", "f", "0", "a", 384, "uint16", None, 3, "native", 32, {"english": {"a/b": unit(3)}}, {})

    assert unreachable(manifest, MIXTURE) == ["english/a/b"]
    assert unreachable(manifest, {}) == []
