"""A tokenizer recipe that loads is one that runs; another says in one line where, what, and what is possible."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from datapipe.loading.located_yaml import RecipeError
from tokenizer.load import load, loads
from tokenizer.recipe import Count, Encode, Evaluate, Gate, Symbols, TokenizerRecipe, Train, Unimax, Weights
from tokenizer.symbols import fixed_pieces, user_symbols

RECIPES = Path(__file__).parents[2] / "recipes"
HEAD = "name: small\ndata: out/small\noutput: out/small-tokenizer\n"
FIXED = 1_125
"""Pieces that no data decides, by default: 4 specials, 3 + 100 controls, new line, tab, 760 digits, 256 bytes."""


def recipe(rest: str = "", *settings: str) -> TokenizerRecipe:
    return loads(HEAD + rest, "tokenizer.yaml", settings)


def changed(old: str, new: str) -> str:
    assert HEAD.count(old) == 1
    return HEAD.replace(old, new)


def error(text: str, *settings: str) -> str:
    """What loading says behind the name of the file: always one line with a number."""
    with pytest.raises(RecipeError) as caught:
        loads(text, "tokenizer.yaml", settings)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    assert re.match(r"tokenizer\.yaml:\d+: ", message), message
    return message.removeprefix("tokenizer.yaml:")


@pytest.mark.parametrize("path", sorted(RECIPES.glob("*/tokenizer.yaml")), ids=lambda path: path.parent.name)
def test_every_tokenizer_recipe_that_ships_loads(path: Path) -> None:
    found = load(path)
    assert found.folder == path.parent
    assert (found.name, found.data) == (path.parent.name, f"out/{path.parent.name}")


def test_three_keys_are_enough_and_the_others_carry_the_properties_of_the_paper() -> None:
    found = recipe()
    assert (found.name, found.data, found.output) == ("small", "out/small", "out/small-tokenizer")
    assert found.symbols == Symbols(("\n", "\t"), "every_script")
    assert found.train.vocab_sizes == (256_000,)
    assert (found.train.fim, found.train.reserved) == (("<fim_prefix>", "<fim_middle>", "<fim_suffix>"), 100)
    assert (found.encode.bos, found.encode.eos, found.encode.seq_len) == (False, True, 4096)
    assert (found.file, found.text, found.folder) == ("tokenizer.yaml", HEAD, Path.cwd())


def test_a_recipe_is_what_its_text_says() -> None:
    found = recipe(
        """\
symbols: {user_defined: ["\\n", "\\r\\n", é], split_digits: none}
count: {domains: [english], max_bytes: 5, max_fragment_bytes: 64}
train:
  vocab_sizes: [2_048, 1024]
  weights: {unimax: {max_epochs: 2.5}}
  fim: []
  reserved: 0
encode: {vocab_size: 1024, bos: true, eos: false, seq_len: 256}
evaluate: {gates: [{metric: bytes_per_token, group: english/web, min: 3, max: 3}]}
"""
    )
    assert found.symbols == Symbols(("\n", "\r\n", "é"), "none")
    assert found.count == Count(("english",), 5, 64)
    assert found.train == Train((2048, 1024), Weights(unimax=Unimax(2.5)), fim=(), reserved=0)
    assert found.encode == Encode(1024, bos=True, eos=False, seq_len=256)
    assert found.evaluate == Evaluate(gates=(Gate("bytes_per_token", "english/web", 3, 3),))
    assert found.tokenizer(1024) == "small-1024"


def test_the_pieces_that_no_data_decides_are_counted() -> None:
    found = recipe()
    digits = [symbol for symbol in user_symbols(found.symbols) if symbol.isdecimal()]
    assert len(fixed_pieces(found.symbols, found.train)) == FIXED == 4 + 3 + 100 + 2 + 760 + 256
    assert len(set(user_symbols(found.symbols))) == 762
    assert not set("0123456789") & set(digits)  # these SentencePiece keeps apart by itself


@pytest.mark.parametrize("size", [FIXED // 128 * 128 + 128, 256_000])
def test_a_size_that_leaves_room_for_learning_loads(size: int) -> None:
    assert recipe(f"train: {{vocab_sizes: [{size}]}}").train.vocab_sizes == (size,)


def test_settings_change_one_value_and_are_checked_like_it() -> None:
    found = recipe("", "train.vocab_sizes=[32000]", "encode.eos=false")
    assert (found.train.vocab_sizes, found.encode.eos) == ((32_000,), False)
    assert found.settings == ("train.vocab_sizes=[32000]", "encode.eos=false")
    assert error(HEAD, "train.reserved=many") == "1: train.reserved: expected an integer, found 'many'"


def mistakes() -> Iterator[tuple[str, str]]:
    """Of `mistakes.txt`: what stands below the three good lines, and how the error begins."""
    lines = (Path(__file__).parent / "mistakes.txt").read_text("utf-8").splitlines()
    entries = [line for line in lines if line and not line.startswith("#")]
    for rest, message in zip(entries[::2], entries[1::2], strict=True):
        yield rest.replace("\\n", "\n"), message.strip()


@pytest.mark.parametrize(("rest", "message"), list(mistakes()))
def test_a_mistake_is_told_by_its_line_its_place_and_what_is_possible(rest: str, message: str) -> None:
    assert error(HEAD + rest).startswith(message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "1: expected a mapping of recipe keys, found null"),
        ("[a]", '1: expected a mapping of recipe keys, found ["a"]'),
        ("name: small\ndata: out/small", "1: key 'output' is missing"),
        ("name: small\noutput: out/small", "1: key 'data' is missing"),
        (changed("name: small", "name: Small"), "1: name: expected text that matches "),
        (changed("name: small", "name: ["), "3: not valid YAML: "),
        (changed("data: out/small", "data: ''"), "2: data: expected text, found ''"),
        (changed("data: out/small", "data: https://a/b"), "2: data: 'https://a/b': URLs are read only; expected a "),
        (changed("out/small-tokenizer", "http://a/b"), "3: output: 'http://a/b': URLs are read only; expected a fold"),
        (changed("-tokenizer", "/"), "3: output: the run's folder has a writer of its own: choose another one"),
        (changed("-tokenizer", "/tokens/a"), "3: output: out/small/tokens/a is where tokens go: choose another folder"),
    ],
)
def test_a_recipe_without_what_every_recipe_needs_is_one_line(text: str, message: str) -> None:
    assert error(text).startswith(message)


def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"no\.yaml: cannot be read: No such file or directory$"):
        load(tmp_path / "no.yaml")
