"""Tokens lie in the folder of the data's run, in folders with writers of their own: neither disturbs the other."""

from pathlib import Path

from datapipe.output import locked


def test_a_run_beside_an_encoding_leaves_its_half_written_files_alone(tmp_path: Path) -> None:
    tokens, shards = tmp_path / "tokens/mine-8192/english/web", tmp_path / "shards/english/web"
    for folder in (tokens, shards):
        folder.mkdir(parents=True)
        (folder / ".000000.bin.0a.tmp").touch()
        (folder / "000000.bin").touch()
    (tmp_path / "tokens/mine-8192/run.lock").touch()

    with locked(str(tmp_path)):
        assert sorted(path.name for path in tokens.iterdir()) == [".000000.bin.0a.tmp", "000000.bin"]
        assert sorted(path.name for path in shards.iterdir()) == ["000000.bin"]

    with locked(str(tmp_path / "tokens/mine-8192")):
        assert sorted(path.name for path in tokens.iterdir()) == ["000000.bin"]
