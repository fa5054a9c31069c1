"""The hash is xxh3-128 of the bytes of the text, and nothing else."""

import pyarrow as pa
import xxhash

from datapipe.stages.content_hash import ContentHash


def hashes(*texts: str) -> list[bytes]:
    batch = pa.record_batch({"text": pa.array(texts, pa.large_string())})
    return ContentHash()(batch)["content_hash"].to_pylist()


def test_the_values_are_those_of_the_published_algorithm() -> None:
    # Test vectors of xxHash 0.8: the empty input with seed 0.
    assert hashes("")[0].hex() == "99aa06d3014798d86001c324468d497f"
    assert hashes("a", "abc") == [xxhash.xxh3_128_digest(b"a"), xxhash.xxh3_128_digest(b"abc")]


def test_equal_texts_have_equal_hashes_and_others_do_not() -> None:
    one, same, spaced, accented, combined = hashes("été", "été", "été ", "ete", "e\u0301te\u0301")
    assert one == same
    assert len({one, spaced, accented, combined}) == 4


def test_a_slice_of_a_batch_hashes_like_the_rows_alone() -> None:
    batch = pa.record_batch({"text": pa.array(["zero", "one", "two", "three"], pa.large_string())})
    assert ContentHash()(batch.slice(1, 2))["content_hash"].to_pylist() == hashes("one", "two")


def test_what_is_normalised_away_does_not_count() -> None:
    texts = pa.array(["A  b\n", "A b", "a, B 7", "a b 3", "ab"], pa.large_string())
    batch = pa.record_batch({"text": texts})
    spaced, folded = (
        ContentHash(normalize=way)(batch)["content_hash"].to_pylist() for way in ("white_space", "folded")
    )
    assert spaced[0] == spaced[1] == xxhash.xxh3_128_digest(b"A b")
    assert folded[0] == folded[1] == xxhash.xxh3_128_digest(b"a b")
    assert folded[2] == folded[3] == xxhash.xxh3_128_digest(b"a b 0")
    assert len(set(spaced)) == 4
    assert len(set(folded)) == 3
