"""What the log of a proxy tells: figures at every measurement, and the time that it took."""

from collections.abc import Mapping, Sequence
from typing import Any

from trainer.mixture.results import Measurement


def measurements(records: Sequence[Mapping[str, Any]], seq_len: int) -> tuple[Measurement, ...]:
    """Every validation of a log."""
    found = (one for one in records if one["kind"] == "validation")
    return tuple(Measurement(one["samples_seen"] * seq_len, _targets(one)) for one in found)


def seconds_of(records: Sequence[Mapping[str, Any]]) -> float:
    """That processes were at what stands in the log: from each start to the last line before the next."""
    total, began, last = 0.0, None, 0.0
    for one in records:
        if one["kind"] == "start":
            total += last - began if began is not None else 0.0
            began = one["time"]
        last = one["time"]
    return total + (last - began if began is not None else 0.0)


def _targets(record: Mapping[str, Any]) -> dict[str, float | None]:
    """Bits per byte by `domain`, then by `domain/unit`."""
    domains = {domain: figures["bits_per_byte"] for domain, figures in record["domains"].items()}
    units = {
        f"{domain}/{unit}": figures["bits_per_byte"]
        for domain, inside in record["units"].items()
        for unit, figures in inside.items()
    }
    return {**domains, **units}
