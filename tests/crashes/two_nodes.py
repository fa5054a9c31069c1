"""A Ray cluster of two nodes on this machine: ports, token and temporary folder of its own, one CPU per node."""

import contextlib
import os
import random
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.crashes.processes import end_all, raylets

START_SECONDS = 60
NEVER_GIVEN = range(20_000, 32_000)
"""Ports below those of connections (Linux), and above those of Ray's workers."""
RAY = Path(sys.executable).parent / "ray"


@dataclass
class TwoNodes:
    """The processes of the cluster."""

    folder: Path
    address: str
    environment: dict[str, str]
    head: psutil.Process
    second: psutil.Process
    dashboard: str = ""
    """Where jobs are submitted, for a cluster with a dashboard."""
    nodes_seen: list[psutil.Process] = field(default_factory=list)

    def raylet(self) -> list[psutil.Process]:
        """Of the second node."""
        return raylets([self.second])

    def replace_second(self) -> None:
        """Let a new second node join, as a cluster manager would."""
        end_all([self.second])
        own = _own(self.folder, bool(self.dashboard))
        self.second = _start(self.folder, self.environment, "--address", self.address, *own)


@contextlib.contextmanager
def two_nodes(with_dashboard: bool = False) -> Iterator[TwoNodes]:
    """The cluster, for the time of the block. Jobs can be submitted to one with a dashboard."""
    folder = Path(tempfile.mkdtemp(prefix="mill", dir="/tmp"))  # short: paths of sockets end at 107 bytes
    port = _free_port()
    environment = {
        **os.environ, "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32),
        "RAY_ADDRESS": f"127.0.0.1:{port}", "RAY_USAGE_STATS_ENABLED": "0",
    }  # fmt: skip
    started: list[psutil.Process] = []
    cluster = None
    try:
        dashboard = _free_port() if with_dashboard else None
        shown = [f"--dashboard-port={dashboard}", *_agent()] if dashboard else ["--include-dashboard=false"]
        head = _start(folder, environment, "--head", f"--port={port}", f"--temp-dir={folder}", *shown)
        started.append(head)
        second = _start(folder, environment, "--address", environment["RAY_ADDRESS"], *_own(folder, with_dashboard))
        at = f"http://127.0.0.1:{dashboard}" if dashboard else ""
        cluster = TwoNodes(folder, environment["RAY_ADDRESS"], environment, head, second, at)
        yield cluster
    finally:
        end_all([cluster.head, cluster.second] if cluster else started)
        shutil.rmtree(folder, ignore_errors=True)


def _agent() -> list[str]:
    return [f"--dashboard-agent-listen-port={_free_port()}"]


def _own(folder: Path, with_dashboard: bool) -> list[str]:
    """What a second node on the same machine must not share: the agent's port, and the folder that jobs unpack into."""
    return [*_agent(), f"--temp-dir={folder / 'second'}"] if with_dashboard else []


def _start(folder: Path, environment: dict[str, str], *options: str) -> psutil.Process:
    """`ray start --block`, returned when its node is up."""
    log = folder / f"start-{secrets.token_hex(4)}.log"
    command = [str(RAY), "start", "--num-cpus=1", "--block", *options]
    own = {name: value for name, value in environment.items() if name != "RAY_ADDRESS"}
    with log.open("wb") as file:
        process = subprocess.Popen(command, env=own, stdout=file, stderr=subprocess.STDOUT, start_new_session=True)
    end = time.monotonic() + START_SECONDS
    while b"Ray runtime started" not in log.read_bytes():
        if time.monotonic() > end or process.poll() is not None:
            raise RuntimeError(f"{' '.join(command)}: {log.read_text()}")
        time.sleep(0.05)
    return psutil.Process(process.pid)


def _free_port() -> int:
    """Of those that no system gives to connections: this one stays free until Ray listens there, seconds later."""
    for port in random.sample(NEVER_GIVEN, len(NEVER_GIVEN)):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no port is free")
