"""Archives as inputs of a run: ids, resume and accounts are those of files in folders."""

import gzip
import io
import json
import tarfile
import zipfile
from pathlib import Path

import pytest
from workshop import Workshop, redone, rows, tree, written

from datapipe.explain import explain_document
from datapipe.inputs import find_groups, name_hash

RECIPE = """
name: archives
output: out
cut_bytes: 65_536
sources:
  - {name: web, reader: jsonl, paths: [PATHS], root: in}
passes:
  - name: extract
    steps: [normalize_text: {}]
domains:
  - {name: all, weight: 1.0}
"""


def workshop_of(folder: Path, paths: str) -> Workshop:
    workshop = Workshop.at(folder)
    (folder / "recipe.yaml").write_text(RECIPE.replace("PATHS", paths))
    (folder / "in").mkdir(exist_ok=True)
    return workshop


def members(count: int) -> dict[str, bytes]:
    """Files of 20 lines of 1,000 bytes of text; every fourth is packed, every fifth ends with junk."""
    made = {}
    for number in range(count):
        lines = [json.dumps({"text": f"{number} {line} " + "x" * 990}).encode() for line in range(20)]
        data = b"\n".join(lines) + (b"\njunk" if number % 5 == 0 else b"")
        made[f"d/{number}.jsonl"] = data
        if number % 4 == 0:
            made[f"d/{number}.jsonl.gz"] = gzip.compress(made.pop(f"d/{number}.jsonl"), mtime=0)
    return made


def write_tar(path: Path, entries: dict[str, bytes]) -> None:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w") as archive:
        for name, data in entries.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    path.write_bytes(gzip.compress(sink.getvalue(), mtime=0) if path.suffix == ".gz" else sink.getvalue())


def write_zip(path: Path, entries: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)


@pytest.mark.parametrize("name", ["a.tar", "a.tar.gz", "a.zip"])
def test_an_archive_gives_what_a_folder_of_its_name_gives(tmp_path: Path, name: str) -> None:
    packed, folder = workshop_of(tmp_path / "packed", f"in/{name}"), workshop_of(tmp_path / "folder", "in")
    entries = members(12)
    (write_zip if name.endswith("zip") else write_tar)(packed.folder / "in" / name, entries)
    for path, data in entries.items():
        file = folder.folder / "in" / name / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    for workshop in (packed, folder):
        workshop.run("max_error_fraction=1")

    def documents(workshop: Workshop) -> set[tuple[str, str]]:
        return {(row["id"], row["text"]) for row in rows(workshop.out, "documents/extract/*.parquet")}

    def quarantined(workshop: Workshop) -> set[tuple[str, str, str]]:
        return {(row["id"], row["file"], row["error"]) for row in rows(workshop.out, "quarantine/*.parquet")}

    assert documents(packed) == documents(folder)
    assert quarantined(packed) == quarantined(folder)
    assert (len(documents(packed)), len(quarantined(packed))) == (240, 3)


def test_reading_resumes_inside_an_archive(tmp_path: Path) -> None:
    workshop = workshop_of(tmp_path, "in/*.tar.gz")
    write_tar(workshop.folder / "in/a.tar.gz", members(15))
    workshop.run("max_error_fraction=1")
    whole, before = tree(workshop.out), written(workshop.out)
    (workshop.out / "documents/extract/web-000000-0002.parquet").unlink()
    workshop.run("max_error_fraction=1")

    assert workshop.receipt("extract", "web-000000-0001").next is not None
    assert tree(workshop.out) == whole
    assert redone(before, written(workshop.out)) == {"extract/web-000000-0002.json"}


def test_a_document_of_an_archive_can_be_explained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    workshop = workshop_of(tmp_path, "in/a.zip")
    write_zip(workshop.folder / "in/a.zip", {"one.jsonl": b'{"text": "a tale"}'})
    workshop.run()
    explain_document(str(workshop.out), f"web/{name_hash('a.zip/one.jsonl')}/0000000000")

    assert "in shard web-000000-0000" in " ".join(capsys.readouterr().out.split())


def test_only_paths_that_end_like_archives_name_them(tmp_path: Path) -> None:
    workshop = workshop_of(tmp_path, "in/*")
    write_zip(workshop.folder / "in/a.zip", {"one.jsonl": b'{"text": "a tale"}'})
    named = find_groups(workshop.recipe('sources.0.paths=["in/*.zip"]'), {})["web"][0]
    merely_found = find_groups(workshop.recipe(), {})["web"][0]

    assert named.files[0].is_archive
    assert not merely_found.files[0].is_archive
    assert named.fingerprint != merely_found.fingerprint
