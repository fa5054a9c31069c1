"""Where numba keeps a compiled kernel: by the name of its file, not by the folder the project lies in.

The cache folder is named by a digest of all kernel sources (see `datapipe.kernels`), so the place of the project adds
nothing, and a job's uploaded copy finds what an earlier job compiled. Kernels of another package of the project stand
in a folder below it, named by a digest of theirs: an edit of them does not compile these anew.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from numba.core.caching import UserProvidedCacheLocator

from datapipe.kernels import digest_sources

FOLDER = Path(__file__).parent


class KernelCacheLocator(UserProvidedCacheLocator):
    """Numba's own locator, for the files of `kernels/` of our packages only, without the path of the folder."""

    @classmethod
    def from_function(cls, function: Callable[..., Any], file: str) -> Any:
        """A locator for a function of a kernel file, None (so that numba asks the next locator) for any other."""
        folder = Path(file).parent
        if folder.name != FOLDER.name or folder.parents[1] != FOLDER.parents[1]:
            return None
        return super().from_function(function, file)  # type: ignore[no-untyped-call]

    @classmethod
    def get_suitable_cache_subpath(cls, file: str) -> str:
        """The part of the path below the cache folder."""
        folder = Path(file).parent
        if folder == FOLDER:
            return Path(file).stem
        return f"{folder.parent.name}-{digest_sources(folder).hexdigest()[:16]}/{Path(file).stem}"

    def get_source_stamp(self) -> str:
        """Digest of the file itself; the other files' stands in the name of the folder."""
        return hashlib.sha256(Path(self._py_file).read_bytes()).hexdigest()
