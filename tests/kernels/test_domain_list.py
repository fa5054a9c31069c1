"""Hosts on and below listed domains."""

from hypothesis import given
from hypothesis import strategies as st

from datapipe.kernels.domain_list import hash_domains, on_list

NAMES = st.lists(st.sampled_from(["a", "b", "com", "le", "xn--a"]), min_size=1, max_size=4).map(".".join)


@given(st.lists(NAMES), st.lists(NAMES))
def test_a_host_is_listed_where_a_listed_domain_is_its_end_in_whole_labels(listed: list[str], hosts: list[str]) -> None:
    expected = [any(host == name or host.endswith(f".{name}") for name in listed) for host in hosts]
    assert on_list(hosts, hash_domains(listed)).tolist() == expected


def test_the_list_is_sorted_and_without_repetitions() -> None:
    hashes = hash_domains(["b.com", "A.com\n", " a.com # again", "", "# none", "www.a.com", "a.com."])
    assert len(hashes) == 2
    assert hashes[0] < hashes[1]


def test_an_empty_list_lists_nothing() -> None:
    assert on_list(["a.com"], hash_domains([])).tolist() == [False]
    assert on_list([], hash_domains(["a.com"])).tolist() == []
