"""A small finished run, a model, and the tokenizer recipe that encodes the one with the other."""

import hashlib
import io
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import sentencepiece
from rich.console import Console

from datapipe.receipts import Receipt, read_receipt
from tests.run.workshop import Workshop, many
from tokenizer.encode import encode
from tokenizer.encoding.encode_shard import Coding, EncodeTask
from tokenizer.load import loads
from tokenizer.recipe import TokenizerRecipe
from tokenizer.shards import TextShard
from tokenizer.store import read_indexed

SIZE, EOS = 384, 3
RECIPE = f"""
name: letters
data: out
output: tokenizer
symbols: {{split_digits: ascii}}
train: {{vocab_sizes: [{SIZE}], reserved: 0}}
encode: {{seq_len: 32}}
"""


@cache
def small_model(vocab_size: int = SIZE, **changes: Any) -> bytes:
    """A BPE model of English letters, with byte fallback; begin and end are ids 2 and 3."""
    written = io.BytesIO()
    settings: dict[str, Any] = {
        "model_type": "bpe", "normalization_rule_name": "identity", "remove_extra_whitespaces": False,
        "add_dummy_prefix": False, "allow_whitespace_only_pieces": True, "byte_fallback": True,
        "unk_id": 0, "pad_id": 1, "bos_id": 2, "eos_id": 3, "minloglevel": 3,
    } | changes  # fmt: skip
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([*(text for _, _, text in many(300, 1)), *Path(__file__).read_text().splitlines()]),
        model_writer=written,
        vocab_size=vocab_size,
        **settings,
    )
    return written.getvalue()


@dataclass(frozen=True)
class EncodedRun:
    """The folder where all of it lies."""

    folder: Path

    @classmethod
    def at(cls, folder: Path) -> "EncodedRun":
        """A run whose units have names that paths cannot have, empty documents, and one of several shards."""
        workshop = Workshop.at(folder)
        long = [("tale", "de", text) for _, _, text in many(600, 3)]
        workshop.write(
            "left/a.tsv", [*many(400, 1), *long, ("tale", "de", ""), ("a/b", "de", ""), ("song", "de", "é中 ▁ ١")]
        )
        workshop.write("right/d.tsv", many(200, 2))
        workshop.run()
        one = cls(folder)
        one.put_model(small_model())
        return one

    def copied(self, folder: Path) -> "EncodedRun":
        """The same in another folder, to be changed."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return EncodedRun(folder)

    @property
    def data(self) -> Path:
        """Folder of the run."""
        return self.folder / "out"

    @property
    def tokens(self) -> Path:
        """Folder of the tokens."""
        return self.data / "tokens" / f"letters-{SIZE}"

    @property
    def model(self) -> Path:
        """The model's file."""
        return self.folder / "tokenizer" / "models" / f"letters-{SIZE}" / "tokenizer.model"

    def put_model(self, data: bytes) -> None:
        """Write the model."""
        self.model.parent.mkdir(parents=True, exist_ok=True)
        self.model.write_bytes(data)

    def recipe(self, *settings: str) -> TokenizerRecipe:
        """The recipe with `path.to.key=value` changed."""
        return loads(RECIPE, str(self.folder / "tokenizer.yaml"), settings)

    def encode(self, *settings: str, **options: Any) -> str:
        """Encode, quietly, and return what was printed."""
        printed = io.StringIO()
        encode(self.recipe(*settings), root=str(self.folder), console=Console(file=printed, width=200), **options)
        return printed.getvalue()

    def texts(self) -> dict[str, list[dict[str, Any]]]:
        """The rows of every text shard, by where its tokens belong."""
        found = {}
        for path in [*self.data.glob("shards/*/*/*.parquet"), *self.data.glob("validation/*/*/*.parquet")]:
            place = str(path.relative_to(self.data).with_suffix("")).removeprefix("shards/")
            found[place] = pq.read_table(path, partitioning=None).to_pylist()
        return found

    def documents(self, place: str) -> list[dict[str, Any]]:
        """The rows of a sidecar."""
        return list(pq.read_table(self.tokens / f"{place}.documents.parquet", partitioning=None).to_pylist())

    def ids(self, place: str) -> list[list[int]]:
        """The tokens of every document of a shard."""
        return [one.tolist() for one in read_indexed(str(self.tokens / place))]

    def receipt(self, place: str) -> Receipt:
        """The receipt of a shard."""
        receipt = read_receipt(str(self.tokens), "encode", place)
        assert receipt is not None, f"{place} has no receipt"
        return receipt

    def task(self, path: Path, texts: list[str], model: bytes | None = None) -> EncodeTask:
        """The task that encodes a file of these texts beside it, with the run's model, which should be `model`."""
        text_bytes = sum(len(text.encode()) for text in texts)
        shard = TextShard(str(path), "shards", "others", "tale", 0, len(texts), text_bytes, "")
        sha256 = hashlib.sha256(model or self.model.read_bytes()).hexdigest()
        coding = Coding(str(self.model), sha256, SIZE, is_plain=False, bos=None, eos=EOS)
        return EncodeTask(str(path.parent), path.stem, "pass", "input", shard, coding)

    def tree(self) -> dict[str, str]:
        """Digest of every file that must always come out the same, by relative path."""
        kept = [path for path in self.tokens.rglob("*") if path.is_file() and self.is_lasting(path)]
        return {str(path.relative_to(self.tokens)): hashlib.sha256(path.read_bytes()).hexdigest() for path in kept}

    def is_lasting(self, path: Path) -> bool:
        """Whether the file is a part of the tokens, not of the work's own account."""
        own = ("receipts", "passes", "events.jsonl", "run.lock")
        return path.relative_to(self.tokens).parts[0] not in own
