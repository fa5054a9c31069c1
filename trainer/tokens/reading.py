"""Samples -> rows of tokens: reads the windows that the order names."""

from concurrent.futures import ThreadPoolExecutor

from datapipe.output import RunError
from tokenizer.encoding.manifest import windows_of
from trainer.corpus import Corpus, ShardFile
from trainer.order import Order, Places
from trainer.tokens.id_checks import first_outside, outside_error
from trainer.tokens.open_files import LIMIT, OpenFiles
from trainer.tokens.row_buffer import RowBuffer, Rows
from trainer.tokens.windows import Numbers, WindowIndex


class Reader:
    """Reads samples of a corpus in an order, each with one system call, several threads side by side."""

    def __init__(self, corpus: Corpus, order: Order, threads: int = 1) -> None:
        """Opens nothing yet. Raises RunError where the corpus is not that of the order."""
        told, found = order.course.windows, corpus.sizes.windows
        for domain, unit in order.units:
            if found.get(domain, {}).get(unit) != told[domain][unit]:
                has = found.get(domain, {}).get(unit, 0)
                raise RunError(f"{domain}/{unit}: {has:,} windows, the course has {told[domain][unit]:,}: other tokens")
        seq_len = corpus.sizes.seq_len
        units = [corpus.units[domain][unit] for domain, unit in order.units]
        self.corpus, self.order, self.seq_len = corpus, order, seq_len
        self.shards = [shard for unit in units for shard in unit]
        self._index = WindowIndex([windows_of(shard.tokens, seq_len) for shard in unit] for unit in units)
        itemsize = corpus.dtype.itemsize
        self._files = [OpenFiles(self.shards, itemsize, max(1, LIMIT // threads)) for _ in range(threads)]
        self._threads = ThreadPoolExecutor(threads, "read") if threads > 1 else None

    def buffer(self, rows: int, is_pinned: bool = False) -> RowBuffer:
        """Memory for so many samples."""
        return RowBuffer(rows, self.seq_len, self.corpus.dtype, is_pinned)

    def read(self, first: int, count: int, into: RowBuffer) -> Rows:
        """The rows of samples [first, first + count), in `into`.

        Raises RunError for files that are gone or too short, and ids that the vocabulary does not have.
        """
        shards, tokens = self._locate(self.order.places(first, count))
        work = list(zip(shards.tolist(), tokens.tolist(), into.views, strict=False))
        if self._threads is None:
            _read(self._files[0], work)
        else:
            parts = len(self._files)
            list(self._threads.map(_read, self._files, [work[part::parts] for part in range(parts)]))
        rows = into.rows[:count]
        self._check_ids(rows, work)
        return rows

    def locate(self, places: Places) -> list[tuple[ShardFile, int]]:
        """The shard, and the first token in it, of each place."""
        shards, tokens = self._locate(places)
        return [(self.shards[shard], token) for shard, token in zip(shards.tolist(), tokens.tolist(), strict=True)]

    def close(self) -> None:
        """Close all files and end all threads."""
        if self._threads is not None:
            self._threads.shutdown()
        for files in self._files:
            files.close()

    def _locate(self, places: Places) -> tuple[Numbers, Numbers]:
        shards, windows = self._index.locate(places.unit, places.row)
        return shards, windows * self.seq_len

    def _check_ids(self, rows: Rows, work: list[tuple[int, int, memoryview]]) -> None:
        vocab_size = self.corpus.sizes.vocab_size
        wrong = first_outside(rows, vocab_size)
        if wrong is not None:
            row, token = divmod(wrong, rows.shape[1])
            shard, first, _ = work[row]
            raise outside_error(self.shards[shard], first + token, int(rows[row, token]), vocab_size)


def _read(files: OpenFiles, work: list[tuple[int, int, memoryview]]) -> None:
    for shard, first_token, view in work:
        files.read(shard, first_token, view)
