"""Which fragments are counted, sampled or lost."""

import numpy as np

from tokenizer.kernels.fragment_tags import NOT_SAMPLED, tag_fragments


def test_fragments_that_grow_with_the_text_are_sampled_and_too_long_ones_lost() -> None:
    found = np.array(
        [
            [0, 5, 0, 0],  # short
            [5, 8, 0, 1],  # of an unspaced script, in a document that is sampled
            [8, 72, 0, 0],  # 64 bytes are not long
            [72, 137, 0, 0],  # 65 are
            [137, 140, 1, 1],  # in one that is not
            [140, 205, 1, 0],
            [205, 210, 1, 0],
            [210, 311, 2, 0],  # above the limit
            [311, 412, 2, 1],
            [412, 513, 3, 0],
        ]
    )
    lost = np.array([0, 0, 0, -1])
    kept = tag_fragments(found, 7, np.array([4, NOT_SAMPLED, 4, 4]), 100, lost)
    assert found[:kept].tolist() == [[0, 5, 7, 1], [5, 8, 4, 1], [8, 72, 7, 1], [72, 137, 4, 1], [205, 210, 7, 1]]
    assert lost[:3].tolist() == [2, 3, 303]
