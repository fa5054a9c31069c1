"""Seconds that datatrove takes for documents: Gopher repetition, Gopher quality and FineWeb quality, one after another.

Runs in an environment of its own. Each document goes through all three filters, as they are by default: a filter stops
at its first rule that fails. Reads `{"texts": [...], "rounds": 5}`; prints processor seconds of each round by splitter.
"""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from datatrove.data import Document
from datatrove.pipeline.filters import FineWebQualityFilter, GopherQualityFilter, GopherRepetitionFilter
from datatrove.utils.word_tokenizers import WordTokenizer


class WhitespaceSplitter(WordTokenizer):
    """Words as `str.split` gives them."""

    def word_tokenize(self, text: str) -> list[str]:
        """Words of a text."""
        return text.split()

    def sent_tokenize(self, text: str) -> list[str]:
        """Not asked for by these filters."""
        return [text]

    def span_tokenize(self, text: str) -> list[tuple[int, int]]:
        """Not asked for by these filters."""
        return [(0, len(text))]


def seconds_of_rounds(texts: list[str], language: str | WordTokenizer, rounds: int) -> Iterator[float]:
    """Processor seconds of each round, after a warm-up."""
    filters = [kind(language=language) for kind in (GopherRepetitionFilter, GopherQualityFilter, FineWebQualityFilter)]
    documents = [Document(text=text, id=str(number)) for number, text in enumerate(texts)]
    for number in range(rounds + 1):
        start = time.process_time()
        for document in documents if number else documents[:10]:
            for one in filters:
                one.filter(document)
        if number:
            yield time.process_time() - start


def main() -> None:
    """Answer the question in the file of the first argument."""
    question = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    splitters = {"datatrove": "eng", "datatrove_whitespace": WhitespaceSplitter()}
    answer = {
        name: list(seconds_of_rounds(question["texts"], splitter, question["rounds"]))
        for name, splitter in splitters.items()
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
