"""Curves over the tokens seen, as numbers for a drawing of lines, bands, axes and edges of phases."""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from datapipe.report.scales import Scale
from trainer.report.curves import Curve

WIDTH, HEIGHT = 880, 240
"""In units of the view box."""
LEFT, RIGHT, TOP, BOTTOM = 64, 12, 24, 34
COLOURS = ("s5", "s2", "kept", "s4", "s1", "s3", "s6", "s7")
"""Classes of `style.css`, for lines in their order; further ones begin anew."""
POINTERS = 120
"""Places of a chart that show their values under the pointer, at most."""


@dataclass(frozen=True)
class Edge:
    """Where a phase begins."""

    name: str
    sample: int


@dataclass(frozen=True)
class Line:
    """One line of a chart, with the band between the least and the most that its points stand for."""

    name: str
    colour: str
    points: str
    band: str


@dataclass(frozen=True)
class Pointer:
    """A strip of the chart, and what it says."""

    x: float
    width: float
    text: str


@dataclass(frozen=True)
class Chart:
    """A drawing."""

    title: str
    about: str
    lines: tuple[Line, ...]
    across: tuple[tuple[str, float], ...]
    up: tuple[tuple[str, float], ...]
    edges: tuple[tuple[str, float], ...]
    pointers: tuple[Pointer, ...]


@dataclass(frozen=True)
class Frame:
    """What all charts of a page share: the tokens from the first sample to the last, and the edges of phases."""

    last_sample: int
    seq_len: int
    edges: tuple[Edge, ...]

    @property
    def scale(self) -> Scale:
        """Of samples."""
        return Scale(0.0, float(max(self.last_sample, 1)), LEFT, WIDTH - RIGHT)

    def ticks(self) -> tuple[tuple[str, float], ...]:
        """Round numbers of tokens, and where they stand."""
        tokens = Scale(0.0, float(max(self.last_sample, 1) * self.seq_len), LEFT, WIDTH - RIGHT)
        values, _ = tokens.round_values()
        return tuple((short(value), tokens.place(value)) for value in values)


def chart(
    title: str, about: str, curves: Mapping[str, Curve], frame: Frame, *, logarithmic: bool = False, zero: bool = False
) -> Chart | None:
    """The drawing of some curves; None where there is nothing to draw.

    `logarithmic`: equal distances are equal factors; values that are not above 0 are left out. `zero`: the axis begins
    there.
    """
    shown = {name: _logarithms(one) if logarithmic else one for name, one in curves.items()}
    shown = {name: one for name, one in shown.items() if one.samples}
    if not shown:
        return None
    values = [value for one in shown.values() for value in (min(one.least), max(one.most))]
    up = Scale.around([0.0, *values] if zero else values, HEIGHT - BOTTOM, TOP)
    if zero:
        up = Scale(0.0, up.most, up.start, up.end)
    names = list(curves)
    lines = [_line(name, COLOURS[names.index(name) % len(COLOURS)], one, frame, up) for name, one in shown.items()]
    return Chart(
        title,
        about,
        tuple(lines),
        frame.ticks(),
        tuple(_powers(up) if logarithmic else _values(up)),
        tuple((edge.name, frame.scale.place(edge.sample)) for edge in frame.edges if edge.sample <= frame.last_sample),
        tuple(_pointers(curves, frame)),
    )


def short(value: float) -> str:
    """A number with the letter of its thousands: 12.3 M."""
    for letter in ("", " k", " M", " B", " T"):
        if abs(value) < 999.5 or letter == " T":
            break
        value /= 1000
    return f"{value:.3g}{letter}" if abs(value) < 999.5 else f"{value:,.0f}{letter}"


def _logarithms(one: Curve) -> Curve:
    keep = [place for place, value in enumerate(one.least) if value > 0]
    columns = (one.least, one.mean, one.most)
    logs = [tuple(math.log10(column[place]) for place in keep) for column in columns]
    return Curve(tuple(one.samples[place] for place in keep), *logs)


def _line(name: str, colour: str, one: Curve, frame: Frame, up: Scale) -> Line:
    places = [frame.scale.place(sample) for sample in one.samples]
    band = ""
    if one.is_thinned:
        there = list(zip(places, one.most, strict=True))
        back = list(zip(places, one.least, strict=True))[::-1]
        band = _points([x for x, _ in there + back], [value for _, value in there + back], up)
    return Line(name, colour, _points(places, one.mean, up), band)


def _points(places: Sequence[float], values: Sequence[float], up: Scale) -> str:
    return " ".join(f"{x:g},{up.place(value):g}" for x, value in zip(places, values, strict=True))


def _values(up: Scale) -> list[tuple[str, float]]:
    values, exponent = up.round_values()
    if exponent < -3:
        return [(f"{value:.3g}" if value else "0", up.place(value)) for value in values]
    if abs(up.most) >= 10_000:
        return [(short(value), up.place(value)) for value in values]
    return up.ticks()


def _powers(up: Scale) -> list[tuple[str, float]]:
    """1, 2 and 5 times the powers of ten of a logarithmic axis; the powers alone where that would be many, other values
    where too few of them are in reach.
    """
    exponents = range(math.floor(up.least), math.ceil(up.most) + 1)
    factors = (1, 2, 5) if len(exponents) <= 3 else (1,)
    found = [(factor * 10.0**exponent) for exponent in exponents for factor in factors]
    shown = [(f"{value:g}", up.place(math.log10(value))) for value in found if up.least <= math.log10(value) <= up.most]
    return shown if len(shown) > 1 else [(f"{10**value:.3g}", up.place(value)) for value in up.round_values()[0]]


def _pointers(curves: Mapping[str, Curve], frame: Frame) -> list[Pointer]:
    """Strips over the points of the longest curve, each with the values of all curves at or before its point."""
    longest = max(curves.values(), key=lambda one: len(one.samples))
    every = -(-len(longest.samples) // POINTERS)
    chosen = longest.samples[::every]
    places = [frame.scale.place(sample) for sample in chosen]
    ends = [(a + b) / 2 for a, b in itertools.pairwise(places)]
    strips = zip([LEFT, *ends], [*ends, WIDTH - RIGHT], strict=True)
    return [
        Pointer(round(left, 1), round(right - left, 1), _said(curves, sample, frame.seq_len))
        for sample, (left, right) in zip(chosen, strips, strict=True)
    ]


def _said(curves: Mapping[str, Curve], sample: float, seq_len: int) -> str:
    parts = []
    for name, one in curves.items():
        place = sum(at <= sample for at in one.samples) - 1
        if place >= 0:
            least, most = one.least[place], one.most[place]
            parts.append(f"{name} {one.mean[place]:.4g}" + (f" ({least:.4g} to {most:.4g})" if least != most else ""))
    return f"{short(sample * seq_len)} tokens: {', '.join(parts)}"
