"""What a proof compares, counts and lists."""

from tests.tokenizer.sentencepiece_models import trained
from tokenizer.encoding.adversarial import adversarial_texts
from tokenizer.exporting.hugging_face import converted, files, loaded
from tokenizer.exporting.proof import Compared, Proof, prove
from tokenizer.model_file import SPACE, Model, read_model


def model_of(*texts: str) -> Model:
    symbols = {"user_defined_symbols": [], "control_symbols": ["<x>"]}
    return read_model(trained(texts, vocab_size=300, character_coverage=1.0, **symbols), "model")


def proof_of(model: Model, other: Model, **texts: list[str]) -> Proof:
    return list(prove(model, loaded(files(other, converted(other))["tokenizer.json"]), texts))[-1]


def test_the_same_model_has_no_differences_and_all_is_counted() -> None:
    model = model_of("ab ab ab")  # its pieces: ▁ab, ab, and the characters
    proof = proof_of(model, model, one=["ab ab", ""], two=["é"])
    assert proof.differing == 0
    assert proof.compared == {"one": Compared(2, 5, 2, 2), "two": Compared(1, 2, 2, 1)}
    assert proof.total() == Compared(3, 7, 4, 3)


def test_a_text_whose_ids_decode_to_another_text_is_compared_but_not_exact() -> None:
    model = model_of("ab ab ab")
    assert proof_of(model, model, one=[f"a{SPACE}b"]).total().exact == 0


def test_a_difference_is_listed_with_its_place_and_both_ids() -> None:
    reference, other = model_of("ab ab"), model_of("ab ab", "bx bx bx")
    proof = proof_of(reference, other, one=["ab", f"{'ab ' * 20}bx"])
    assert {one.what for one in proof.differences} >= {"piece", "ids"}
    first = next(one for one in proof.differences if one.what == "ids")
    assert first.where == "one"
    assert first.position == 0
    assert first.expected.startswith("[")
    assert first.expected != first.found


def test_no_more_than_twenty_differences_are_kept_and_all_are_counted() -> None:
    reference, other = model_of("ab ab"), model_of("cd cd")
    proof = proof_of(reference, other, one=["ab"] * 100)
    assert len(proof.differences) == 20
    assert proof.differing > 100


def test_adversarial_texts_are_always_the_same_and_what_is_lossy_in_them_has_the_sign_for_spaces() -> None:
    model = model_of("ab ab ab")
    texts = list(adversarial_texts(model))
    assert texts == list(adversarial_texts(model))
    assert {"", SPACE, "<s>", "<x>", "<0x41>", " " * 40, "a" * 70_000} <= set(texts)
    proof = proof_of(model, model, adversarial=texts)
    assert proof.differing == 0
    assert proof.total().documents - proof.total().exact == sum(SPACE in text for text in texts)
    assert {ord(letter) >> 16 for text in texts for letter in text} == {*range(17)}  # all planes
