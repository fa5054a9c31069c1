"""Which files a source has: found by path, folder, glob or list; numbered once; grouped by size."""

import os
from pathlib import Path

import pytest
import xxhash
from workshop import Workshop, many, rows

from datapipe import inputs
from datapipe.files.globs import glob_regex
from datapipe.inputs import Group, InputFile, find_groups, plan_data
from datapipe.loading.located_yaml import RecipeError


def touch(folder: Path, *names: str, size: int = 1) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * size)


def find(workshop: Workshop, *paths: str, known: dict | None = None, more: tuple[str, ...] = ()) -> list[Group]:
    """The groups of a source with these paths."""
    settings = (f"sources.0.paths={list(paths)!r}", "sources.1.paths=[own.py]", *more)
    return find_groups(workshop.recipe(*settings), known or {})["left"]


def found(workshop: Workshop, *paths: str, more: tuple[str, ...] = ()) -> list[str]:
    """Relative paths of the files that these paths name."""
    return [file.relative for group in find(workshop, *paths, more=more) for file in group.files]


def test_a_star_stays_in_one_folder(workshop: Workshop) -> None:
    touch(workshop.folder, "in/a.tsv", "in/b.tsv", "in/deep/c.tsv", "in/d.txt")

    assert found(workshop, "in/*.tsv") == ["a.tsv", "b.tsv"]
    assert found(workshop, "in/*/*.tsv") == ["deep/c.tsv"]


def test_two_stars_reach_any_depth_also_none(workshop: Workshop) -> None:
    touch(workshop.folder, "in/a.tsv", "in/x/b.tsv", "in/x/y/c.tsv", "in/x/y/d.txt")

    assert found(workshop, "in/**/*.tsv") == ["a.tsv", "x/b.tsv", "x/y/c.tsv"]
    assert found(workshop, "in/**/y/*") == ["x/y/c.tsv", "x/y/d.txt"]
    assert found(workshop, "in/**") == ["a.tsv", "x/b.tsv", "x/y/c.tsv", "x/y/d.txt"]


def test_a_question_mark_is_one_character_and_brackets_are_one_of_several(workshop: Workshop) -> None:
    touch(workshop.folder, "in/a1.tsv", "in/a2.tsv", "in/a3.tsv", "in/a10.tsv", "in/b1.tsv")

    assert found(workshop, "in/a?.tsv") == ["a1.tsv", "a2.tsv", "a3.tsv"]
    assert found(workshop, "in/a[13].tsv") == ["a1.tsv", "a3.tsv"]
    assert found(workshop, "in/a[1-2].tsv") == ["a1.tsv", "a2.tsv"]
    assert found(workshop, "in/[!a]*.tsv") == ["b1.tsv"]


@pytest.mark.parametrize(
    ("pattern", "matches", "others"),
    [
        ("a.b", ["a.b"], ["axb"]),
        ("a+(b)", ["a+(b)"], ["aab"]),
        ("*", ["a", ""], ["a/b"]),
        ("[!a]", ["b", "!"], ["a", "/"]),
        ("[^a]", ["b"], ["a", "/"]),
        ("[]a]", ["]", "a"], ["[]a]", "b"]),
        ("[a&&b]", ["a", "&", "b"], ["c"]),
        ("a[1", ["a[1"], ["a1"]),
        ("**/a", ["a", "x/a", "x/y/a"], ["xa", "x/ya"]),
        ("x/**", ["x/a", "x/a/b"], ["x", "y/a"]),
    ],
)
def test_globs_mean_what_shells_mean(pattern: str, matches: list[str], others: list[str]) -> None:
    regex = glob_regex(pattern)

    assert [name for name in matches if not regex.fullmatch(name)] == []
    assert [name for name in others if regex.fullmatch(name)] == []


def test_a_range_that_runs_backwards_is_one_line_of_error(workshop: Workshop) -> None:
    touch(workshop.folder, "in/a.tsv")

    with pytest.raises(RecipeError, match=r"sources.0.paths.0: .*\[z-a\]\.tsv: not a glob: bad character range z-a"):
        find(workshop, "in/[z-a].tsv")


