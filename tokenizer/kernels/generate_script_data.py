"""Write `script_data.py`: the script of every code point that SentencePiece sees as the Unicode standard does.

    pip install fonttools==4.68.0 sentencepiece==0.2.3
    python -m tokenizer.kernels.generate_script_data

The standard's property comes from `fontTools`. The library's table is older and cannot be asked, so it is found out:
two characters are of one script for it where its trainer makes a piece of them (`pieces_of`). What it does not know,
it takes for Common; such code points, Inherited and unassigned ones are left out, and nothing is ever cut beside them.
"""

import io
import itertools
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

INHERITED, UNKNOWN = "Zinh", "Zzzz"
ONE_SCRIPT = {"Hira": "Hani", "Kana": "Hani"}
"""SentencePiece takes Hiragana and Katakana for Han (`IsValidSentencePiece` of its trainer),"""
PROLONGED = "ー"
"""and U+30FC, which is Common in the standard."""
SET_APART = frozenset("\t\n\r \u2581\u2585\0")
"""Characters that the trainer keeps for itself, or that a table of counts cannot hold; Common in the standard."""
PAIRS_AT_ONCE = 40_000


def seen_script(character: str, script: str) -> str:
    """The script that SentencePiece works with, given that of the standard."""
    return "Hani" if character == PROLONGED else ONE_SCRIPT.get(script, script)


def pieces_of(pairs: Sequence[str]) -> set[str]:
    """Which of these strings of two characters SentencePiece makes a piece of, when nothing but scripts forbids it."""
    import sentencepiece

    found: set[str] = set()
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "pairs.tsv"
        for at in range(0, len(pairs), PAIRS_AT_ONCE):
            some = pairs[at : at + PAIRS_AT_ONCE]
            table.write_text("".join(f"{pair}\t10\n" for pair in some), encoding="utf-8", newline="")
            model = io.BytesIO()
            sentencepiece.SentencePieceTrainer.train(
                input=str(table),
                input_format="tsv",
                model_writer=model,
                model_type="bpe",
                vocab_size=len(some) + len(set("".join(some))) + 3,
                hard_vocab_limit=False,
                normalization_rule_name="identity",
                remove_extra_whitespaces=False,
                add_dummy_prefix=False,
                character_coverage=1.0,
                minloglevel=2,
            )
            processor = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
            found.update(processor.id_to_piece(list(range(processor.get_piece_size()))))
    return found.intersection(pairs)


def stand_ins(scripts: Mapping[str, str]) -> dict[str, str]:
    """A character for each script that the library knows: the one of some that most of the others merge with."""
    members: dict[str, list[str]] = defaultdict(list)
    for character, script in scripts.items():
        members[script].append(character)
    some = {script: sorted({ones[len(ones) * k // 10] for k in range(10)}) for script, ones in members.items()}
    merged = pieces_of([a + b for ones in some.values() for a, b in itertools.permutations(ones, 2)])
    common = pieces_of([character + "$" for ones in some.values() for character in ones])
    chosen = {"Zyyy": "$"}
    for script, ones in some.items():
        known = [one for one in ones if one + "$" not in common]
        if known and script not in chosen:
            chosen[script] = max(known, key=lambda one: sum(one + other in merged for other in ones))
    return chosen


def agreed(scripts: Mapping[str, str], chosen: Mapping[str, str]) -> set[str]:
    """The characters that the library takes for what `scripts` says: they merge with their script, with no other."""
    own = {one: chosen[script] for one, script in scripts.items() if script in chosen}
    strange = {one: "א" if script == "Latn" else "a" for one, script in scripts.items()}
    joined = pieces_of([one + other for one, other in own.items() if one != other])
    inherited = pieces_of([one + other for one, other in strange.items()])
    return {
        one
        for one, other in own.items()
        if (one == other or one + other in joined) and one + strange[one] not in inherited
    }


def standard_scripts(code_points: Iterable[str]) -> dict[str, str]:
    """The script of each character that has one and can be asked about."""
    from fontTools.unicodedata import script  # type: ignore[import-not-found,import-untyped,unused-ignore]

    found = {one: seen_script(one, script(one)) for one in code_points if one not in SET_APART}
    return {one: name for one, name in found.items() if name not in (INHERITED, UNKNOWN)}


def main() -> None:
    """Write the file beside this one."""
    import unicodedata2

    from datapipe.kernels.generate_unicode_classes import CODE_POINTS, HEADER, ranges, table

    scripts = standard_scripts(CODE_POINTS)
    sure = agreed(scripts, stand_ins(scripts)) | SET_APART
    header = HEADER.replace("{version}", unicodedata2.unidata_version).rstrip("\n")
    about = "about scripts, where SentencePiece 0.2.3 agrees"
    lines = [
        header.replace("about every code point", about).replace("unicode_classes", "script_data"),
        *table(
            "SCRIPTS",
            "ISO 15924 code of the script, Zyyy for Common; Hani is also Hiragana, Katakana and U+30FC.",
            ranges(lambda one: scripts.get(one, "Zyyy") if one in sure else ""),
        ),
    ]
    Path(__file__).with_name("script_data.py").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
