"""A trained model as lm-evaluation-harness asks one: likelihoods of continuations, and text up to a stop.

Contexts longer than the model's sequence lose their beginning, as they do in the harness's own models; how many did is
counted. Needs lm-eval.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from lm_eval.api.instance import Instance
from lm_eval.api.model import TemplateLM
from lm_eval.utils import get_rolling_token_windows, make_disjoint_window
from torch import Tensor

from datapipe.output import RunError
from trainer.evaluation.stop_texts import cut, ends
from trainer.generating.generation import Row, generate
from trainer.generating.run_tokenizer import RunTokenizer
from trainer.generating.sampling import Sampling
from trainer.model import Transformer

CHUNK = 512
"""Tokens whose logits exist at once."""
MAX_TOKENS = 256
"""Of an answer whose task says nothing, as in the harness's own models."""
Request = tuple[Any, list[int], list[int]]
"""What was asked, for a cache that we have not; the context's ids; the continuation's."""
Answer = tuple[float, bool]
"""Log-likelihood in nats, and whether it is what greedy decoding would say."""


class HarnessModel(TemplateLM):  # type: ignore[misc]  # lm-eval has no types
    """One model on one device."""

    def __init__(self, model: Transformer, words: RunTokenizer, seq_len: int, batch: int, seed: int = 0):
        """`batch` sequences are computed at once; `seed` is that of tasks that sample."""
        super().__init__()
        self.model, self.words, self.max_length, self.batch, self.seed = model, words, seq_len, batch, seed
        self.truncated = 0
        """Requests that lost the beginning of their context."""
        self.shortened = 0
        """Answers whose room was less than their task asks for."""

    @property
    def eot_token_id(self) -> int:
        """What stands before a text without context: as in training, the bos or the eos of the document before."""
        if not self.words.start:
            raise RunError("nothing separates documents in this model's training, so it cannot say how one begins")
        return self.words.start[0]

    def tok_encode(self, string: str, add_special_tokens: bool | None = None) -> list[int]:
        """Ids of a text, nothing added."""
        return self.words.encode(string)

    @torch.inference_mode()
    def _loglikelihood_tokens(self, requests: Sequence[Request], disable_tqdm: bool = False) -> list[Answer]:
        """Answers in the order of the requests. Those that read the same tokens, as choices of one token do, share one
        pass."""
        by_input: dict[tuple[int, ...], list[int]] = {}
        for number, (_, context, continuation) in enumerate(requests):
            by_input.setdefault(self._input(context, continuation), []).append(number)
        answers: list[Answer] = [(0.0, True)] * len(requests)
        for inputs, hidden_BTD in self._hidden(sorted(by_input, key=len, reverse=True)):
            for ids, hidden_TD in zip(inputs, hidden_BTD, strict=True):
                for number in by_input[ids]:
                    targets = requests[number][2]
                    answers[number] = self._score(hidden_TD[len(ids) - len(targets) : len(ids)], targets)
        return answers

    def _input(self, context: list[int], continuation: list[int]) -> tuple[int, ...]:
        """What the model reads: all but the last token, and of the context what there is room for."""
        if len(continuation) > self.max_length:
            raise RunError(f"a continuation of {len(continuation):,} tokens; the model reads {self.max_length:,}")
        ids = (*context, *continuation)
        self.truncated += len(ids) > self.max_length + 1
        return ids[-(self.max_length + 1) :][:-1]

    def _hidden(self, inputs: list[tuple[int, ...]]) -> Iterator[tuple[list[tuple[int, ...]], Tensor]]:
        """Last hidden states of inputs of falling length, BTD. What is behind a shorter one is no one's."""
        device = self.model.embedding.weight.device
        for first in range(0, len(inputs), self.batch):
            some = inputs[first : first + self.batch]
            rows = [[*ids, *[0] * (len(some[0]) - len(ids))] for ids in some]
            yield some, self.model(torch.tensor(rows, device=device))

    def _score(self, hidden_ND: Tensor, targets: list[int]) -> Answer:
        total, is_greedy = 0.0, True
        wanted_N = torch.tensor(targets, device=hidden_ND.device)
        for first in range(0, len(targets), CHUNK):
            wanted_C = wanted_N[first : first + CHUNK]
            logs_CV = self.model.logits(hidden_ND[first : first + CHUNK]).float().log_softmax(-1)
            total += float(logs_CV.gather(1, wanted_C[:, None]).sum())
            is_greedy = is_greedy and bool((logs_CV.argmax(-1) == wanted_C).all())
        return total, is_greedy

    def loglikelihood_rolling(self, requests: list[Instance], disable_tqdm: bool = False) -> list[float]:
        """Log-likelihood of whole texts, each token once, with as much before it as there is room for."""
        totals = []
        for (text,) in (request.args for request in requests):
            windows = get_rolling_token_windows(self.tok_encode(text), self.prefix_token_id, self.max_length, 1)
            parts: list[Request] = [(None, *make_disjoint_window(window)) for window in windows]
            totals.append(sum(total for total, _ in self._loglikelihood_tokens(parts)))
        return totals

    def generate_until(self, requests: list[Instance], disable_tqdm: bool = False) -> list[str]:
        """What follows each context, up to one of the task's stops, the end of the document, or its longest answer."""
        asked = [(number, *request.args) for number, request in enumerate(requests)]
        asked.sort(key=lambda one: (repr(one[2]), -len(one[1])))  # alike settings, and alike lengths, together
        answers = [""] * len(requests)
        while asked:
            settings = asked[0][2]
            some = [one for one in asked[: self.batch] if one[2] == settings]
            asked = asked[len(some) :]
            for (number, _, _), text in zip(some, self._continue(some, settings), strict=True):
                answers[number] = text
        return answers

    def _continue(self, asked: Sequence[tuple[int, str, Any]], settings: Mapping[str, Any]) -> list[str]:
        stops = _stops(settings)
        tokens = self._room(settings, len(asked))
        rows = [self._row(number, context, self.max_length - tokens) for number, context, _ in asked]
        for _ in generate(
            self.model,
            rows,
            tokens=tokens,
            seq_len=self.max_length,
            sampling=_sampling(settings),
            is_end=lambda row: row.ids[-1] == self.words.eos or ends(self.words.decode, row.ids, stops),
            pieces=self.words.model.vocab_size,
        ):
            pass
        return [cut(self.words.decode(row.ids), stops) for row in rows]

    def _room(self, settings: Mapping[str, Any], requests: int) -> int:
        """Tokens of the longest answer: half of the sequence at most, the rest is the context's."""
        wanted = next((settings[name] for name in MAX_NAMES if settings.get(name) is not None), MAX_TOKENS)
        room = min(int(wanted), max(1, self.max_length // 2))
        self.shortened += requests if room < int(wanted) else 0
        return room

    def _row(self, number: int, context: str, room: int) -> Row:
        ids = self.tok_encode(context) or self.words.start
        self.truncated += len(ids) > room
        return Row(ids[-room:], torch.Generator().manual_seed(self.seed + number))


MAX_NAMES = ("max_gen_toks", "max_new_tokens", "max_tokens", "max_completion_tokens")
"""What tasks call the longest answer; the first that is given counts."""


def _stops(settings: Mapping[str, Any]) -> list[str]:
    until = settings.get("until") or []
    return [one for one in ([until] if isinstance(until, str) else until) if one]


def _sampling(settings: Mapping[str, Any]) -> Sampling:
    """Greedy, unless the task samples."""
    temperature = float(settings.get("temperature") or 0.0)
    if settings.get("do_sample") is True and temperature == 0:
        temperature = 1.0
    if settings.get("do_sample") is False:
        temperature = 0.0
    top_k, top_p = settings.get("top_k") or None, settings.get("top_p")
    return Sampling(temperature, top_k, top_p)
