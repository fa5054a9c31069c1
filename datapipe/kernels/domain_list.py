"""Lists of millions of domains in 8 bytes each, and which hosts lie on or below one of them."""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
from xxhash import xxh3_64_intdigest


def hash_domains(lines: Iterable[str]) -> npt.NDArray[np.uint64]:
    """Sorted hashes of the domains of a list: one per line, `#` begins a comment, a leading `www.` does not count.

    64 bits are enough: of hosts on no list one in 4e12 would be taken for a member of a list of 4.6 million. A line
    that cannot be a domain is a ValueError.
    """
    names = (line.partition("#")[0].strip().strip(".").lower().removeprefix("www.") for line in lines)
    return np.unique(np.fromiter((xxh3_64_intdigest(_checked(name).encode()) for name in names if name), np.uint64))


def _checked(name: str) -> str:
    if any(sign in name for sign in " \t/:*@"):
        raise ValueError(f"expected one domain per line, found {name!r}")
    return name


def on_list(hosts: Sequence[str], hashes: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
    """For each host in small letters whether it is on the list or below a domain that is: whole labels, from the right.

    `a.example.com` lies below `example.com`; `le.com` says nothing about `google.com`.
    """
    owners, suffixes = [], []
    for place, host in enumerate(hosts):
        for start in _label_starts(host):
            owners.append(place)
            suffixes.append(xxh3_64_intdigest(host[start:].encode()))
    listed = np.zeros(len(hosts), np.bool_)
    if len(hashes) and suffixes:
        wanted = np.array(suffixes, np.uint64)
        nearest = hashes[np.minimum(np.searchsorted(hashes, wanted), len(hashes) - 1)]
        listed[np.array(owners)[nearest == wanted]] = True
    return listed


def _label_starts(host: str) -> list[int]:
    """Where the labels of a host begin."""
    return [0, *(place + 1 for place, sign in enumerate(host) if sign == ".")]
