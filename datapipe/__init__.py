"""Corpusmill's data side: recipes that turn raw crawls, text and code into weighted shards.

`load` and `run` are imported when they are asked for: a Ray worker needs this package only for the few lines that watch
its child, and starts the child sooner without all the rest.
"""

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datapipe.driver import run
    from datapipe.loading.load import load

__all__ = ["load", "run"]


class _Package(ModuleType):
    """This package. `run` is the function, though a module of the same name lies in the package."""

    @property
    def load(self) -> Any:
        from datapipe.loading.load import load

        return load

    @property
    def run(self) -> Any:
        from datapipe.driver import run

        return run

    @run.setter
    def run(self, module: ModuleType) -> None:
        """Importing `datapipe.run` sets it: in vain."""


sys.modules[__name__].__class__ = _Package
