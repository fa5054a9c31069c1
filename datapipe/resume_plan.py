"""What a run finds done when it starts: the receipts that earlier runs left, pass by pass."""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from datapipe import storage
from datapipe.receipts import read_receipt


def resume_lines(folder: str, fingerprints: Mapping[str, str]) -> Iterator[str]:
    """Lines for the log: where the output goes, and how much of it is there.

    Counts receipts and looks into one of each pass. Whether a shard is really done is for its task to find out.
    """
    yield f"output: {folder}"
    kept: list[str] = []
    outdated: list[str] = []
    for name, fingerprint in fingerprints.items():
        prefix = storage.join(folder, "receipts", name)
        paths = [path for path in storage.files_below(prefix) if path.endswith(".json")]
        if paths:
            shard = str(PurePosixPath(paths[0][len(prefix) + 1 :]).with_suffix(""))
            receipt = read_receipt(folder, name, shard)
            is_current = receipt is not None and receipt.fingerprint == fingerprint
            (kept if is_current else outdated).append(f"{name} {len(paths):,}")
    if kept:
        yield f"shards finished before, not done again where input and output are as they were: {', '.join(kept)}"
    if outdated:
        yield f"shards of another recipe or version, done again: {', '.join(outdated)}"
    if not kept and not outdated:
        yield "nothing is finished yet"
