"""How the processes of a run find each other, and which of them are missing when not all come."""

import contextlib
import json
import os
import socket
import time
from datetime import timedelta

import torch.distributed as dist
from torch._C._distributed_c10d import PrefixStore, Store, TCPStore

from datapipe.output import RunError

PARTING_SECONDS = 2.0
"""For those who came to hear that others did not."""
SHOWN = 8


def meet(rank: int, size: int, timeout_seconds: float) -> Store:
    """Wait for all, at the address that the launcher has set: MASTER_ADDR and MASTER_PORT, where rank 0 listens or,
    under torchrun, its agent. Raises RunError with those who have not come in time."""
    store = _store(rank, timeout_seconds)
    me = f"rank {rank} on {socket.gethostname()}"
    try:
        store.set(f"here/{rank}", socket.gethostname())
        if rank == 0:
            store.set("missing", json.dumps(_awaited(store, size, timeout_seconds)))
        store.wait(["missing"], timedelta(seconds=timeout_seconds + PARTING_SECONDS))
        missing = json.loads(store.get("missing"))
        store.set(f"told/{rank}", "")
        if rank == 0 and missing:  # which listens no longer once it has ended
            with contextlib.suppress(dist.DistStoreError):
                told = [f"told/{other}" for other in range(size) if other not in missing]
                store.wait(told, timedelta(seconds=PARTING_SECONDS))
    except dist.DistError:
        raise RunError(f"{me}: rank 0 of {size} has not come in {timeout_seconds:.0f} s ({_address()})") from None
    if rank in missing:
        raise RunError(f"{me} comes too late: the others have waited for {timeout_seconds:.0f} s, and ended")
    if missing:
        raise RunError(
            f"{len(missing)} of {size} processes have not come in {timeout_seconds:.0f} s (execution.hang_minutes): "
            f"{ranks(missing)}"
        )
    return PrefixStore("group", store)


def ranks(those: list[int]) -> str:
    """Their numbers, the first of them where they are many."""
    more = f" and {len(those) - SHOWN:,} more" if len(those) > SHOWN else ""
    return f"rank{'s' * (len(those) > 1)} {', '.join(map(str, those[:SHOWN]))}{more}"


def _store(rank: int, timeout_seconds: float) -> Store:
    """Where they leave word for each other: rank 0's, which is new, or the agent's, with a place for each restart.

    Rank 0's has no such places: an agent that has come in place of another counts restarts from 0.
    """
    has_agent = os.environ.get("TORCHELASTIC_USE_AGENT_STORE") == "True"
    place = os.environ.get("TORCHELASTIC_RESTART_COUNT", "0") if has_agent else "0"
    try:
        store = TCPStore(
            os.environ["MASTER_ADDR"],
            int(os.environ["MASTER_PORT"]),
            is_master=rank == 0 and not has_agent,
            timeout=timedelta(seconds=timeout_seconds),
            wait_for_workers=False,
        )
    except KeyError as missing:
        raise RunError(f"RANK is set, {missing.args[0]} is not: torchrun and other launchers set both") from None
    except (dist.DistError, ValueError) as error:
        what = "listen" if rank == 0 and not has_agent else "reach rank 0"
        raise RunError(
            f"rank {rank} on {socket.gethostname()} cannot {what} at {_address()} in {timeout_seconds:.0f} s: "
            f"{str(error).splitlines()[0]}"
        ) from None
    return PrefixStore(f"corpusmill/{place}", store)


def _awaited(store: Store, size: int, timeout_seconds: float) -> list[int]:
    """Who is not there when the time is over."""
    end = time.monotonic() + timeout_seconds
    with contextlib.suppress(dist.DistStoreError):
        for rank in range(size):
            store.wait([f"here/{rank}"], timedelta(seconds=max(end - time.monotonic(), 0.01)))
    return [rank for rank in range(size) if not store.check([f"here/{rank}"])]


def _address() -> str:
    return f"{os.environ.get('MASTER_ADDR')}:{os.environ.get('MASTER_PORT')}"
