"""Tokens copied from a store: the bytes that were encoded, and a copy that broke off goes on."""

from pathlib import Path

import pytest

from tests.storage.conftest import Store
from tests.tokenizer.encoded_run import SIZE, EncodedRun
from tests.trainer.test_fetch import PLAN, fetched, files
from trainer.corpus import sizes_of
from trainer.load import load


@pytest.mark.slow
def test_tokens_come_from_a_store_as_they_were_encoded(store: Store, tmp_path: Path) -> None:
    run = EncodedRun.at(tmp_path / "run")
    run.encode()
    (run.folder / "plan.yaml").write_text(PLAN)
    for path in sorted(path for path in run.data.rglob("*") if path.is_file()):
        store.put(f"out/{path.relative_to(run.data)}", path.read_bytes())
    key = f"out/tokens/letters-{SIZE}/others/tale/000001.bin"
    data = store.get(key)
    store.s3.delete_object(Bucket=store.bucket, Key=key)
    remote, target = store.uri(f"out/tokens/letters-{SIZE}"), tmp_path / "copy"
    with pytest.raises(FileNotFoundError):
        fetched(run, target, remote)
    assert not (target / "tokens" / f"letters-{SIZE}" / "manifest.json").exists()
    store.put(key, data)
    fetched(run, target, remote)
    assert files(target / "tokens") == files(run.data / "tokens")
    on_store = load(run.folder / "plan.yaml", [f"data={store.uri('out')}"])
    assert sizes_of(load(run.folder / "plan.yaml", [f"data={target}"])) == sizes_of(on_store)
