"""Languages and scripts, by the shipped model and by one trained here whose labels carry scripts."""

import hashlib
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from datapipe.stages.identify_language import SHIPPED_MODEL, IdentifyLanguage, guess, read_label

SENTENCES = {
    ("en", "Latn"): "The river rises in the hills behind our village and reaches the sea after three days.",
    ("de", "Latn"): "Der Fluss entspringt in den Hügeln hinter unserem Dorf und erreicht nach drei Tagen das Meer.",
    ("fr", "Latn"): "La rivière prend sa source dans les collines derrière notre village et rejoint la mer.",
    ("ru", "Cyrl"): "Река начинается на холмах за нашей деревней и через три дня достигает моря.",
    ("el", "Grek"): "Το ποτάμι πηγάζει από τους λόφους πίσω από το χωριό μας και φτάνει στη θάλασσα.",
    ("ar", "Arab"): "ينبع النهر من التلال خلف قريتنا ويصل إلى البحر بعد ثلاثة أيام.",
    ("he", "Hebr"): "הנהר נובע בגבעות שמאחורי הכפר שלנו ומגיע אל הים אחרי שלושה ימים.",
    ("hi", "Deva"): "नदी हमारे गाँव के पीछे की पहाड़ियों से निकलती है और तीन दिन बाद समुद्र तक पहुँचती है।",
    ("th", "Thai"): "แม่น้ำเริ่มต้นจากเนินเขาหลังหมู่บ้านของเราและไหลลงสู่ทะเลหลังจากสามวัน",
    ("zh", "Hani"): "这条河发源于我们村后面的山丘，三天后流入大海。",
    ("ja", "Jpan"): "この川は村の裏の丘から流れ出し、三日後に海に着きます。",
    ("ko", "Hang"): "강은 우리 마을 뒤의 언덕에서 시작하여 사흘 뒤에 바다에 이른다.",
    ("fil", "Latn"): "Ang ilog ay nagmumula sa mga burol sa likod ng aming nayon at umaabot sa dagat.",
}


def identified(*texts: str, **options: Any) -> list[dict[str, Any]]:
    batch = pa.record_batch({"text": pa.array(texts, pa.large_string())})
    columns = IdentifyLanguage(**options)(batch).drop_columns(["text"])
    rows: list[dict[str, Any]] = columns.to_pylist()
    return rows


def test_it_knows_the_language_and_the_script_of_plain_sentences() -> None:
    found = identified(*SENTENCES.values())
    assert [(row["language"], row["script"]) for row in found] == list(SENTENCES)


def test_scores_are_probabilities_and_the_runner_up_is_another_language() -> None:
    for row in identified(*SENTENCES.values(), "?? a"):
        assert 0 <= row["runner_up_score"] <= row["language_score"] <= 1
        assert row["language"] != row["runner_up_language"]


@pytest.mark.parametrize("text", ["", " \n", "\0", "12 345, 67.", "\u0301\u0323", "\U0001f30a !!!"])
def test_a_text_without_letters_is_undetermined(text: str) -> None:
    nothing = {"language": "und", "script": "Zyyy", "language_score": 0.0}
    assert identified(text) == [{**nothing, "runner_up_language": "und", "runner_up_score": 0.0}]


def test_a_line_break_counts_as_a_space() -> None:
    sentence = SENTENCES["fr", "Latn"]
    assert identified(sentence.replace(" ", "\n")) == identified(sentence)


def test_the_mark_at_which_fasttext_stops_reading_does_not_stop_it() -> None:
    sentence = SENTENCES["de", "Latn"]
    assert identified(f"</s> {sentence}")[0]["language"] == "de"


def test_only_the_first_characters_are_read() -> None:
    text = SENTENCES["zh", "Hani"][:20] + SENTENCES["en", "Latn"] * 50
    assert [identified(text, characters=count)[0]["language"] for count in (20, 2000)] == ["zh", "en"]
    assert [identified(text, characters=count)[0]["script"] for count in (20, 2000)] == ["Hani", "Latn"]


def test_reading_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="characters"):
        IdentifyLanguage(characters=0)


def test_the_shipped_model_is_the_one_that_the_version_of_the_stage_stands_for() -> None:
    digest = hashlib.sha256(SHIPPED_MODEL.read_bytes()).hexdigest()
    assert digest == "8f3472cfe8738a7b6099e8e999c3cbfae0dcd15696aac7d7738a8039db603e83"
    assert IdentifyLanguage.version == 1


@pytest.mark.parametrize(
    ("label", "language", "script"),
    [
        ("__label__en", "en", None),
        ("__label__eng_Latn", "en", "Latn"),
        ("__label__cmn_Hani", "zh", "Hani"),
        ("__label__zho_Hant", "zh", "Hant"),
        ("__label__arb_Arab", "ar", "Arab"),
        ("__label__ary_Arab", "ary", "Arab"),
        ("__label__yue_Hani", "yue", "Hani"),
        ("__label__tl", "fil", None),
        ("__label__tgl_Latn", "fil", "Latn"),
        ("__label__no", "no", None),
        ("__label__nob_Latn", "no", "Latn"),
        ("__label__nn", "nn", None),
        ("__label__sh", "sh", None),
        ("__label__als", "gsw", None),  # the Wikipedia of Alemannic
        ("__label__als_Latn", "sq", "Latn"),  # Tosk Albanian
        ("__label__iw", "he", None),
        ("__label__zh-Latn", "zh", "Latn"),
        ("pt_BR", "pt", None),
    ],
)
def test_labels_of_every_model_become_the_shortest_subtag(label: str, language: str, script: str | None) -> None:
    assert read_label(label) == (language, script)


def test_the_labels_of_one_language_in_several_scripts_count_together() -> None:
    found = guess(["__label__zho_Hant", "__label__jpn_Jpan", "__label__zho_Hans"], [0.4, 0.35, 0.25], "Hani")
    assert found == ("zh", "Hant", 0.65, "ja", 0.35)


def test_a_model_of_ones_own_is_named_by_its_path_and_its_labels_give_the_script(tmp_path: Path) -> None:
    import fasttext

    lines = [
        "__label__eng_Latn the river and the sea",
        "__label__srp_Latn reka i more",
        "__label__srp_Cyrl река и море",
    ]
    (tmp_path / "train.txt").write_text("\n".join(lines * 50))
    options = {"minn": 1, "maxn": 3, "dim": 8, "bucket": 1000, "epoch": 20, "lr": 0.5, "thread": 1, "verbose": 0}
    model = fasttext.train_supervised(str(tmp_path / "train.txt"), **options)
    model.save_model(str(tmp_path / "own.bin"))
    found = identified("the river", "река", "reka", model=str(tmp_path / "own.bin"))
    assert [(row["language"], row["script"]) for row in found] == [("en", "Latn"), ("sr", "Cyrl"), ("sr", "Latn")]


def test_a_model_that_is_not_there_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"none\.bin"):
        identified("some text", model=str(tmp_path / "none.bin"))
