"""The task of encoding: one shard of texts to one shard of tokens."""

import functools
import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datapipe import storage
from datapipe.output import RunError
from datapipe.receipts import Receipt, Stopwatch, finished, leave_receipt
from tokenizer.encoding.encoder import Encoder
from tokenizer.encoding.token_documents import SCHEMA, writing_documents
from tokenizer.encoding.token_documents import SUFFIX as DOCUMENTS
from tokenizer.shards import TextShard
from tokenizer.store import token_dtype, writing_indexed
from tokenizer.texts import check_text, read_texts

ENCODE = "encode"
"""Name of the pass."""
SUFFIXES = (".bin", ".idx", DOCUMENTS)
"""Of the files of a shard."""
Ids = npt.NDArray[np.int32]
Offsets = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Coding:
    """How texts become tokens."""

    path: str
    """Of the model, which every node can read,"""
    sha256: str
    """and its bytes."""
    vocab_size: int
    is_plain: bool
    """Whether SentencePiece itself encodes, not our kernels."""
    bos: int | None
    eos: int | None
    """Ids that begin and end each document that has text."""


@dataclass(frozen=True)
class EncodeTask:
    """Encode one shard."""

    folder: str
    shard: str
    """Path of its token files without their suffixes, in the folder; name of its receipt."""
    fingerprint: str
    input_fingerprint: str
    text: TextShard
    coding: Coding
    verify: bool = False
    """Trust finished outputs only after their sums are computed anew."""


def encode_shard(task: EncodeTask) -> Receipt:
    """Write `SHARD.bin`, `.idx` and `.documents.parquet`, and the receipt."""
    done = finished(task.folder, ENCODE, task.shard, task.fingerprint, task.input_fingerprint, task.verify)
    if done is not None:
        return done
    watch = Stopwatch()
    with watch.step("load"):
        encoder = load_encoder(task.coding)
    dtype = token_dtype(task.coding.vocab_size)
    prefix = storage.join(task.folder, task.shard)
    documents = text_bytes = 0
    with writing_indexed(prefix, dtype) as (tokens, written), writing_documents(prefix) as (sidecar, sidecars):
        for batch in read_texts(task.text.path):
            with watch.step("encode"):
                ids, offsets = with_marks(*encoder.encode(batch["text"]), task.coding.bos, task.coding.eos)
            sidecar.write(_rows(batch, offsets, tokens.tokens))
            with watch.step("write"):
                tokens.write(ids, np.diff(offsets))
            documents += batch.num_rows
            text_bytes += pc.sum(pc.binary_length(batch["text"])).as_py() or 0
        check_text(task.text, documents, text_bytes)
    receipt = Receipt(
        ENCODE,
        task.shard,
        task.fingerprint,
        task.input_fingerprint,
        rows_in=documents,
        rows_out=documents,
        bytes_in=text_bytes,
        bytes_out=text_bytes,
        outputs=(*written, *sidecars),
    )
    return leave_receipt(task.folder, receipt, watch)


def _rows(batch: pa.RecordBatch, offsets: Offsets, first: int) -> pa.Table:
    """The rows of the sidecar; `first`: tokens before the batch."""
    text_bytes = pc.binary_length(batch["text"])
    columns = [batch["id"], batch["source"], text_bytes, pa.array(offsets[:-1] + first), pa.array(np.diff(offsets))]
    return pa.Table.from_arrays(columns, names=SCHEMA.names).cast(SCHEMA)


def with_marks(ids: Ids, offsets: Offsets, bos: int | None, eos: int | None) -> tuple[Ids, Offsets]:
    """The ids with `bos` before and `eos` behind those of each document that has any; None: no such mark."""
    has_tokens = offsets[1:] > offsets[:-1]
    marks = [(at[has_tokens], mark) for at, mark in ((offsets[:-1], bos), (offsets[1:], eos)) if mark is not None]
    if not marks:
        return ids, offsets
    # At one place the end of a document comes before the begin of the next: `insert` keeps the order that is given.
    places = np.column_stack([at for at, _ in marks]).ravel()
    marked = np.insert(ids, places, np.tile([mark for _, mark in marks], int(has_tokens.sum())))
    added = np.concatenate([[0], np.cumsum(has_tokens, dtype=np.int64) * len(marks)])
    return marked.astype(np.int32, copy=False), offsets + added


def load_encoder(coding: Coding) -> Encoder:
    """The encoder, loaded once per process."""
    return _loaded(coding.path, coding.sha256, coding.is_plain)


@functools.lru_cache(maxsize=1)
def _loaded(path: str, sha256: str, is_plain: bool) -> Encoder:
    data = storage.read_bytes(path)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise RunError(f"{path}: not the model that this run began with")
    return Encoder(data, path, plain=is_plain)


def warm_up(coding: Coding) -> None:
    """Load the encoder and have it compile its kernels."""
    load_encoder(coding).encode(pa.array(["a b"], pa.large_string()))
