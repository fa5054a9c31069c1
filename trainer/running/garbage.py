"""Python's garbage collector at set steps: left to itself, it runs whenever, and one slow process holds up all."""

import contextlib
import gc
from collections.abc import Iterator

EVERY_STEPS = 1000


def collect_at(step: int, every: int = EVERY_STEPS) -> None:
    """Collect what is left of the steps so far, at a multiple of `every`."""
    if step % every == 0:
        gc.collect()


@contextlib.contextmanager
def collected_at_steps() -> Iterator[None]:
    """No collection in the block but by `collect_at`, which does not look again at what was there before the block."""
    was_enabled = gc.isenabled()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.unfreeze()
        if was_enabled:
            gc.enable()
