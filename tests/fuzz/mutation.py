"""Bytes changed the way damage and malice change them; everything follows from the random generator given."""

from collections.abc import Sequence
from random import Random

INTERESTING = (
    b"\0", b"\xff", b"\n", b"\r\n\r\n", b"\x7f\xff\xff\xff", b"\xff" * 8, b"\x80\x80\x80\x80\x01", b"PAR1",
    b"PK\x03\x04", b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"WARC/1.0\r\n", b"99999999999", b"-1", b'{"', b"[[[[",
)  # fmt: skip


def mutated(random: Random, seeds: Sequence[bytes], max_bytes: int = 1 << 18) -> bytes:
    """One of the seeds with one to six changes: bytes set, cut out, put in, repeated, or taken from another seed."""
    data = bytearray(random.choice(seeds))
    for _ in range(random.randint(1, 6)):
        _change(random, data, seeds)
    return bytes(data[:max_bytes])


def _change(random: Random, data: bytearray, seeds: Sequence[bytes]) -> None:
    at = random.randint(0, len(data))
    length = random.choice((1, 1, 2, 4, 8, random.randint(1, 512)))
    match random.randrange(7):
        case 0:
            data[at : at + 1] = random.randbytes(1)
        case 1:
            if at < len(data):
                data[at] ^= 1 << random.randrange(8)
        case 2:
            del data[at : at + length]
        case 3:
            del data[at:]
        case 4:
            put_in = random.choice(INTERESTING)
            data[at : at + random.choice((0, len(put_in)))] = put_in
        case 5:
            data[at:at] = data[at : at + length] * random.randint(1, 50)
        case _:
            other = random.choice(seeds)
            begin = random.randint(0, len(other))
            data[at : at + random.choice((0, length))] = other[begin : begin + length]


def mutated_text(random: Random, seeds: Sequence[str]) -> str:
    """A recipe with words and lines put elsewhere, or with a few bytes changed."""
    if random.random() < 0.4:
        return mutated(random, [seed.encode() for seed in seeds]).decode("utf-8", random.choice(("replace", "ignore")))
    lines = random.choice(seeds).splitlines(keepends=True)
    words = " ".join(seeds).split()
    for _ in range(random.randint(1, 5)):
        at = random.randrange(len(lines) + 1)
        match random.randrange(5):
            case 0:
                del lines[at : at + random.randint(1, 3)]
            case 1:
                lines[at:at] = lines[at : at + 1] * random.randint(1, 3)
            case 2:
                random.shuffle(lines[at : at + 4])
            case 3 if at < len(lines):
                found = lines[at].split()
                if found:
                    lines[at] = lines[at].replace(random.choice(found), random.choice([*words, *ODD]), 1)
            case _ if at < len(lines):
                lines[at] = random.choice((" ", "  ", "\t", "- ")) + lines[at]
    return "".join(lines)


ODD = (
    "null", "~", "true", "1e400", ".nan", "-1", "0x10", "[]", "{}", "{a: b}", "[[1]]", "&a", "*a", "!!python/name:os",
    "'", '"', "2020-01-01", "1_000", "{}: {}", "<<: *a", "|", ">", "%", "\0", "é", "a" * 5000, "[" * 300, "{a: " * 300,
)  # fmt: skip
