"""Python's garbage collector at set steps: left to itself, it runs whenever, and one slow process holds up all."""

import contextlib
import gc
from collections.abc import Callable, Iterator

EVERY_STEPS = 1000


@contextlib.contextmanager
def collected_at_steps(every: int = EVERY_STEPS) -> Iterator[Callable[[int], None]]:
    """No collection in the block but where its function is called with a multiple of `every`. What was there before
    the block is not looked at again."""
    was_enabled = gc.isenabled()
    gc.collect()
    gc.freeze()
    gc.disable()

    def collect(step: int) -> None:
        if step % every == 0:
            gc.collect()

    try:
        yield collect
    finally:
        gc.unfreeze()
        if was_enabled:
            gc.enable()
