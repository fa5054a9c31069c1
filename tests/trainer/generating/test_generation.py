"""Generation with a cache, in batches of prompts of any length, is what the model would say without either."""

import dataclasses

import torch
from saved_runs import greedy
from small_models import SMALL, random_ids, random_model

from trainer.attention import Cache
from trainer.generating.generation import Row, generate
from trainer.generating.sampling import Sampling, generators

MODEL = random_model().requires_grad_(False)
PROMPTS = [[5], [1, 2, 3, 4, 5, 6, 7], [9, 8, 7]]


def continued(
    prompts: list[list[int]], tokens: int = 8, seq_len: int = 64, seed: int = 1, **given: object
) -> list[Row]:
    rows = [Row(prompt, one) for prompt, one in zip(prompts, generators(seed, len(prompts)), strict=True)]
    sampling = given.pop("sampling", Sampling(temperature=0))
    end = given.pop("end", None)
    for _ in generate(
        MODEL,
        rows,
        tokens=tokens,
        seq_len=seq_len,
        sampling=sampling,  # type: ignore[arg-type]
        is_end=lambda row: row.ids[-1] == end,
        **given,  # type: ignore[arg-type]
    ):
        pass
    return rows


def test_logits_with_a_cache_are_those_without() -> None:
    ids = random_ids(2, 24)
    cache = Cache(SMALL, 2, 24, torch.float32)
    parts = [MODEL(part, cache=cache) for part in ids.split([7, 1, 1, 12, 3], dim=1)]
    assert (MODEL.logits(torch.cat(parts, 1)) - MODEL.logits(MODEL(ids))).abs().max() < 1e-4


def test_every_row_says_what_it_would_say_alone_and_without_a_cache() -> None:
    assert [row.ids for row in continued(PROMPTS)] == [greedy(MODEL, prompt, 8) for prompt in PROMPTS]
    assert all(row.is_done for row in continued(PROMPTS))


def test_a_row_ends_behind_the_token_that_ends_it_and_others_go_on() -> None:
    expected = [greedy(MODEL, prompt, 8) for prompt in PROMPTS]
    end = expected[1][2]
    cut = [ids[: ids.index(end) + 1] if end in ids else ids for ids in expected]
    assert [row.ids for row in continued(PROMPTS, end=end)] == cut
    assert len(cut[1]) <= 3 < len(cut[0])


def test_no_row_is_read_beyond_the_sequence_length() -> None:
    rows = continued(PROMPTS, tokens=20, seq_len=10)
    # Ten tokens are read; the last of them still has a next one.
    assert [len(row.prompt) + len(row.ids) for row in rows] == [11, 11, 11]
    assert not any(row.is_done for row in rows)
    assert [row.ids for row in rows] == [greedy(MODEL, prompt, 11 - len(prompt)) for prompt in PROMPTS]


def test_draws_are_a_row_s_own_and_the_same_for_the_same_seed() -> None:
    warm = Sampling(temperature=2.0, top_k=50)
    first = [row.ids for row in continued(PROMPTS, seed=4, sampling=warm)]
    assert first == [row.ids for row in continued(PROMPTS, seed=4, sampling=warm)]
    assert first[2] == continued([PROMPTS[2]], seed=6, sampling=warm)[0].ids
    assert first != [row.ids for row in continued(PROMPTS, seed=5, sampling=warm)]


def test_ids_of_a_padded_vocabulary_are_never_said() -> None:
    logits = MODEL.logits(MODEL(torch.tensor([PROMPTS[1]])))[0, -1]
    likeliest = int(logits.argmax())
    (row,) = continued([PROMPTS[1]], tokens=1, pieces=likeliest)
    assert row.ids == [int(logits[:likeliest].argmax())]


def test_rope_positions_go_on_behind_a_long_cache() -> None:
    long = random_model(dataclasses.replace(SMALL, n_layer=1)).requires_grad_(False)
    prompt = random_ids(1, 200)[0].tolist()
    row = Row(prompt, generators(0, 1)[0])
    for _ in generate(long, [row], tokens=5, seq_len=256, sampling=Sampling(temperature=0), is_end=lambda row: False):
        pass
    assert row.ids == greedy(long, prompt, 5)
