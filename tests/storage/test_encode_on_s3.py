"""Encoding from and to a store: the bytes of a local folder, and the tokens can be read where they lie."""

import hashlib
from pathlib import Path

import pytest

from tests.storage.conftest import Store
from tests.tokenizer.encoded_run import EncodedRun
from tokenizer.encode import encode
from tokenizer.encoding.manifest import read_manifest
from tokenizer.store import read_indexed


@pytest.mark.slow
def test_a_store_gets_the_bytes_of_a_local_folder(store: Store, tmp_path: Path) -> None:
    run = EncodedRun.at(tmp_path)
    for path in sorted(path for path in tmp_path.rglob("*") if path.is_file()):
        store.put(str(path.relative_to(tmp_path)), path.read_bytes())
    run.encode()
    folder = encode(run.recipe(), root=store.uri())

    assert folder == store.uri("out/tokens/letters-384")
    whole = run.tree()
    assert {name: digest_of(store, f"out/tokens/letters-384/{name}") for name in whole} == whole
    place = "others/tale/000001"
    assert [one.tolist() for one in read_indexed(f"{folder}/{place}")] == run.ids(place)

    before = read_manifest(folder)
    store.s3.delete_object(Bucket=store.bucket, Key=f"out/tokens/letters-384/{place}.idx")
    encode(run.recipe(), root=store.uri())
    assert digest_of(store, f"out/tokens/letters-384/{place}.idx") == whole[f"{place}.idx"]
    assert read_manifest(folder) == before


def digest_of(store: Store, key: str) -> str:
    """Of an object."""
    return hashlib.sha256(store.get(key)).hexdigest()
