import gc
import weakref

from trainer.running.garbage import collect_at, collected_at_steps


class Ring:
    """Rubbish that only the collector can find."""

    def __init__(self) -> None:
        self.me = self


def test_rubbish_stays_until_its_step_and_goes_then() -> None:
    with collected_at_steps():
        left = weakref.ref(Ring())
        collect_at(9, every=10)
        assert left() is not None
        collect_at(10, every=10)
        assert left() is None


def test_afterwards_the_collector_is_as_it_was() -> None:
    with collected_at_steps():
        assert not gc.isenabled()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
