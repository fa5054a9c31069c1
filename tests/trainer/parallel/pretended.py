"""One process of many, of which there are no others: what they would exchange is not there."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
import torch.distributed as dist
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.tensor.debug import _clear_sharding_prop_cache
from torch.testing._internal.distributed.fake_pg import FakeStore

from trainer.model import Transformer
from trainer.parallel import parallelize
from trainer.plan import Execution
from trainer.processes.degrees import DIMS, Degrees, degrees_of
from trainer.shapes import Shape


@contextmanager
def one_of(processes: int, shape: Shape, execution: Execution, rank: int = 0) -> Iterator[tuple[Degrees, Transformer]]:
    """The model as process `rank` of so many has it, on the meta device."""
    degrees = degrees_of(execution, processes)
    dist.init_process_group("fake", store=FakeStore(), rank=rank, world_size=processes)
    try:
        mesh = init_device_mesh("cpu", (degrees.copies, degrees.shards, degrees.tensor), mesh_dim_names=DIMS)
        with torch.device("meta"):
            model = Transformer(shape, torch.bfloat16)
        parallelize(model, mesh, execution)
        yield degrees, model
    finally:
        dist.destroy_process_group()
        _clear_sharding_prop_cache()  # it would give meshes of these processes to the next ones
