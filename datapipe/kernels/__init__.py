"""Hot loops: Numba functions over the offsets and bytes of an Arrow large_string column.

Importing this package, which happens before numba loads, points numba's cache at a folder named by a digest of all
kernel sources, the numba version and the processor. Without it a cached caller would survive an edit of a kernel that
it calls in another file, and every uploaded copy of the project would compile again.
"""

import hashlib
import os
import platform
from importlib.metadata import version
from pathlib import Path


def _processor() -> str:
    """Model name of the processor: compiled code is specific to it."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith(("model name", "flags", "Features")):
                return line
    return platform.processor() or platform.machine()


def digest_sources(folder: Path) -> "hashlib._Hash":
    """Digest of all kernel sources in a folder."""
    digest = hashlib.sha256()
    for source in sorted(folder.glob("*.py")):
        digest.update(source.name.encode() + b"\0" + source.read_bytes() + b"\0")
    return digest


def cache_folder() -> Path:
    """The folder that holds compiled kernels for exactly these sources, this numba and this processor."""
    digest = digest_sources(Path(__file__).parent)
    digest.update(f"{version('numba')} {platform.python_version()} {_processor()}".encode())
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "corpusmill" / "kernels" / digest.hexdigest()[:16]


os.environ["NUMBA_CACHE_DIR"] = str(cache_folder())
os.environ["NUMBA_CACHE_LOCATOR_CLASSES"] = ",".join(
    ["datapipe.kernels.cache_locator.KernelCacheLocator", "UserProvidedCacheLocator", "InTreeCacheLocator"]
)
"""Numba from 0.62 on; an older one compiles once per copy of the project."""
