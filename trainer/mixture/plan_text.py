"""Blends put into the text of a plan: where its YAML stands tells what to replace, and all the rest stays as it is."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from datapipe.loading.located_yaml import parse
from trainer.plan import DomainBlend, Plan

PLAIN = re.compile("[A-Za-z_][A-Za-z0-9_-]*")
"""Keys that need no quotes."""
Edit: TypeAlias = tuple[int, int, str]
"""Start, end, and what stands there instead."""


@dataclass(frozen=True)
class Changes:
    """What a plan is to say instead."""

    blends: Mapping[str, Mapping[str, DomainBlend]]
    """New ones, beside those that are there."""
    named: Mapping[str, str]
    """Blend of every phase."""
    output: str
    data: str | None
    folder: Path
    """Of the plan: what its files of tokens stand against."""


def edited(text: str, changes: Changes) -> str | None:
    """`text` with the changes; None where it is written in a way that this does not know."""
    root = yaml.compose(text, yaml.SafeLoader)
    if not isinstance(root, yaml.MappingNode) or root.flow_style:
        return None
    keys = _keys(root)
    edits: list[Edit] = [_replaced(keys["output"], changes.output)]
    if "data" in keys and changes.data is not None:
        edits.append(_replaced(keys["data"], changes.data))
    edits += [_named(text, phase, changes.named) for phase in keys["phases"].value]
    edits += _absolute(keys.get("megatron"), changes.folder)
    edits.append(_blends(text, keys.get("blends"), changes.blends))
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def dumped(base: Plan, changes: Changes) -> str:
    """The plan's data with the changes, as YAML without comments."""
    data: dict[str, Any] = parse(base.text, base.file).data
    data["output"] = changes.output
    if changes.data is not None:
        data["data"] = changes.data
    for phase in data["phases"]:
        phase["blend"] = changes.named[phase["name"]]
    for units in (data.get("megatron") or {}).get("units", {}), (data.get("megatron") or {}).get("validation", {}):
        for domain in units.values():
            domain |= {unit: [str(changes.folder / path) for path in paths] for unit, paths in domain.items()}
    blends = {name: {domain: _said(one) for domain, one in blend.items()} for name, blend in changes.blends.items()}
    data["blends"] = {**(data.get("blends") or {}), **blends}
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=120)


def _keys(node: yaml.MappingNode) -> dict[str, Any]:
    return {key.value: value for key, value in node.value}


def _replaced(node: yaml.Node, value: str) -> Edit:
    return node.start_mark.index, node.end_mark.index, _quoted(value)


def _named(text: str, phase: yaml.MappingNode, named: Mapping[str, str]) -> Edit:
    """The blend of a phase: in the place of another, else behind its name."""
    keys = _keys(phase)
    blend = named[keys["name"].value]
    if "blend" in keys:
        return _replaced(keys["blend"], blend)
    end = keys["name"].end_mark.index
    if phase.flow_style:
        return end, end, f", blend: {blend}"
    end = _line_end(text, end)
    column = phase.value[0][0].start_mark.column
    return end, end, f"\n{' ' * column}blend: {blend}"


def _blends(text: str, node: Any, blends: Mapping[str, Mapping[str, DomainBlend]]) -> Edit:
    """New blends: before those that are there, else at the end."""
    if isinstance(node, yaml.MappingNode) and node.value and not node.flow_style:
        first = node.value[0][0].start_mark
        place = first.index - first.column
        return place, place, "".join(_lines(blends, first.column))
    if isinstance(node, yaml.MappingNode) and node.value:
        place = node.start_mark.index + 1
        said = (f"{name}: {_flow({domain: _said(one) for domain, one in of.items()})}, " for name, of in blends.items())
        return place, place, "".join(said)
    if node is not None:
        return node.start_mark.index, node.end_mark.index, "\n" + "".join(_lines(blends, 2)).rstrip("\n")
    gap = "" if text.endswith("\n") else "\n"
    return len(text), len(text), f"{gap}\nblends:\n{''.join(_lines(blends, 2))}"


def _lines(blends: Mapping[str, Mapping[str, DomainBlend]], indent: int) -> Iterator[str]:
    for name, blend in blends.items():
        yield f"{' ' * indent}{name}:\n"
        for domain, one in blend.items():
            yield f"{' ' * (indent + 2)}{_key(domain)}: {_flow(_said(one))}\n"


def _said(one: DomainBlend) -> dict[str, Any]:
    """As a plan writes it."""
    if one.sampling is None:
        return {"weight": one.weight}
    return {"weight": one.weight, "sampling": {"weights": dict(one.sampling.weights or {})}}


def _flow(value: Any) -> str:
    """YAML on one line; numbers with all their digits."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(key)}: {_flow(inner)}" for key, inner in value.items()) + "}"
    return repr(value)


def _key(name: str) -> str:
    return name if PLAIN.fullmatch(name) else json.dumps(name, ensure_ascii=False)


def _quoted(value: str) -> str:
    return value if re.fullmatch("[A-Za-z_][A-Za-z0-9_./-]*", value) else json.dumps(value, ensure_ascii=False)


def _absolute(node: Any, folder: Path) -> Iterator[Edit]:
    """Files of tokens stand against the plan's folder, and the copy stands in another."""
    if not isinstance(node, yaml.MappingNode):
        return
    keys = _keys(node)
    for units in (keys[key] for key in ("units", "validation") if key in keys):
        for _, domain in units.value:
            for _, paths in domain.value:
                for path in paths.value:
                    yield _replaced(path, str(folder / path.value))


def _line_end(text: str, place: int) -> int:
    found = text.find("\n", place)
    return len(text) if found < 0 else found
