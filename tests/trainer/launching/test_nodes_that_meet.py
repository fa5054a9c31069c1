"""`--launcher torchrun --nodes 2` as two commands on one machine, one process each, and `torchrun` itself: stopped, and
bereft of a node, runs end with the bytes of two processes of one command that nothing has happened to."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.trainer.launching.launched_runs import (
    FOR_TWO,
    OWN,
    STEPS_FOR_TWO,
    Ended,
    ended,
    same_run,
    started,
    until_step,
    written_plan,
)
from tests.trainer.small_run import told

pytestmark = pytest.mark.slow
TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", *OWN[1:]]
Command = subprocess.Popen[str]


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written_plan(tmp_path_factory.mktemp("data"), FOR_TWO)


@pytest.fixture(scope="module")
def undisturbed(plan: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("undisturbed")
    end = ended(started([*OWN, "--launcher", "torchrun", "--processes", "2"], plan, root), root)
    assert end.code == 0, end.said
    assert len(told(root, "step")) == STEPS_FOR_TWO
    return root


class Nodes:
    """Of one run."""

    def __init__(self, plan: Path, root: Path, *options: str) -> None:
        """They meet at a free port."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        meeting = ["--nodes", "2", "--rendezvous", f"127.0.0.1:{self._port}"]
        self._command = [*OWN, "--launcher", "torchrun", *meeting, "--processes", "1", *options]
        self._plan, self._root = plan, root

    def one(self) -> Command:
        return started(self._command, self._plan, self._root)

    def first(self) -> Command:
        """The one where they meet."""
        process = self.one()
        while process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self._port)) == 0:
                    break
            time.sleep(0.05)
        return process

    def both(self) -> tuple[Command, Command]:
        return self.first(), self.one()

    def ends(self, *commands: Command) -> list[Ended]:
        return [ended(command, self._root) for command in commands]


def assert_told(end: Ended, lost: int) -> None:
    """It has ended with who was lost and what to do: in one line, or in two where its process had to be ended too."""
    errors = [one for one in end.said.splitlines() if one.startswith("error: ")]
    assert end.code == 1, end.said
    assert len(errors) in (1, 2) and errors[-1].endswith("; the same command goes on from the last checkpoint"), (
        end.said
    )
    culprits = [f"rank {lost} on ", *(["the one where they meet does not answer"] if lost == 0 else [])]
    assert any(culprit in errors[0] for culprit in culprits), end.said
    assert "Traceback" not in end.said and "frame #" not in end.said, end.said


def some_steps_more(root: Path) -> None:
    until_step(root, (len(told(root, "step")) if (root / "run/log.jsonl").exists() else 0) + 5)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("run")


@pytest.fixture(scope="module")
def terminated(plan: Path, root: Path) -> list[Ended]:
    nodes = Nodes(plan, root)
    both = nodes.both()
    some_steps_more(root)
    for one in both:
        one.terminate()
    return nodes.ends(*both)


@pytest.fixture(scope="module")
def replaced(terminated: object, plan: Path, root: Path) -> list[Ended]:
    """The one that stayed, and the one that came in place of the other."""
    nodes = Nodes(plan, root, "--retries", "1")
    stays, goes = nodes.both()
    some_steps_more(root)
    goes.kill()
    nodes.ends(goes)
    return nodes.ends(nodes.one(), stays)[::-1]


def test_sigterm_to_both_saves_the_run(terminated: list[Ended]) -> None:
    assert [end.code for end in terminated] == [143, 143]
    said = "".join(end.said for end in terminated)
    assert said.count("saved after step") == 1
    assert "Traceback" not in said


def test_a_node_comes_in_place_of_one_that_was_killed_and_the_run_goes_on(replaced: list[Ended]) -> None:
    assert [end.code for end in replaced] == [0, 0], replaced
    lost = [line for line in replaced[0].said.splitlines() if "(1 of 1 retries left)" in line]
    assert len(lost) == 1 and lost[0].startswith("rank 1 on "), replaced[0].said
    assert "Traceback" not in replaced[0].said + replaced[1].said


def test_after_that_the_model_and_every_loss_are_those_of_one_node(replaced: list[Ended], undisturbed: Path) -> None:
    assert same_run(replaced[0].root, undisturbed)


@pytest.mark.parametrize("lost", [0, 1])
def test_without_retries_the_other_node_says_that_one_was_killed(lost: int, plan: Path, tmp_path: Path) -> None:
    nodes = Nodes(plan, tmp_path, "--retries", "0")
    both = nodes.both()
    some_steps_more(tmp_path)
    children = [child for one in both for child in psutil.Process(one.pid).children()]
    both[lost].kill()
    began = time.monotonic()
    ends = nodes.ends(*both)
    assert time.monotonic() - began < 60
    assert ends[lost].code == -signal.SIGKILL
    assert_told(ends[1 - lost], lost)
    assert not psutil.wait_procs(children, timeout=20)[1]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_node_that_waits_for_the_other_is_stopped_at_once(
    number: signal.Signals, code: int, plan: Path, tmp_path: Path
) -> None:
    nodes = Nodes(plan, tmp_path)
    waits = nodes.first()
    os.killpg(waits.pid, number)
    (end,) = nodes.ends(waits)
    assert end.code == code
    assert "Traceback" not in end.said


def test_a_phase_for_more_processes_ends_all_nodes_with_code_3(tmp_path: Path) -> None:
    text = FOR_TWO.replace("batch: 2", "batch: 2\n    gpus: 2").replace("batch: 4", "batch: 4, gpus: 4")
    nodes = Nodes(written_plan(tmp_path, text), tmp_path)
    ends = nodes.ends(*nodes.both())
    assert [end.code for end in ends] == [3, 3], ends
    assert all("main is for 4 processes: the same command on all nodes goes on" in end.said for end in ends)


def test_sigterm_to_torchrun_itself_saves_and_the_same_command_goes_on_to_the_same_bytes(
    plan: Path, undisturbed: Path, tmp_path: Path
) -> None:
    process = started(TORCHRUN, plan, tmp_path)
    some_steps_more(tmp_path)
    process.terminate()
    end = ended(process, tmp_path)
    assert end.code != 0
    assert "saved after step" in end.said
    end = ended(started(TORCHRUN, plan, tmp_path), tmp_path)
    assert end.code == 0, end.said
    assert "goes on after step" in end.said
    assert same_run(tmp_path, undisturbed)