def test_a_file_name_that_is_no_utf8_is_one_line_of_error(workshop: Workshop) -> None:
    touch(workshop.folder, "in/a.tsv")
    Path(os.fsdecode(os.fsencode(workshop.folder / "in") + b"/b\xff.tsv")).touch()

    with pytest.raises(RecipeError, match=r"sources.0.paths.0: .*in: the name of a file is not UTF-8: .*b\\xff\.tsv"):
        found(workshop, "in")


def test_a_folder_gives_the_files_with_the_readers_endings_and_no_hidden_ones(workshop: Workshop) -> None:
    touch(workshop.folder, "in/a.tsv", "in/B.TSV", "in/x/c.tsv", "in/d.txt", "in/.e.tsv", "in/.git/f.tsv")

    assert found(workshop, "in") == ["B.TSV", "a.tsv", "x/c.tsv"]
    assert found(workshop, "in/") == ["B.TSV", "a.tsv", "x/c.tsv"]


def test_a_hidden_folder_above_the_input_hides_nothing(workshop: Workshop) -> None:
    touch(workshop.folder, ".cache/in/a.tsv")

    assert found(workshop, ".cache/in") == ["a.tsv"]


def test_a_file_named_by_itself_needs_no_ending(workshop: Workshop) -> None:
    touch(workshop.folder, "in/notes")

    assert found(workshop, "in/notes") == ["notes"]


def test_paths_may_be_absolute_or_uris(workshop: Workshop) -> None:
    touch(workshop.folder, "in/a b.tsv", "in/c#1.tsv")

    assert found(workshop, f"{workshop.folder}/in/*.tsv") == ["a b.tsv", "c#1.tsv"]
    assert found(workshop, f"file://{workshop.folder}/in/*.tsv") == ["a b.tsv", "c#1.tsv"]
    assert found(workshop, f"file://{workshop.folder}/in") == ["a b.tsv", "c#1.tsv"]
    assert found(workshop, f"file://{workshop.folder}/in/a b.tsv") == ["a b.tsv"]


def test_paths_may_climb_out_of_the_recipes_folder(workshop: Workshop) -> None:
    touch(workshop.folder, "in/a.tsv")

    assert found(workshop, f"../{workshop.folder.name}/in/*.tsv") == ["a.tsv"]


def test_a_file_named_twice_is_read_once(workshop: Workshop) -> None:
    touch(workshop.folder, "in/a.tsv", "in/b.tsv")

    assert found(workshop, "in/a.tsv", "in/*.tsv", "in") == ["a.tsv", "b.tsv"]


def test_paths_may_stand_in_a_file(workshop: Workshop) -> None:
    touch(workshop.folder, "in/a.tsv", "in/b.tsv", "in/c.tsv")
    (workshop.folder / "list.txt").write_text("# the first two\nin/c.tsv\n\n  in/a.tsv  \n  # in/b.tsv\n")

    assert found(workshop, more=("sources.0.paths_from=list.txt",)) == ["a.tsv", "c.tsv"]


def test_a_wrong_path_in_a_file_is_named_with_its_line(workshop: Workshop) -> None:
    touch(workshop.folder, "in/a.tsv")
    (workshop.folder / "list.txt").write_text("# a comment\nin/a.tsv\nin/b.tsv\n")

    with pytest.raises(RecipeError, match=r"recipe\.yaml:\d+: sources\.0\.paths_from: list\.txt:3: .*b\.tsv matches"):
        find(workshop, more=("sources.0.paths_from=list.txt",))


def test_a_scheme_that_nobody_knows_is_named_with_its_line_and_what_is_possible(workshop: Workshop) -> None:
    with pytest.raises(OSError, match=r"ftp:// is not known; possible: .*s3:.*recipe.yaml:\d+: sources.0.paths.0"):
        find(workshop, "ftp://host/a.tsv")


def test_a_list_without_paths_is_one_line_of_error(workshop: Workshop) -> None:
    (workshop.folder / "list.txt").write_text("\n \n")

    with pytest.raises(RecipeError, match=r"sources\.0\.paths_from: list\.txt lists no paths"):
        find(workshop, more=("sources.0.paths_from=list.txt",))


