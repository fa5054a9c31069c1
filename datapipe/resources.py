"""What tasks reserve of a cluster, and what a cluster lacks for them. Plain numbers: no Ray here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

TEXT_IN_MEMORY = 4
"""Peak memory of a task that holds a shard, as a multiple of the shard's text (seen: `datapipe/README.md`)."""

Node = Mapping[str, float]
"""What a node of a cluster has in all, by Ray's names: CPU, GPU, memory (bytes)."""


@dataclass(frozen=True)
class Resources:
    """What one task reserves."""

    num_cpus: float = 1
    num_gpus: float = 0
    memory_bytes: int = 2 << 30
    record_cpu_seconds: float = 30
    """What one record may take of a step (`datapipe.isolation.parent`)."""

    @classmethod
    def holding(cls, text_bytes: int) -> "Resources":
        """Of a task that holds so much text at once."""
        return cls(memory_bytes=(512 << 20) + TEXT_IN_MEMORY * text_bytes)

    def fit(self, node: Node) -> bool:
        """Whether a node that does nothing else can run such a task, memory aside."""
        return node.get("CPU", 0) >= self.num_cpus and node.get("GPU", 0) >= self.num_gpus

    def memory_on(self, nodes: Sequence[Node]) -> int:
        """Memory to reserve: never more than the largest node that fits has, or the task would wait for ever."""
        largest = max((int(node.get("memory", 0)) for node in nodes if self.fit(node)), default=0)
        return min(self.memory_bytes, largest) if largest else self.memory_bytes

    def room_on(self, nodes: Sequence[Node]) -> int:
        """How many such tasks nodes that do nothing else bear at the same time."""
        asked = {"CPU": self.num_cpus, "GPU": self.num_gpus, "memory": self.memory_on(nodes)}
        told = {"CPU", "GPU", *(name for node in nodes for name in node)}  # of memory a node may say nothing
        limits = {name: amount for name, amount in asked.items() if amount and name in told}
        return sum(min(int(node.get(name, 0) / amount + 1e-9) for name, amount in limits.items()) for node in nodes)

    def shortage(self, nodes: Sequence[Node]) -> str | None:
        """What no node can give, in words; None where one can."""
        if any(self.fit(node) for node in nodes):
            return None
        asked = {"CPU": self.num_cpus, "GPU": self.num_gpus}
        has = {name: sum(node.get(name, 0) for node in nodes) for name in asked}
        wanted = " and ".join(f"{amount:g} {name}" for name, amount in asked.items() if amount)
        there = " and ".join(f"{has[name]:g} {name}" for name, amount in asked.items() if amount)
        return f"{wanted} on one node; the cluster has {there} on {len(nodes)} node{'' if len(nodes) == 1 else 's'}"
