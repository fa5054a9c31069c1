import math

import pytest

from trainer.running.figures import Figures, of_domains, validation_record

MEASURED = {
    "code": {"C": Figures(nats=300.0, tokens=100, bytes=250), "Go": Figures(nats=100.0, tokens=100, bytes=150)},
    "english": {"web": Figures(nats=20.0, tokens=10, bytes=40)},
}


def test_bits_per_byte_are_nats_over_ln_2_over_bytes_of_text() -> None:
    record = Figures(nats=100 * math.log(2), tokens=25, bytes=50).record
    assert record["bits_per_byte"] == pytest.approx(2.0)
    assert record["loss"] == pytest.approx(4 * math.log(2))


def test_a_domain_is_the_sum_of_its_units_not_the_mean_of_their_means() -> None:
    assert of_domains(MEASURED)["code"] == Figures(400.0, 200, 400)


def test_domains_stand_side_by_side_and_are_never_mixed() -> None:
    record = validation_record(MEASURED)
    assert {domain: one["loss"] for domain, one in record["domains"].items()} == {"code": 2.0, "english": 2.0}
    assert record["units"]["code"]["Go"]["loss"] == 1.0
    assert record.keys() == {"domains", "units"}


def test_where_bytes_are_not_known_bits_per_byte_are_not() -> None:
    known, unknown = Figures(20.0, 10, 30), Figures(20.0, 10, None)
    assert unknown.record == {"loss": 2.0, "bits_per_byte": None, "tokens": 10, "bytes": None}
    assert known + unknown == Figures(40.0, 20, None)
