"""Receipts add up to the account of a run."""

from datapipe.accounts import PassAccount, slim, source_of
from datapipe.receipts import Count, Receipt


def receipt(**more: object) -> Receipt:
    return Receipt("extract", "web-000000-0000", "f", "i", **more)  # type: ignore[arg-type]


def test_an_account_is_the_sum_of_its_receipts() -> None:
    account = PassAccount()
    account.add(
        receipt(rows_in=5, rows_out=3, bytes_in=50, bytes_out=30, bytes_read=40, quarantined=1, seconds=1.5,
                cpu_seconds=1.0, peak_mb=100.0, step_seconds={"a": 0.5}, failed={"r": 1}, passed_over={"request": 2},
                figures={"pairs": {"pairs": 3, "largest_bucket": 17}},
                counts=(Count("en", "", "", 3, 30), Count("en", "select", "r", 1, 10))),
        "web",
    )  # fmt: skip
    account.add(
        receipt(rows_in=2, rows_out=2, bytes_in=20, seconds=0.5, peak_mb=80.0, step_seconds={"a": 0.25, "b": 1.0},
                passed_over={"request": 1, "image": 4}, counts=(Count("en", "", "", 2, 20),),
                figures={"pairs": {"pairs": 4, "largest_bucket": 9}, "documents": {"web-000000-0000": 2}}),
        "news",
    )  # fmt: skip

    assert account.data() == {
        "shards": 2, "rows_in": 7, "rows_out": 5, "bytes_in": 70, "bytes_out": 30, "bytes_read": 40, "quarantined": 1,
        "passages": 0,
        "seconds": 2.0, "cpu_seconds": 1.0, "peak_mb": 100.0, "step_seconds": {"a": 0.75, "b": 1.0}, "failed": {"r": 1},
        "passed_over": {"request": 3, "image": 4}, "records_of_source": {"web": 5, "news": 2},
        "quarantined_of_source": {"web": 1, "news": 0}, "cluster_sizes": {}, "largest_clusters": {},
        "figures": {"pairs": {"pairs": 7, "largest_bucket": 17}},
        "counts": [["news", "en", "", "", 2, 20], ["web", "en", "", "", 3, 30], ["web", "en", "select", "r", 1, 10]],
    }  # fmt: skip


def test_the_driver_keeps_receipts_without_their_accounts() -> None:
    full = receipt(rows_in=5, counts=(Count("en", "", "", 3, 30),), failed={"r": 1}, step_seconds={"a": 1.0})

    assert slim(full) == receipt(rows_in=5)


def test_the_source_is_the_first_part_of_a_shards_name() -> None:
    assert source_of("web-000000-0000") == "web"
    assert source_of("common-crawl-2024-000000-0000") == "common-crawl-2024"
    assert source_of("shards/english/left-hand-1/000000") == ""
