"""The flags that SentencePiece is trained with: one for each property that the vocabulary must have.

| property | flag | library's default |
| --- | --- | --- |
| BPE of this size, symbols and bytes included | `model_type=bpe`, `vocab_size` | unigram |
| fewer pieces where there is nothing more to merge; we say so then | `hard_vocab_limit=false` | true, gives no model |
| text is never changed | `normalization_rule_name=identity` | `nmt_nfkc` |
| all spaces are kept | `remove_extra_whitespaces=false` | true |
| no space is invented: decode(encode(x)) == x | `add_dummy_prefix=false` | true |
| runs of spaces are pieces (indentation) | `allow_whitespace_only_pieces=true` | false |
| a piece never goes on behind a space, or in another script | `split_by_whitespace`, `split_by_unicode_script` | true |
| ASCII and full-width digits stand apart | `split_digits=true`, `split_by_number=true` | false, true |
| each digit but 0 to 9, new line and tab are pieces | `user_defined_symbols` | none |
| what has no piece becomes bytes, never unknown | `byte_fallback=true` | false |
| rare characters have no piece | `character_coverage` | 0.9995 |
| length of pieces | `max_sentencepiece_length` | 16 |
| symbols for training that no text can spell | `control_symbols` | none |
| ids 0 to 3 | `unk_id=0`, `pad_id=1`, `bos_id=2`, `eos_id=3` | 0, -1, 1, 2 |
| rows are `fragment TAB count` | `input_format=tsv` | text |
| no row is too long | `max_sentence_length` = 2**30, the most there is | 4192 bytes, longer ones vanish |
"""

from tokenizer.recipe import Symbols, Train
from tokenizer.symbols import BEGIN, END, PADDING, UNKNOWN, control_symbols, user_symbols

Flags = dict[str, str | int | float | bool | list[str]]

MAX_ROW_BYTES = 1 << 30
"""The largest `max_sentence_length` that SentencePiece takes."""
THREADS = 1
"""More are used only while rows are read, which takes seconds, and each then holds a table of its own."""


def sentencepiece_flags(train: Train, symbols: Symbols, vocab_size: int) -> Flags:
    """All flags but where rows come from: `input_format` and `input`, or an iterator."""
    return {
        "model_type": "bpe",
        "vocab_size": vocab_size,
        "hard_vocab_limit": False,
        "normalization_rule_name": "identity",
        "remove_extra_whitespaces": False,
        "add_dummy_prefix": False,
        "allow_whitespace_only_pieces": True,
        "split_by_whitespace": True,
        "split_by_unicode_script": True,
        "split_digits": symbols.split_digits != "none",
        "split_by_number": True,
        "byte_fallback": True,
        "character_coverage": train.character_coverage,
        "max_sentencepiece_length": train.max_piece_length,
        "control_symbols": list(control_symbols(train)),
        "user_defined_symbols": list(user_symbols(symbols)),
        "unk_id": 0, "pad_id": 1, "bos_id": 2, "eos_id": 3,
        "unk_piece": UNKNOWN, "pad_piece": PADDING, "bos_piece": BEGIN, "eos_piece": END,
        "max_sentence_length": MAX_ROW_BYTES,
        "input_sentence_size": 0,
        "num_threads": THREADS,
    }  # fmt: skip
