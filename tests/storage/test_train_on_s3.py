"""Training from and to a store: the bytes of a local folder."""

from pathlib import Path

import pytest

from tests.storage.conftest import Store
from tests.tokenizer.counted import recipe, write_counted
from tests.tokenizer.training_texts import texts
from tokenizer.train import train


@pytest.mark.slow
def test_a_store_gets_the_bytes_of_a_local_folder(store: Store, tmp_path: Path) -> None:
    write_counted(tmp_path, {"hindi": texts("hindi"), "arabic": texts("arabic")})
    for path in sorted(path for path in tmp_path.rglob("*") if path.is_file()):
        store.put(str(path.relative_to(tmp_path)), path.read_bytes())
    train(recipe(), root=str(tmp_path))
    folders = train(recipe(), root=store.uri())

    assert folders == [store.uri("out/models/small-1536"), store.uri("out/models/small-1280")]
    files = sorted(path for path in (tmp_path / "out" / "models").rglob("*") if path.is_file())
    assert len(files) == 6
    assert all(store.get(str(path.relative_to(tmp_path))) == path.read_bytes() for path in files)

    key = "out/models/small-1280/pieces.jsonl"
    store.s3.delete_object(Bucket=store.bucket, Key=key)
    train(recipe(), root=store.uri())
    assert store.get(key) == (tmp_path / key).read_bytes()
