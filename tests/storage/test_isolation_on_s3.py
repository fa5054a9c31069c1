"""Repeated passages, and records that end their process, in a run whose output lies in a store."""

from pathlib import Path

import pytest

from tests.run.workshop import Workshop, many
from tests.same_bytes import digests
from tests.storage.conftest import Store
from tests.storage.datapipe_command import command

VERDICTS = "out/verdicts/measure/left-000000-0000.json"
TOUCHY = (
    "imports=[own.py, touchy.py]",
    "passes.measure.steps=[letters, touchy]",
    "passes.measure.memory_bytes=500_000_000",
    "max_error_fraction=0.5",
)


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """The letters recipe with a pass that removes passages, over documents one of which no process survives."""
    made = Workshop.at(tmp_path / "here")
    path = made.folder / "recipe.yaml"
    head, behind = path.read_text().split("  - name: measure", 1)
    passages = "  - name: passages\n    repeated: {unit: sentence, min_characters: 5}\n"
    path.write_text(f"{head}{passages}  - name: measure{behind}")
    lines = [(kind, language, f"{text}. The same stone. {text[:20]}.") for kind, language, text in many(60, 7)]
    made.write("left/a.tsv", [*lines[:20], ("tale", "en", "SEGFAULT"), *lines[20:]])
    made.write("right/a.tsv", many(30, 2))
    return made


def fetched(store: Store, folder: Path) -> dict[str, str]:
    """Digests of the output in the bucket."""
    for key in store.objects("out/"):
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(store.get(key))
    return digests(folder / "out")


@pytest.mark.slow
def test_a_record_that_crashed_on_ray_is_known_to_the_next_run_from_the_store(
    store: Store, workshop: Workshop, tmp_path: Path
) -> None:
    workshop.run("passes.measure.steps=[letters]")
    line = ["run", str(workshop.folder / "recipe.yaml"), "--root", store.uri()]
    line += [word for setting in TOUCHY for word in ("--set", setting)]

    done = command(*line, "--num-cpus", "2")
    assert done.returncode == 0, done.stderr
    verdicts = store.get(VERDICTS)
    assert verdicts.count(b"SIGSEGV") == 1
    first = fetched(store, tmp_path / "first")
    local = {name: digest for name, digest in digests(workshop.out).items() if name.startswith("documents/")}
    assert {name.split("/")[1] for name in local} == {"extract", "passages"}
    assert local.items() <= first.items()

    for kind in ("receipts", "documents", "annotations", "quarantine"):
        for key in store.objects(f"out/{kind}/"):
            store.s3.delete_object(Bucket=store.bucket, Key=key)
    done = command(*line, "--executor", "inline")  # this process would not survive the record
    assert done.returncode == 0, done.stderr
    assert store.get(VERDICTS) == verdicts
    assert fetched(store, tmp_path / "second") == first
