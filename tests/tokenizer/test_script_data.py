"""The table of scripts holds what the installed SentencePiece believes, for every code point that it names."""

import itertools

from tests.tokenizer.plain_fragments import scripts
from tokenizer.kernels.generate_script_data import SET_APART, agreed, pieces_of, stand_ins


def test_the_library_agrees_about_every_code_point_of_the_table() -> None:
    known = {character: script for character, script in scripts().items() if character not in SET_APART}
    chosen = stand_ins(known)
    assert set(chosen) == set(known.values())
    assert sorted(set(known) - agreed(known, chosen)) == []


def test_the_library_merges_no_two_scripts_of_the_table() -> None:
    chosen = stand_ins({character: script for character, script in scripts().items() if character not in SET_APART})
    assert pieces_of([a + b for a, b in itertools.permutations(chosen.values(), 2)]) == set()


def test_most_text_has_a_script() -> None:
    assert len(scripts()) > 125_000
    for character, script in {"a": "Latn", "я": "Cyrl", "中": "Hani", "の": "Hani", "ー": "Hani", ",": "Zyyy"}.items():
        assert scripts()[character] == script
    assert "\u0301" not in scripts()