@pytest.mark.parametrize("path", ["in/*.tsv", "in/none.tsv", "none", "none/*", "in", "in/x/**/*.tsv"])
def test_a_path_that_matches_nothing_is_one_line_of_error(workshop: Workshop, path: str) -> None:
    touch(workshop.folder, "in/a.txt")

    with pytest.raises(RecipeError, match=f"sources.0.paths.0: {workshop.folder}/.* matches no file") as error:
        find(workshop, path)
    assert "\n" not in str(error.value)


def test_ids_are_relative_to_the_common_folder_of_the_paths(workshop: Workshop) -> None:
    touch(workshop.folder, "in/a/x.tsv", "in/b/y.tsv", "in/b/z/y.tsv")

    assert found(workshop, "in/a/x.tsv") == ["x.tsv"]
    assert found(workshop, "in/a/*.tsv", "in/b/*.tsv") == ["a/x.tsv", "b/y.tsv"]
    assert found(workshop, "in/b/*.tsv", "in/b/z/*.tsv") == ["y.tsv", "z/y.tsv"]
    assert found(workshop, "in/a", "in/b") == ["a/x.tsv", "b/y.tsv", "b/z/y.tsv"]


def test_folders_whose_names_begin_alike_have_nothing_else_in_common(workshop: Workshop) -> None:
    touch(workshop.folder, "in/ab/x.tsv", "in/abc/x.tsv")

    assert found(workshop, "in/ab/*", "in/abc/*") == ["ab/x.tsv", "abc/x.tsv"]


def test_a_root_pins_the_ids_whatever_the_paths_are(workshop: Workshop) -> None:
    touch(workshop.folder, "in/a/x.tsv")

    assert found(workshop, "in/a/x.tsv", more=("sources.0.root=in",)) == ["a/x.tsv"]


def test_files_are_numbered_in_order_of_their_names(workshop: Workshop) -> None:
    touch(workshop.folder, "in/b.tsv", "in/a.tsv", "in/c/a.tsv", size=70_000)

    assert [(g.name, g.files[0].relative) for g in find(workshop, "in")] == [
        ("left-000000", "a.tsv"),
        ("left-000001", "b.tsv"),
        ("left-000002", "c/a.tsv"),
    ]


def again(workshop: Workshop, known: dict) -> tuple[list[tuple[str, list[str]]], dict]:
    """Groups by name with their files, and the plan to know next time."""
    recipe = workshop.recipe("sources.0.paths=[in]", "sources.1.paths=[own.py]")
    groups = find_groups(recipe, known)
    return [(g.name, [f.relative for f in g.files]) for g in groups["left"]], plan_data(groups, known)


def test_numbers_and_groups_stay_when_files_come_and_go(workshop: Workshop) -> None:
    touch(workshop.folder, "in/b.tsv", "in/d.tsv", size=20_000)
    touch(workshop.folder, "in/f.tsv", size=70_000)
    first, known = again(workshop, {})
    touch(workshop.folder, "in/a.tsv", "in/c.tsv", size=20_000)
    added, known = again(workshop, known)
    (workshop.folder / "in/b.tsv").unlink()
    gone, known = again(workshop, known)
    touch(workshop.folder, "in/e.tsv", size=20_000)
    replaced, known = again(workshop, known)
    touch(workshop.folder, "in/b.tsv", size=20_000)
    back, known = again(workshop, known)

    assert first == [("left-000000", ["b.tsv", "d.tsv"]), ("left-000002", ["f.tsv"])]
    assert added == [*first, ("left-000003", ["a.tsv", "c.tsv"])]
    assert gone == [("left-000000", ["d.tsv"]), ("left-000002", ["f.tsv"]), ("left-000003", ["a.tsv", "c.tsv"])]
    assert replaced == [*gone, ("left-000005", ["e.tsv"])]
    assert back == [*added, ("left-000005", ["e.tsv"])]
    assert known["left"]["numbers"] == {"a.tsv": 3, "b.tsv": 0, "c.tsv": 4, "d.tsv": 1, "e.tsv": 5, "f.tsv": 2}


