"""The same bytes inline and on Ray, whatever the number of workers, and whoever began."""

import pytest
from workshop import Workshop, many, redone, tree, written

from datapipe.loading.located_yaml import RecipeError
from datapipe.output import RunError

ONE_AT_A_TIME = tuple(f"passes.{name}.num_cpus=2.0" for name in ("extract", "measure", "look"))
FOUR_AT_A_TIME = tuple(f"passes.{name}.num_cpus=0.5" for name in ("extract", "measure", "look"))


@pytest.fixture(scope="module")
def inline(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """Something of everything, made in this process."""
    workshop = Workshop.at(tmp_path_factory.mktemp("parity"))
    workshop.write("left/a.tsv", [*many(500, 1), "?", ("tale", "en", "BOOM"), ("tale", "en", "CRASH"), ""])
    workshop.write("left/b.tsv", many(60, 2))
    workshop.write("left/c.tsv", many(300, 4))
    workshop.write("right/d.tsv", many(200, 3))
    workshop.run()
    return workshop


@pytest.mark.parametrize(
    "workers",
    [
        pytest.param((), id="two"),
        pytest.param(FOUR_AT_A_TIME, id="four"),
        pytest.param(ONE_AT_A_TIME, id="one", marks=pytest.mark.slow),
    ],
)
def test_ray_writes_the_same_bytes_with_any_number_of_workers(
    inline: Workshop, ray_cluster: None, workers: tuple[str, ...]
) -> None:
    name = f"ray-{len(workers)}-{workers[-1:]}"
    inline.run(f"output={name!r}", *workers, executor="ray")

    whole = tree(inline.out)
    assert tree(inline.folder / name) == whole
    assert {path.partition("/")[0] for path in whole} == {
        "documents", "annotations", "decisions", "quarantine", "survivors", "shards", "validation", "mixture.json"
    }  # fmt: skip


def test_ray_goes_on_where_inline_stopped_and_back(inline: Workshop, ray_cluster: None) -> None:
    before, whole = written(inline.out), tree(inline.out)
    lost = [name for number, name in enumerate(sorted(whole)) if number % 4 == 0]
    for name in lost:
        (inline.out / name).unlink()
    inline.run(executor="ray")

    assert tree(inline.out) == whole
    made = redone(before, written(inline.out))
    assert 0 < len(made) <= len(lost)
    inline.run()
    assert redone(before, written(inline.out)) == made


def test_without_room_ray_finds_what_is_finished_and_does_nothing_else(inline: Workshop, ray_cluster: None) -> None:
    inline.run(executor="ray", disk_reserve_gib=1e9)

    with pytest.raises(RunError, match="the disk is nearly full"):
        inline.run("output=full", executor="ray", disk_reserve_gib=1e9)
    assert not list((inline.folder / "full").rglob("*.parquet"))


def test_errors_read_the_same_on_ray(inline: Workshop, ray_cluster: None) -> None:
    messages = []
    for executor in ("inline", "ray"):
        with pytest.raises(RunError) as error:
            inline.run(f"output={executor}", "max_error_fraction=0", executor=executor)
        messages.append(str(error.value).replace(f"/{executor}/", "/out/"))
    assert messages[0] == messages[1]
    with pytest.raises(RecipeError, match="matches no file"):
        inline.run("output=nowhere", "sources.0.paths=['none/*.tsv']", executor="ray")


def test_a_damaged_file_reads_the_same_on_ray(inline: Workshop, ray_cluster: None) -> None:
    inline.run("output=damaged")
    path = inline.folder / "damaged/annotations/look/left-000000-0000.parquet"
    path.write_bytes(b"x" * path.stat().st_size)
    for executor in ("inline", "ray"):
        with pytest.raises(OSError, match="damaged; run again with --verify") as error:
            inline.run("output=damaged", "domains.english.rules.0.max=77", executor=executor)
        assert error.value.filename == str(path)
