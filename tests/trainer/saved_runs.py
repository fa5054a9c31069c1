"""Runs as training leaves them, with random weights: a checkpoint, the plan's text, and the tokens' tokenizer."""

import dataclasses
import functools
from pathlib import Path

import torch
from small_models import random_model

from tests.tokenizer.sentencepiece_models import trained
from tokenizer.encoding.manifest import Manifest, write_manifest
from tokenizer.model_file import Model, read_model
from trainer.checkpoint import State, save
from trainer.checkpointing.record import Record, Terms, Vocabulary
from trainer.course import Course
from trainer.model import Transformer
from trainer.shapes import Shape

SEQ_LEN = 64
PLAN = """
name: small
output: run
data: data
tokenizer: small
model: {n_layer: 2, n_head: 4, n_kv_head: 2, d_model: 32, d_head: 16}
phases: [{name: all, tokens: 1000, batch: 2, learning_rate: [{shape: constant, start: 0.001}]}]
"""


@functools.cache
def tokenizer(text: str = "All human beings are born free and equal in dignity and rights.\n\tif 1948:") -> Model:
    """A small SentencePiece model with the settings of the project."""
    return read_model(trained((text,), vocab_size=320, user_defined_symbols=["\n", "\t"]), "tokenizer.model")


def shape(**changes: object) -> Shape:
    """Grouped queries, heads that are not d_model / n_head wide, a quarter of them rotated."""
    sizes = Shape(2, 4, 2, 32, 48, 16, tokenizer().vocab_size, rope_fraction=0.25, rope_base=500.0, norm_eps=1e-6)
    return dataclasses.replace(sizes, **changes)  # type: ignore[arg-type]


def record(of: Shape, vocabulary: str | None = None, samples_seen: int = 20) -> Record:
    course = Course(17, SEQ_LEN, {}, "data-1", (), ())
    fingerprint = tokenizer().fingerprint if vocabulary is None else vocabulary
    terms = Terms(course, of, Vocabulary("small", fingerprint))
    return Record("small", samples_seen, 5, terms, plan=PLAN)


def saved_run(root: Path, of: Shape | None = None, vocabulary: str | None = None) -> tuple[Path, Transformer]:
    """Folder of a run below `root` with one checkpoint, and the model in it."""
    sizes = of or shape()
    model = random_model(sizes, std=0.1)
    save(root / "run", State(record(sizes, vocabulary), dict(model.named_parameters()), {}))
    tokens = root / "data" / "tokens" / "small"
    tokens.mkdir(parents=True, exist_ok=True)
    (tokens / "tokenizer.model").write_bytes(tokenizer().data)
    found = tokenizer()
    write_manifest(
        str(tokens),
        Manifest("small", "0", "0", found.fingerprint, found.vocab_size, "uint16", None, 3, "native", SEQ_LEN, {}, {}),
    )
    return root / "run", model.requires_grad_(False)


def greedy(model: Transformer, prompt: list[int], tokens: int) -> list[int]:
    """The likeliest continuation, each token from all before it, without a cache."""
    ids = list(prompt)
    for _ in range(tokens):
        ids.append(int(model.logits(model(torch.tensor([ids])))[0, -1].argmax()))
    return ids[len(prompt) :]
