"""A node checks that it sees the output folder of the driver, and the files that steps name."""

from pathlib import Path

import pyarrow as pa
import pytest

from datapipe.recipe import Step
from datapipe.run import WarmUp
from datapipe.shared_folder import NodeCheck, check_node, marked
from datapipe.stages.identify_language import IdentifyLanguage

NOTHING = WarmUp((), pa.schema([("id", pa.string())]))


def test_a_node_that_sees_the_mark_is_ready_and_the_mark_goes_with_the_run(tmp_path: Path) -> None:
    with marked(str(tmp_path)) as mark:
        check_node(NodeCheck(str(tmp_path), mark, NOTHING))
    assert list(tmp_path.iterdir()) == []


def test_two_runs_into_one_folder_have_marks_of_their_own(tmp_path: Path) -> None:
    with marked(str(tmp_path)) as one, marked(str(tmp_path)) as other:
        assert one != other


def test_a_node_that_sees_another_folder_says_so(tmp_path: Path) -> None:
    with marked(str(tmp_path)) as mark:
        pass
    with pytest.raises(OSError, match="must be on storage that all share") as error:
        check_node(NodeCheck(str(tmp_path), mark, NOTHING))
    assert error.value.filename == str(tmp_path)


def test_a_node_without_the_model_file_says_so(tmp_path: Path) -> None:
    step = Step("identify_language", IdentifyLanguage(model=str(tmp_path / "own.ftz")))
    warm_up = WarmUp((step,), pa.schema([("id", pa.string()), ("text", pa.large_string())]))
    with (
        marked(str(tmp_path)) as mark,
        pytest.raises(FileNotFoundError, match="'identify_language' needs this file") as error,
    ):
        check_node(NodeCheck(str(tmp_path), mark, warm_up))
    assert error.value.filename == str(tmp_path / "own.ftz")
