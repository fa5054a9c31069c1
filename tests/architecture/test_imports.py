"""Who may import whom: the layers of the project, read from the source with `ast` and held by this test.

`datapipe` knows neither `tokenizer` nor `trainer`, `tokenizer` not `trainer`. Inside `datapipe` kernels know no Arrow,
stages no files, the runner no Ray. The standard library is open to everyone.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

import datapipe.stages  # noqa: F401
from datapipe.stage import STAGES

ROOT = Path(__file__).parents[2]
PACKAGES = ("datapipe", "tokenizer", "trainer")

MAY_IMPORT = {
    "datapipe.kernels": {"numpy", "numba", "xxhash", "datapipe.kernels"},
    "tokenizer.kernels": {"numpy", "numba", "xxhash", "datapipe.kernels", "tokenizer.kernels"},
    "trainer.kernels": {"numpy", "numba", "xxhash", "datapipe.kernels", "trainer.kernels"},
    "datapipe.stages": {"pyarrow", "numpy", "xxhash", "datapipe.stage", "datapipe.stages", "datapipe.kernels"},
    "datapipe.dedup": {
        "numpy",
        "pyarrow",
        "xxhash",
        "datapipe.kernels",
        "datapipe.exchange",
        "datapipe.exchange_files",
        "datapipe.relays",
        "datapipe.storage",
        "datapipe.receipts",
        "datapipe.shard_files",
        "datapipe.stage",
        "datapipe.passes.unit_counts",
        "datapipe.where",
        "datapipe.dedup",
    },
    "datapipe.stages.select": {"datapipe.rules"},
    "datapipe.readers": {"pyarrow", "fastwarc", "zstandard", "datapipe.reader", "datapipe.readers"},
    "datapipe.readers.charset": {"resiliparse"},
    "datapipe.readers.jsonl": {"pydantic_core"},
    "datapipe.stage": {"pyarrow", "numpy", "pydantic"},
    "datapipe.reader": {"pyarrow", "pydantic"},
    "datapipe.exchange_files": {"numpy", "xxhash", "datapipe.kernels", "datapipe.storage"},
    "datapipe.exchange": {"numpy", "datapipe.kernels", "datapipe.exchange_files"},
    "datapipe.relays": {
        "xxhash",
        "datapipe.exchange",
        "datapipe.exchange_files",
        "datapipe.receipts",
        "datapipe.storage",
    },
}
"""What a layer may import; a module in it may have a row of its own that adds to it. A stage may also import the
libraries it declares. Modules of no layer here may import anything that the other tests do not forbid."""

SLOW = {
    "datasketch",
    "fasttext",
    "fastwarc",
    "lightgbm",
    "lm_eval",
    "numba",
    "ray",
    "re2",
    "resiliparse",
    "safetensors",
    "scipy",
    "sentencepiece",
    "tensorboard",
    "tldextract",
    "torch",
    "torchao",
    "transformers",
    "wandb",
}
"""Libraries that load where they are used, so that `import datapipe` and the commands start at once."""


WITHOUT_TORCH = (
    "trainer.checkpointing.table",
    "trainer.cli",
    "trainer.corpus",
    "trainer.course",
    "trainer.checkpointing.differences",
    "trainer.checkpointing.finding",
    "trainer.fetch",
    "trainer.launching.job",
    "trainer.launching.next_size",
    "trainer.launching.phases",
    "trainer.load",
    "trainer.running.log",
    "trainer.megatron.script",
    "trainer.mixture.cli",
    "trainer.mixture.design",
    "trainer.mixture.fit",
    "trainer.mixture.importing.importing",
    "trainer.mixture.plan_report",
    "trainer.mixture.propose",
    "trainer.mixture.proxies",
    "trainer.mixture.reference",
    "trainer.mixture.report.write",
    "trainer.order",
    "trainer.reckoning.plan_report",
    "trainer.planning",
    "trainer.checkpointing.record",
    "trainer.reference",
    "trainer.report.write",
    "trainer.checkpointing.retention",
    "trainer.tokens.samples_report",
    "trainer.schedule",
    "trainer.schema",
    "trainer.settle",
    "trainer.running.sinks",
)
"""What plans, tells and draws: it works, and starts at once, where torch is not installed."""


@dataclass(frozen=True)
class Import:
    """One imported module. `of` is the module that imports it; `at_start` tells whether that happens on its import."""

    of: str
    imported: str
    at_start: bool
    line: int

    def __str__(self) -> str:
        return f"{self.of}:{self.line} imports {self.imported}"

    @property
    def top(self) -> str:
        """The package: `numpy` of `numpy.typing`."""
        return self.imported.partition(".")[0]


@cache
def sources() -> dict[str, ast.Module]:
    """The parsed modules of the project by name; generators of committed tables are scripts and left out."""
    files = [file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py"))]
    names = {file: ".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files}
    return {
        name.removesuffix(".__init__"): ast.parse(file.read_text())
        for file, name in names.items()
        if not file.name.startswith("generate_")
    }


@cache
def imports() -> tuple[Import, ...]:
    """Every import of the project."""
    return tuple(
        Import(name, imported, at_start, line)
        for name, tree in sources().items()
        for imported, at_start, line in _imports_below(tree, True)
    )


def _imports_below(node: ast.AST, at_start: bool) -> Iterator[tuple[str, bool, int]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from ((alias.name, at_start, child.lineno) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, f"line {child.lineno}: imports are absolute"
            for alias in child.names:
                inner = f"{child.module}.{alias.name}"
                yield (inner if _is_module(inner) else str(child.module)), at_start, child.lineno
        else:
            runs_later = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            only_typed = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
            yield from _imports_below(child, at_start and not runs_later and not only_typed)


def _is_module(name: str) -> bool:
    """Whether `from a import b` names the file a/b.py of ours."""
    path = ROOT / Path(*name.split("."))
    return path.with_suffix(".py").exists() or path.is_dir()


def is_within(module: str, name: str) -> bool:
    """Whether `module` is `name` or lies below it."""
    return module == name or module.startswith(f"{name}.")


@cache
def distributions() -> dict[str, set[str]]:
    """Importable package -> names of the distributions that bring it, in small letters."""
    return {package: {name.lower() for name in names} for package, names in packages_distributions().items()}


@cache
def declared_libraries(module: str) -> set[str]:
    """Packages of the distributions that a stage of this module declares, and so has in its fingerprint."""
    classes = [cls for cls in STAGES.values() if cls.__module__ == module]
    declared = {name.lower() for cls in classes for name in getattr(cls, "libraries", ())}
    return {package for package, names in distributions().items() if declared & names}


def is_allowed(one: Import) -> bool:
    """Whether the layer table lets this import pass."""
    rows = [allowed for name, allowed in MAY_IMPORT.items() if is_within(one.of, name)]
    if not rows or one.top in sys.stdlib_module_names:
        return True
    allowed = set[str]().union(*rows, declared_libraries(one.of))
    return any(is_within(one.imported, name) for name in allowed)


def test_every_layer_imports_only_what_its_row_allows() -> None:
    assert [str(one) for one in imports() if not is_allowed(one)] == []


def test_packages_import_leftwards_only() -> None:
    order = {package: place for place, package in enumerate(PACKAGES)}
    own = [one for one in imports() if one.top in order]
    assert [str(one) for one in own if order[one.top] > order[one.of.partition(".")[0]]] == []


def test_only_the_executors_and_the_launcher_on_it_know_ray() -> None:
    known = {
        "datapipe.executors",
        "trainer.launching.on_ray",
        "trainer.launching.ray_workers",
        "trainer.launching.room",
    }
    assert [str(one) for one in imports() if one.top == "ray" and one.of not in known] == []


def test_torch_stays_in_the_trainer() -> None:
    assert [str(one) for one in imports() if one.top == "torch" and not is_within(one.of, "trainer")] == []


@pytest.mark.parametrize("module", WITHOUT_TORCH)
def test_planning_and_reporting_work_without_torch(module: str) -> None:
    assert module in sources()
    assert [name for name in sorted(loaded_with(module)) if name.split(".")[0] in {"torch", "safetensors"}] == []


@pytest.mark.parametrize("library", ["lightgbm", "scipy"])
def test_laws_and_designs_load_what_they_reckon_with_where_it_is_used(library: str) -> None:
    assert [str(one) for one in imports() if one.top == library and one.at_start] == []


def loaded_with(module: str) -> set[str]:
    """Every module that the import of this one imports, directly or by others of ours."""
    found: set[str] = set()
    ahead = [module]
    while ahead:
        name = ahead.pop()
        if name not in found:
            found.add(name)
            ahead += [one.imported for one in imports() if one.of == name and one.at_start]
    return found


def test_stages_load_kernels_models_and_libraries_where_they_are_used() -> None:
    at_start = {"pyarrow", "numpy", "datapipe.stage", "datapipe.stages", "datapipe.rules"}
    loaded = [one for one in imports() if is_within(one.of, "datapipe.stages") and one.at_start]
    others = [one for one in loaded if one.top not in sys.stdlib_module_names]
    assert [str(one) for one in others if not any(is_within(one.imported, name) for name in at_start)] == []


def test_the_recipe_knows_stages_by_name_only() -> None:
    known = [one for one in imports() if is_within(one.imported, "datapipe.stages") and one.of == "datapipe.recipe"]
    assert [str(one) for one in known] == []


@pytest.mark.parametrize(
    "module",
    [
        "datapipe",
        "datapipe.stages",
        "datapipe.readers",
        "datapipe.cli",
        "tokenizer",
        "tokenizer.cli",
        "trainer",
        "trainer.cli",
    ],
)
def test_importing_it_loads_no_slow_library(module: str) -> None:
    code = f"import sys, {module}; print(*({SLOW!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_the_one_catch_all_stands_in_the_runner() -> None:
    found = [
        (name, ast.unparse(node.type) if node.type else "everything")
        for name, tree in sources().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler) and _catches_all(node) and not _raises_on(node)
    ]
    assert found == [("datapipe.run", "Exception")]


def _raises_on(handler: ast.ExceptHandler) -> bool:
    """Whether the handler only looks and lets the exception go on."""
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def _catches_all(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    names = {node.id for node in ast.walk(handler.type) if isinstance(node, ast.Name)}
    return bool(names & {"Exception", "BaseException"})


def test_no_module_is_named_for_no_concept() -> None:
    vague = {"utils", "util", "common", "base", "helpers", "misc", "manager", "handler", "processor"}
    assert [name for name in sources() if set(name.split(".")) & vague] == []
