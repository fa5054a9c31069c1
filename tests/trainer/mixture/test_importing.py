"""Runs of others come over with their figures, whatever the order of columns; what is wrong is told with its line."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from datapipe.output import RunError
from trainer.mixture.evidence import evidence_of, read_evidence
from trainer.mixture.importing.importing import Columns, import_evidence
from trainer.mixture.load import load
from trainer.mixture.materials import read_materials
from trainer.mixture.results import read_results
from trainer.mixture.swarm import read_swarm

MIXTURES = """index,train_the_pile_arxiv,train_the_pile_pile_cc,train_the_pile_github
1,0.2,0.5,0.3
2,0.333,0.333,0.333
3,0.0,1.0,0.0
"""
LOSSES = """index,metric/the_pile_pile_cc_val_loss,metric/the_pile_github_val_loss
3,4.5,7.5
1,5.0,4.5
2,5.5,4.25
"""
EXPORT = [
    {
        "id": "a1",
        "state": "finished",
        "config": {"mixture": {"en": 0.75, "code": 0.25}, "lr": 0.001},
        "summary": {"val/en/bpb": 1.5, "val/code/bpb": 2.5, "_step": 100},
    },
    {
        "id": "a2",
        "state": "crashed",
        "config": {"mixture": {"en": 0.5, "code": 0.5}, "lr": 0.001},
        "summary": {"val/en/bpb": 1.75},
    },
    {
        "id": "a3",
        "state": "finished",
        "config": {"mixture": {"en": 1.0}, "lr": 0.001},
        "summary": {"val/en/bpb": 1.25, "val/code/bpb": float("nan")},
    },
]
PATTERNS = Columns("mixture.*", "val/*/bpb")


def written(folder: Path, **texts: str) -> list[Path]:
    paths = []
    for name, text in texts.items():
        paths.append(folder / f"{name}.csv")
        paths[-1].write_text(text)
    return paths


def figures(output: Path) -> dict[str, tuple[dict[str, float], dict[str, float | None]]]:
    """Weights and metrics of every run that has some."""
    swarm = read_swarm(output)
    measured = {one.run: one.measurements for one in read_results(output)}
    return {
        run.id: (dict(zip(swarm.components, run.weights[0], strict=True)), dict(measured[run.id][-1].targets))
        for run in swarm.runs
        if measured.get(run.id)
    }


def test_regmix_runs_are_joined_by_index(tmp_path: Path) -> None:
    """The files of losses is in another order than that of mixtures; names lose what every column has."""
    import_evidence("regmix", written(tmp_path, mixtures=MIXTURES, losses=LOSSES), tmp_path / "out", None)

    found = figures(tmp_path / "out")

    assert found["1"] == (
        {"the_pile_arxiv": 0.2, "the_pile_pile_cc": 0.5, "the_pile_github": 0.3},
        {"the_pile_pile_cc": 5.0, "the_pile_github": 4.5},
    )
    assert found["3"][1] == {"the_pile_pile_cc": 4.5, "the_pile_github": 7.5}


def test_weights_rounded_to_three_decimals_are_brought_to_a_sum_of_one(tmp_path: Path) -> None:
    import_evidence("regmix", written(tmp_path, mixtures=MIXTURES, losses=LOSSES), tmp_path / "out", None)

    assert read_swarm(tmp_path / "out").runs[1].weights == ((pytest.approx(1 / 3, abs=1e-15),) * 3,)


def test_the_experiment_that_is_written_finds_its_evidence(tmp_path: Path) -> None:
    path, _ = import_evidence("regmix", written(tmp_path, m=MIXTURES, a=LOSSES), tmp_path / "my swarm", None)

    experiment = load(path)
    evidence = read_evidence(experiment, read_materials(experiment), tmp_path / "my swarm")

    assert experiment.name == "my-swarm"
    assert evidence.components == ("the_pile_arxiv", "the_pile_pile_cc", "the_pile_github")
    assert evidence.targets == ("the_pile_github", "the_pile_pile_cc")
    assert evidence.values_NM.tolist() == [[4.5, 5.0], [4.25, 5.5], [7.5, 4.5]]


def test_columns_in_another_order_are_the_same_evidence(tmp_path: Path) -> None:
    shuffled = "\n".join(",".join(reversed(line.split(","))) for line in LOSSES.splitlines())

    import_evidence("regmix", written(tmp_path, m=MIXTURES, a=LOSSES), tmp_path / "one", None)
    import_evidence("regmix", written(tmp_path, m=MIXTURES, b=shuffled), tmp_path / "two", None)

    assert figures(tmp_path / "one") == figures(tmp_path / "two")


def test_importing_again_changes_no_byte_and_keeps_an_edited_experiment(tmp_path: Path) -> None:
    files = written(tmp_path, mixtures=MIXTURES, losses=LOSSES)
    path, _ = import_evidence("regmix", files, tmp_path / "out", None)
    before = {one.name: one.read_bytes() for one in (tmp_path / "out").iterdir()}
    path.write_text(path.read_text() + "seed: 4\n")

    import_evidence("regmix", files, tmp_path / "out", None)

    after = {one.name: one.read_bytes() for one in (tmp_path / "out").iterdir()}
    assert after.pop("experiment.yaml").endswith(b"seed: 4\n")
    before.pop("experiment.yaml")
    assert after == before


def test_other_runs_are_never_replaced(tmp_path: Path) -> None:
    import_evidence("regmix", written(tmp_path, mixtures=MIXTURES, losses=LOSSES), tmp_path / "out", None)
    fewer = MIXTURES.replace("2,0.333,0.333,0.333\n", "")

    with pytest.raises(RunError, match=r"swarm\.json: holds other runs; give another --output"):
        import_evidence("regmix", written(tmp_path, mixtures=fewer, losses=LOSSES), tmp_path / "out", None)


def test_olmix_tables_have_labels_that_are_no_components(tmp_path: Path) -> None:
    """As its repository has them: a column of pandas without a name, `run`, `name` and `index` beside the weights."""
    files = written(
        tmp_path,
        ratios=",run,name,index,dclm:games,wiki\n0,x9,swarm-0000,0,0.25,0.75\n1,y7,swarm-0001,1,1.0,0.0\n",
        metrics="run,name,index,arc_bpb,mmlu_bpb\ny7,swarm-0001,1,1.5,1.25\nx9,swarm-0000,0,1.0,\n",
    )

    _, notes = import_evidence("olmix", files, tmp_path / "out", None)

    found = figures(tmp_path / "out")
    assert found["y7"] == ({"dclm_games": 1.0, "wiki": 0.0}, {"arc_bpb": 1.5, "mmlu_bpb": 1.25})
    assert found["x9"][1] == {"arc_bpb": 1.0, "mmlu_bpb": None}
    assert notes == [f"{files[0]}, line 2: run x9 has no finite mmlu_bpb: it will be left out"]


def test_runs_without_a_partner_are_told(tmp_path: Path) -> None:
    files = written(tmp_path, mixtures=MIXTURES + "7,1,0,0\n", losses=LOSSES + "8,5,5\n")

    _, notes = import_evidence("regmix", files, tmp_path / "out", None)

    assert notes == [
        f"{files[1]}, line 5: run 8 has no mixture in {files[0]}: not used",
        f"{files[0]}, line 5: run 7 has no metrics: it will be left out",
    ]
    evidence = evidence_of(
        read_swarm(tmp_path / "out"), {one.run: one for one in read_results(tmp_path / "out")}, ["the_pile_github"]
    )
    assert [run.id for run in evidence.runs] == ["1", "2", "3"]
    assert evidence.left_out == (("7", "has no result yet"),)


@pytest.mark.parametrize(
    ("mixtures", "losses", "message"),
    [
        (MIXTURES.replace("0.2,0.5", "0.2,0.6"), LOSSES, r"mixtures\.csv, line 2: weights sum to 1\.1, not to 1"),
        (MIXTURES.replace("0.2,0.5", "-0.2,0.9"), LOSSES, r"line 2, the_pile_arxiv: expected a weight .* found -0\.2"),
        (MIXTURES.replace("0.2,0.5", "nan,0.7"), LOSSES, r"line 2, the_pile_arxiv: expected a weight .* found None"),
        (MIXTURES.replace("0.2,0.5", "much,0.5"), LOSSES, r"line 2, column train_the_pile_arxiv: 'much' is no number"),
        (MIXTURES.replace("2,0.333", "1,0.333"), LOSSES, r"line 3: run '1' stands there twice, first at .*line 2"),
        (MIXTURES, LOSSES.replace("1,5.0", "3,5.0"), r"losses\.csv, line 3: run '3' stands there twice, first at"),
        (MIXTURES, LOSSES.replace("5.0", "low"), r"losses\.csv, line 3, column metric/.*: 'low' is no number"),
        (MIXTURES.replace("3,0.0,1.0,0.0", "3,0.0,1.0"), LOSSES, r"line 4: 3 cells under 4 columns"),
        (MIXTURES.replace("_github", "_arxiv"), LOSSES, r"line 1: column 'train_the_pile_arxiv' stands there twice"),
        (MIXTURES.replace("index", "number"), LOSSES, r"line 1: expected a column 'index' that names runs"),
        (MIXTURES, "index,metric/a_val_loss\n9,1\n", r"none of its 1 runs has a mixture in"),
        (MIXTURES, "index,metric/a_val_loss\n1,nan\n2,\n", r"no run has a number for any metric"),
        (MIXTURES.splitlines()[0], LOSSES, r"mixtures\.csv: no rows"),
        ("", LOSSES, r"mixtures\.csv: no rows"),
    ],
)
def test_a_mistake_is_one_line_with_its_place(tmp_path: Path, mixtures: str, losses: str, message: str) -> None:
    with pytest.raises(RunError, match=message) as failure:
        import_evidence("regmix", written(tmp_path, mixtures=mixtures, losses=losses), tmp_path / "out", None)

    assert "\n" not in str(failure.value)
    assert not (tmp_path / "out").exists()


def as_json(folder: Path) -> Path:
    path = folder / "runs.json"
    path.write_text(json.dumps(EXPORT))
    return path


def as_json_lines(folder: Path) -> Path:
    path = folder / "runs.jsonl"
    path.write_text("".join(f"{json.dumps(run)}\n" for run in EXPORT))
    return path


def as_documented_csv(folder: Path) -> Path:
    """As pandas writes a frame of dictionaries: their `repr`, in which `nan` is no literal of Python."""
    lines = [",summary,config,id,state"]
    for place, run in enumerate(EXPORT):
        cells = [str(place), repr(run["summary"]), repr(run["config"]), str(run["id"]), str(run["state"])]
        lines.append(",".join(f'"{cell}"' for cell in cells))
    path = folder / "project.csv"
    path.write_text("\n".join(lines))
    return path


def as_table_of_the_page(folder: Path) -> Path:
    path = folder / "wandb_export.csv"
    path.write_text(
        '"Name","State","mixture.en","mixture.code","lr","val/en/bpb","val/code/bpb"\n'
        '"a1","finished","0.75","0.25","0.001","1.5","2.5"\n'
        '"a2","crashed","0.5","0.5","0.001","1.75",""\n'
        '"a3","finished","1","","0.001","1.25","NaN"\n'
    )
    return path


@pytest.mark.parametrize("form", [as_json, as_json_lines, as_documented_csv, as_table_of_the_page])
def test_an_export_of_wandb_is_the_same_evidence_in_every_form(tmp_path: Path, form: object) -> None:
    assert callable(form)
    _, notes = import_evidence("wandb", [form(tmp_path)], tmp_path / "out", "swarm", PATTERNS)

    found = figures(tmp_path / "out")
    assert found["a1"] == ({"en": 0.75, "code": 0.25}, {"en": 1.5, "code": 2.5})
    assert found["a3"] == ({"en": 1.0, "code": 0.0}, {"en": 1.25, "code": None})
    assert [one.status for one in read_results(tmp_path / "out")] == ["done", "failed", "done"]
    assert [note.split(": ", 1)[1] for note in notes] == [
        "run a2 is crashed: it will be left out",
        "run a3 has no finite code: it will be left out",
    ]


def test_without_patterns_it_says_what_could_be_meant(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"--weights 'PREFIX\.\*'; these sum to 1 in every run: 'mixture\.\*'"):
        import_evidence("wandb", [as_json(tmp_path)], tmp_path / "out", None)
    with pytest.raises(RunError, match=r"--metrics .* numbers: lr, val/en/bpb, val/code/bpb, _step"):
        import_evidence("wandb", [as_json(tmp_path)], tmp_path / "out", None, Columns("mixture.*"))


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("runs.jsonl", '{"id": "a"}\n\n{bad', r"runs\.jsonl, line 3: no JSON"),
        ("runs.json", '[{"id": "a", "config": "x"}]', r"runs\.json, run 1, config: expected an object, found 'x'"),
        ("runs.json", "[" * 100_000, r"runs\.json, line 1: no JSON of runs: nested too deeply"),
        ("runs.json", "[1]", r"runs\.json: expected an array of runs"),
        ("runs.json", "", r"runs\.json: expected an array of runs"),
    ],
)
def test_a_damaged_export_is_one_line_with_its_place(tmp_path: Path, name: str, text: str, message: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(RunError, match=message):
        import_evidence("wandb", [tmp_path / name], tmp_path / "out", None, Columns("mixture.*", "val.*"))


def test_a_component_that_hardly_any_run_has_stands_below_no_cap(tmp_path: Path) -> None:
    mixtures = "index,train_a,train_b\n1,0,1\n2,0,1\n"
    path, _ = import_evidence(
        "regmix", written(tmp_path, mixtures=mixtures, losses="index,a\n1,2.0\n2,2.1\n"), tmp_path / "out", None
    )
    assert load(path).sizes["a"] >= load(path).phases[0].tokens


def test_sizes_come_from_the_priors_of_an_olmix_config(tmp_path: Path) -> None:
    files = written(tmp_path, ratios="run,a,b\n1,0.5,0.5\n2,0.1,0.9\n", metrics="run,m\n1,1\n2,2\n")
    priors = tmp_path / "fit.yaml"
    priors.write_text("priors: {token_counts: {b: 400_000_000, a: 600_000_000}}\n")

    import_evidence("olmix", files, tmp_path / "out", None, sizes_file=priors)

    materials = read_swarm(tmp_path / "out").materials
    assert {name: one.tokens for name, one in materials.components.items()} == {"a": 600_000_000, "b": 400_000_000}


def test_sizes_without_a_component_are_refused(tmp_path: Path) -> None:
    files = written(tmp_path, ratios="run,a,b\n1,0.5,0.5\n2,0.1,0.9\n", metrics="run,m\n1,1\n2,2\n")
    priors = tmp_path / "fit.yaml"
    priors.write_text("a: 0.6\nbb: 0.4\n")

    with pytest.raises(RunError, match=r"nothing of component b: .*possible: a, bb"):
        import_evidence("olmix", files, tmp_path / "out", None, sizes_file=priors)


def test_the_command_says_what_is_left_out_and_where_the_experiment_is(tmp_path: Path) -> None:
    files = written(tmp_path, mixtures=MIXTURES, losses=LOSSES.replace("4.25", "nan"))

    done = subprocess.run(
        [sys.executable, "-m", "trainer.cli", "mix", "import", "regmix", *map(str, files), "--output", "swarm"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )

    assert done.stdout == "swarm/experiment.yaml\n"
    assert done.stderr == f"{files[0]}, line 3: run 2 has no finite the_pile_github: it will be left out\n"
