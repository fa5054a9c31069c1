"""A SentencePiece BPE model as a tokenizer of Hugging Face's `tokenizers`, and the files that load it.

SentencePiece merges the neighbours whose joined piece has the highest score; `tokenizers` merges the pair that stands
first in a list. The list is therefore all two-way splits of every piece, by the score of the piece. Where two splits of
one piece overlap, SentencePiece takes the left one, the list the pair of smaller ids: no trained model is known where
that tells (165,000 texts over one to four letters), and `tokenizer.exporting.proof` looks before any file is left.
"""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from datapipe.output import RunError
from tokenizer.model_file import SPACE, Model, Piece

if TYPE_CHECKING:
    from tokenizers import AddedToken, Tokenizer

PLACE_OF_WORDS = f"{SPACE}+[^{SPACE}]*"
"""Between matches nothing merges in a model without pieces that go on with a space behind something else."""
NAMED = {"unk_token": "unk_id", "bos_token": "bos_id", "eos_token": "eos_id", "pad_token": "pad_id"}
"""What `transformers` calls the special pieces, and what `Model` does."""


def refusal(model: Model) -> str | None:
    """Why the model has no exact counterpart in `tokenizers`; None where it has one."""
    kinds = {piece.kind for piece in model.pieces}
    found = {
        f"is of type {model.model_type}; only bpe has a counterpart": model.model_type != "bpe",
        "normalises text; only models of the rule `identity` have a counterpart": not model.is_identity,
        "removes spaces (remove_extra_whitespaces)": model.remove_extra_whitespaces,
        "keeps spaces as they are (escape_whitespaces is off)": not model.escape_whitespaces,
        "puts spaces behind words (treat_whitespace_as_suffix)": model.treat_whitespace_as_suffix,
        "does not fall back to bytes: unknown characters decode to other text": not model.byte_fallback,
        "puts a space in front of texts, which `tokenizers` puts in front of user-defined symbols too (it has some of "
        "several characters)": model.add_dummy_prefix and any(map(_is_matched, model.pieces)),
        "has unused pieces, which only SentencePiece takes apart again": "unused" in kinds,
    }
    return next((why for why, applies in found.items() if applies), None) or _equal_scores(model)


def _equal_scores(model: Model) -> str | None:
    seen: dict[float, str] = {}
    for piece in model.pieces:
        if piece.kind == "normal" and len(piece.text) > 1:
            other = seen.setdefault(piece.score, piece.text)
            if other != piece.text:
                return f"has pieces of the same score, {other!r} and {piece.text!r}: their order is the text's"
    return None


def converted(model: Model) -> "Tokenizer":
    """The same tokenizer in `tokenizers`. Raises RunError, in one line, where there can be none, or no library."""
    if (why := refusal(model)) is not None:
        raise RunError(f"{model.name}: cannot be exported: it {why}")
    try:
        from tokenizers import Tokenizer, models
    except ImportError:
        raise RunError("export needs the library `tokenizers`: pip install 'corpusmill[hf]'") from None
    vocabulary = {piece.text: number for number, piece in enumerate(model.pieces)}
    unknown = model.pieces[model.unk_id].text if model.unk_id >= 0 else None
    bpe = models.BPE(vocabulary, list(merges(model)), unk_token=unknown, fuse_unk=True, byte_fallback=True)
    tokenizer = Tokenizer(bpe)
    _set_spaces(tokenizer, model)
    tokenizer.add_special_tokens(
        [_added(piece, True) for piece in model.pieces if piece.kind in ("control", "unknown")]
    )
    tokenizer.add_tokens([_added(piece, False) for piece in model.pieces if _is_matched(piece)])
    return tokenizer


def loaded(tokenizer_json: bytes) -> "Tokenizer":
    """What is in a `tokenizer.json`, with control symbols as SentencePiece has them: the text `<s>` is text.

    That setting is no part of the file. `transformers` reads it in `tokenizer_config.json` (`split_special_tokens`);
    who loads the file with `tokenizers` alone sets it as here, or `<s>` in a text becomes the control symbol.
    """
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_buffer(tokenizer_json)
    tokenizer.encode_special_tokens = True
    return tokenizer


def merges(model: Model) -> Iterator[tuple[str, str]]:
    """All splits of normal pieces into two normal pieces, in the order in which they merge."""
    ids = {piece.text: number for number, piece in enumerate(model.pieces) if piece.kind == "normal"}
    for whole in sorted(ids, key=lambda text: -model.pieces[ids[text]].score):
        cuts = [at for at in range(1, len(whole)) if whole[:at] in ids and whole[at:] in ids]
        for at in sorted(cuts, key=lambda at: (ids[whole[:at]], ids[whole[at:]])):
            yield whole[:at], whole[at:]


def _set_spaces(tokenizer: "Tokenizer", model: Model) -> None:
    from tokenizers import Regex, decoders, normalizers, pre_tokenizers

    escape = normalizers.Replace(" ", SPACE)
    unescape = [decoders.Replace(SPACE, " "), decoders.ByteFallback(), decoders.Fuse()]
    if model.add_dummy_prefix:
        tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend(SPACE), escape])
        tokenizer.decoder = decoders.Sequence([*unescape, decoders.Strip(" ", 1, 0)])
    else:
        tokenizer.normalizer = escape
        tokenizer.decoder = decoders.Sequence(unescape)
    if not any(_spans_words(piece) for piece in model.pieces):  # without it, long texts take many times as long
        tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(PLACE_OF_WORDS), "isolated")


def _spans_words(piece: Piece) -> bool:
    """Whether a space stands behind something else in it."""
    return piece.kind == "normal" and SPACE in piece.text.lstrip(SPACE)


def _is_matched(piece: Piece) -> bool:
    """Whether text must be searched for this symbol: of one character it is found as a character, and takes part in no
    merge; SentencePiece itself never finds one with a space (it looks in text where spaces are U+2581)."""
    return piece.kind == "user_defined" and len(piece.text) > 1 and " " not in piece.text


def _added(piece: Piece, is_special: bool) -> "AddedToken":
    """Control symbols are matched in the text as it is, if at all; user symbols where spaces are U+2581 already."""
    from tokenizers import AddedToken

    return AddedToken(piece.text, normalized=not is_special, special=is_special)


def files(model: Model, tokenizer: "Tokenizer") -> dict[str, bytes]:
    """What `transformers.AutoTokenizer` and `tokenizers.Tokenizer` load, by name. The same bytes on every machine."""
    named = {key: model.pieces[number].text for key, of in NAMED.items() if (number := getattr(model, of)) >= 0}
    others = [one.text for one in model.pieces if one.kind == "control" and one.text not in named.values()]
    config = {
        **named,
        "tokenizer_class": "PreTrainedTokenizerFast",
        "add_bos_token": False,
        "add_eos_token": False,
        "clean_up_tokenization_spaces": False,  # it would change the text that decode returns
        "split_special_tokens": True,  # `<s>` in a text is text, as in SentencePiece
    }
    special = {**named, "additional_special_tokens": others}
    return {
        "tokenizer.json": tokenizer.to_str().encode(),
        "tokenizer_config.json": _json(config),
        "special_tokens_map.json": _json(special),
    }


def _json(content: dict[str, object]) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()
