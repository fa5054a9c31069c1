"""The bytes decide what a text's charset is; claims are heard where the bytes leave it open."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datapipe.readers.charset import claimed_in_html, codec_of, decoded

RUSSIAN = "Все люди рождаются свободными и равными в своем достоинстве и правах. "
JAPANESE = "すべての人間は、生れながらにして自由であり、かつ、尊厳と権利とについて平等である。"
CHINESE = "人人生而自由，在尊严和权利上一律平等。他们赋有理性和良心。"
KOREAN = "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다."
FRENCH = "Tous les êtres humains naissent libres et égaux en dignité et en droits. "


def read(data: bytes, *claims: str | None) -> tuple[str, str]:
    text, charset = decoded(data, claims)
    return text.decode(), charset


@pytest.mark.parametrize("claim", ["windows-1251", "iso-8859-1", "euc-kr", "gb2312", "utf-16", "nonsense", None])
def test_valid_utf8_is_utf8_whatever_the_page_claims(claim: str | None) -> None:
    assert read(RUSSIAN.encode(), claim) == (RUSSIAN, "utf-8")
    assert read(b"plain ASCII", claim) == ("plain ASCII", "utf-8")


@pytest.mark.parametrize(
    ("mark", "codec"),
    [
        (b"\xef\xbb\xbf", "utf-8"),
        (b"\xff\xfe", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be"),
        (b"\xff\xfe\x00\x00", "utf-32-le"),
        (b"\x00\x00\xfe\xff", "utf-32-be"),
    ],
)
def test_a_byte_order_mark_beats_every_claim_and_is_removed(mark: bytes, codec: str) -> None:
    assert read(mark + RUSSIAN.encode(codec), "windows-1251") == (RUSSIAN, codec)


@pytest.mark.parametrize(
    ("text", "claim", "charset"),
    [
        (RUSSIAN, "windows-1251", "cp1251"),
        (RUSSIAN, "KOI8-R", "koi8-r"),
        (JAPANESE, "Shift_JIS", "cp932"),
        (JAPANESE, "euc-jp", "euc_jp"),
        (JAPANESE, "iso-2022-jp", "iso2022_jp"),
        (CHINESE, "gb2312", "gb18030"),
        (KOREAN, "ks_c_5601-1987", "cp949"),
        (FRENCH, " ISO-8859-1 ", "cp1252"),
        ("“Curly” – 5 €", "latin1", "cp1252"),
    ],
)
def test_a_claim_counts_where_the_bytes_are_no_utf8(text: str, claim: str, charset: str) -> None:
    codec = codec_of(claim)
    assert codec is not None
    assert read(text.encode(codec), claim) == (text, charset)


def test_the_first_claim_that_fits_counts() -> None:
    data = RUSSIAN.encode("cp1251")
    assert read(data, "utf-8", "windows-1251") == (RUSSIAN, "cp1251")
    assert read(data, "x-unknown", None, "windows-1251") == (RUSSIAN, "cp1251")
    assert (
        read(JAPANESE.encode("euc_jp"), "gb2312", "euc-jp")[0] != JAPANESE
    )  # the header beats the page, as in browsers
    assert read(JAPANESE.encode("cp932"), "euc-jp", "shift_jis") == (JAPANESE, "cp932")


@pytest.mark.parametrize(
    ("text", "codec", "charset"),
    [
        (RUSSIAN * 3, "cp1251", "cp1251"),
        (RUSSIAN * 3, "koi8-r", "koi8-r"),
        (JAPANESE * 3, "shift_jis", "cp932"),
        (CHINESE * 3, "gb18030", "gb18030"),
        (FRENCH * 3, "cp1252", "cp1252"),
    ],
)
def test_without_a_claim_statistics_of_the_bytes_decide(text: str, codec: str, charset: str) -> None:
    assert read(text.encode(codec)) == (text, charset)
    assert read(text.encode(codec), "us-ascii" if charset == "cp1252" else "utf-8") == (text, charset)


def test_one_stray_byte_does_not_make_a_page_latin1() -> None:
    data = (FRENCH * 20).encode()
    text, charset = read(data[:100] + b"\xe9" + data[100:], "iso-8859-1")
    assert charset == "utf-8"
    assert text.replace("\ufffd", "") == FRENCH * 20


def test_utf16_without_a_mark_is_known_by_its_zeros() -> None:
    page = "<html><title>Hello</title>" + FRENCH
    assert read(page.encode("utf-16-le")) == (page, "utf-16-le")
    assert read(page.encode("utf-16-be"), "utf-8") == (page, "utf-16-be")
    assert read(b"a text with one \0 in it") == ("a text with one \0 in it", "utf-8")


@pytest.mark.parametrize(
    ("page", "claim"),
    [
        (b'<html><meta charset="windows-1251">', "windows-1251"),
        (b"<META http-equiv=Content-Type content='text/html; CHARSET=Shift_JIS'>", "Shift_JIS"),
        (b'<?xml version="1.0" encoding="EUC-JP"?><html><meta charset="utf-8">', "EUC-JP"),
        (b"<p>meta charset=utf-8</p>", None),
        (b"<meta name=charset content=x>", None),
        (b" " * 5000 + b"<meta charset=utf-8>", None),
    ],
)
def test_the_claim_of_a_page_is_found(page: bytes, claim: str | None) -> None:
    assert claimed_in_html(page) == claim


@pytest.mark.parametrize("name", ["hex", "rot13", "base64", "idna", "utf-7", "hz-gb-2312", "x-user-defined"])
def test_codecs_of_python_that_are_no_charsets_of_pages_are_unknown(name: str) -> None:
    assert codec_of(name) is None


@given(data=st.binary(max_size=200), claim=st.one_of(st.none(), st.text(max_size=12), st.just("euc-jp")))
def test_any_bytes_become_text(data: bytes, claim: str | None) -> None:
    text, _ = decoded(data, [claim])
    text.decode()
