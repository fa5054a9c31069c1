"""The keys of proxies in a swarm: runs of other settings cannot be compared, so they are refused."""

from trainer.mixture.experiment import Proxy
from trainer.mixture.materials import Materials
from trainer.mixture.recorded import changed, recorded
from trainer.mixture.swarm import Swarm

FREE = ("micro_batch",)
"""How steps are computed changes nothing that is measured, but for rounding."""


def proxy_keys(proxy: Proxy) -> dict[str, object]:
    """What `swarm.json` keeps of them."""
    return recorded(proxy)


def changed_settings(swarm: Swarm, proxy: Proxy, materials: Materials) -> list[str]:
    """What is not as the swarm was designed for, in words; [] where everything is."""
    then, now = (
        {key: value for key, value in keys.items() if key not in FREE} for keys in (swarm.proxy, proxy_keys(proxy))
    )
    return [
        *changed(then, now, "proxy"),
        *changed(swarm.materials.phase_tokens, materials.phase_tokens, "tokens of phase"),
    ]