def test_the_number_of_the_last_file_is_not_given_again_when_it_goes(workshop: Workshop) -> None:
    touch(workshop.folder, "in/a.tsv", "in/b.tsv", size=70_000)
    _, known = again(workshop, {})
    (workshop.folder / "in/b.tsv").unlink()
    _, known = again(workshop, known)
    touch(workshop.folder, "in/c.tsv", size=70_000)

    assert again(workshop, known)[0] == [("left-000000", ["a.tsv"]), ("left-000002", ["c.tsv"])]


def test_a_plan_keeps_sources_that_the_recipe_no_longer_names(workshop: Workshop) -> None:
    touch(workshop.folder, "in/a.tsv")

    assert again(workshop, {"gone": {"numbers": {"x": 0}, "groups": [[0]]}})[1]["gone"] == {
        "numbers": {"x": 0},
        "groups": [[0]],
    }


def test_small_files_are_grouped_up_to_the_size_of_a_cut(workshop: Workshop) -> None:
    """65,536 bytes a cut: 30,000 and 35,000 fit together, the next 30,000 do not; a large file stands alone."""
    for name, size in {"a": 30_000, "b": 35_000, "c": 30_000, "d": 100_000, "e": 1, "f": 0}.items():
        touch(workshop.folder, f"in/{name}.tsv", size=size)

    groups = find(workshop, "in")

    assert [[file.relative[0] for file in group.files] for group in groups] == [["a", "b"], ["c"], ["d"], ["e", "f"]]
    assert [group.size for group in groups] == [65_000, 30_000, 100_000, 1]
    assert groups[1].shard(7) == "left-000002-0007"


def test_empty_files_are_grouped_like_others(workshop: Workshop) -> None:
    touch(workshop.folder, "in/a.tsv", "in/b.tsv", size=0)

    assert [len(group.files) for group in find(workshop, "in")] == [2]


def test_a_group_holds_a_bounded_number_of_files(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "MAX_GROUP_FILES", 2)
    touch(workshop.folder, *(f"in/{name}.tsv" for name in "abcde"))

    assert [len(group.files) for group in find(workshop, "in")] == [2, 2, 1]


def test_a_group_is_told_by_the_paths_sizes_and_times_of_its_files(workshop: Workshop) -> None:
    touch(workshop.folder, "in/a.tsv", "in/b.tsv")
    same, again = find(workshop, "in"), find(workshop, "in")
    os.utime(workshop.folder / "in/b.tsv", ns=(0, 1))
    touched = find(workshop, "in")
    (workshop.folder / "in/b.tsv").write_bytes(b"xx")
    os.utime(workshop.folder / "in/b.tsv", ns=(0, 1))
    grown = find(workshop, "in")

    assert same[0].fingerprint == again[0].fingerprint
    assert len({groups[0].fingerprint for groups in (same, touched, grown)}) == 3


def test_the_hash_of_a_name_is_that_of_the_relative_path() -> None:
    file = InputFile(3, "/data/x/y.tsv", "x/y.tsv", 1, "0")

    assert file.name_hash == xxhash.xxh3_64_hexdigest(b"x/y.tsv")
    assert len(file.name_hash) == 16


def test_ids_depend_neither_on_the_other_files_nor_on_the_size_of_shards(workshop: Workshop) -> None:
    lines = many(400, 7, ("en",))
    workshop.write("left/m.tsv", lines)
    workshop.write("right/r.tsv", many(100, 8))
    workshop.run()
    alone = [row["id"] for row in rows(workshop.out, "documents/extract/left-*.parquet")]
    for name in ("a", "z"):
        workshop.write(f"left/{name}.tsv", many(10, 9))
    workshop.run("output=other", "cut_bytes=1_000_000")
    among = [row["id"] for row in rows(workshop.folder / "other", "documents/extract/left-*.parquet")]
    name_hash = xxhash.xxh3_64_hexdigest(b"m.tsv")

    assert alone == [f"left/{name_hash}/{record:010}" for record in range(400)]
    assert [one for one in among if name_hash in one] == alone
