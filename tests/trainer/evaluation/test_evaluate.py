"""lm-evaluation-harness on our model: local tasks, figures by hand, and those of its own Hugging Face model."""

import json
import math
from pathlib import Path

import pytest
import torch
from saved_runs import SEQ_LEN, greedy, saved_run, tokenizer
from sentencepiece import SentencePieceProcessor

from datapipe.output import RunError
from trainer.evaluate import Settings, evaluate, known_tasks
from trainer.evaluation.scores import Score, print_scores
from trainer.evaluation.task_presets import NEMOTRON4_15B
from trainer.model import Transformer

pytestmark = pytest.mark.slow

CHOICES = """
task: choices
dataset_path: json
dataset_kwargs: {{data_files: {{test: {folder}/choices.jsonl}}}}
output_type: multiple_choice
test_split: test
doc_to_text: "{{{{question}}}}"
doc_to_choice: "{{{{choices}}}}"
doc_to_target: "{{{{answer}}}}"
metric_list: [{{metric: acc}}, {{metric: acc_norm}}]
"""
ANSWERS = """
task: answers
dataset_path: json
dataset_kwargs: {{data_files: {{test: {folder}/answers.jsonl}}}}
output_type: generate_until
test_split: test
doc_to_text: "{{{{question}}}}"
doc_to_target: "{{{{answer}}}}"
generation_kwargs: {{until: ["{stop}"], max_gen_toks: 16}}
metric_list: [{{metric: exact_match}}]
"""
QUESTIONS = [
    ("All human beings are", ["born free", "in dignity", "rights", "1948"], 0),
    ("born free and ", ["equal", "dignity and rights"], 1),  # a context that ends with a space
    ("if 1948:", ["a", "b", "c"], 2),  # choices of one token each
    ("", ["All human beings", "rights."], 0),
    ("dignity " * 60, ["and rights", "born"], 0),  # longer than the model's sequence
]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Transformer]:
    return saved_run(tmp_path_factory.mktemp("evaluated"))


@pytest.fixture(autouse=True)
def no_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "datasets")


def written(folder: Path, name: str, page: str, rows: list[dict[str, object]], **given: str) -> None:
    (folder / f"{name}.yaml").write_text(page.format(folder=folder, **given))
    (folder / f"{name}.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))


def choices(folder: Path) -> Path:
    rows = [{"question": text, "choices": options, "answer": answer} for text, options, answer in QUESTIONS]
    written(folder, "choices", CHOICES, rows)
    return folder


def likelihood(model: Transformer, context: str, continuation: str) -> float:
    """By definition: the sum of log-probabilities of the ids behind those of the context, the last that fit."""
    pieces = SentencePieceProcessor(model_proto=tokenizer().data)
    stripped = context.rstrip(" ")
    before = pieces.encode(stripped) if stripped else [3]
    whole = pieces.encode(context + " " + continuation) if stripped else [3, *pieces.encode(" " + continuation)]
    ids = whole[-(SEQ_LEN + 1) :]
    logs = model.logits(model(torch.tensor([ids[:-1]])))[0].log_softmax(-1)
    targets = ids[len(ids) - (len(whole) - len(before)) :]
    return sum(float(logs[place - len(targets), token]) for place, token in enumerate(targets))


def test_choices_are_ranked_by_their_likelihood(run: tuple[Path, Transformer], tmp_path: Path) -> None:
    folder, model = run
    right = normed = 0
    for question, options, answer in QUESTIONS:
        found = [likelihood(model, question, option) for option in options]
        right += found.index(max(found)) == answer
        per_length = [one / len(option) for one, option in zip(found, options, strict=True)]
        normed += per_length.index(max(per_length)) == answer
    scores = evaluate(
        str(folder),
        ["choices"],
        settings=Settings(include=str(choices(tmp_path))),
        dtype="fp32",
        batch=3,
        output=str(tmp_path / "scores.json"),
        root=str(folder.parent),
    )
    assert {score.metric: score.value for score in scores} == {"acc,none": right / 5, "acc_norm,none": normed / 5}
    page = json.loads((tmp_path / "scores.json").read_text())
    assert page["truncated"] == 2  # both choices of the last question
    assert page["tokens_seen"] == 20 * SEQ_LEN
    assert [one["value"] for one in page["scores"]] == [score.value for score in scores]


def test_answers_are_what_greedy_decoding_says_up_to_the_stop(run: tuple[Path, Transformer], tmp_path: Path) -> None:
    folder, model = run
    pieces = SentencePieceProcessor(model_proto=tokenizer().data)
    questions = ["All human", "rights", "dignity and rights, born free"]
    texts = [pieces.decode(greedy(model, pieces.encode(question), 16)) for question in questions]
    stop = texts[0][3]
    answers = [texts[0][: texts[0].index(stop)], texts[1].split(stop)[0], "something else"]
    rows = [{"question": one, "answer": answer} for one, answer in zip(questions, answers, strict=True)]
    written(tmp_path, "answers", ANSWERS, rows, stop=stop.replace("\\", "\\\\").replace('"', '\\"'))
    (score,) = evaluate(
        str(folder),
        ["answers"],
        settings=Settings(include=str(tmp_path)),
        dtype="fp32",
        batch=2,
        root=str(folder.parent),
    )
    assert (score.metric, score.value) == ("exact_match,none", pytest.approx(2 / 3))


def test_figures_are_those_of_the_harness_s_own_model_on_the_export(
    run: tuple[Path, Transformer], tmp_path: Path
) -> None:
    from lm_eval.api.instance import Instance
    from lm_eval.models.huggingface import HFLM

    from trainer.evaluation.harness_model import HarnessModel
    from trainer.export import export
    from trainer.generating.run_tokenizer import run_tokenizer
    from trainer.generating.saved_model import saved_model, transformer

    folder, _ = run
    saved = saved_model(str(folder), None, lambda line: None)
    words = run_tokenizer(saved, None, str(folder.parent))
    ours = HarnessModel(transformer(saved, "fp32", "cpu"), words, SEQ_LEN, batch=3)
    exported = export(str(folder), str(tmp_path / "hf"), dtype="fp32", verify=False, root=str(folder.parent))
    theirs = HFLM(
        pretrained=str(exported), dtype="float32", device="cpu", batch_size=3, max_length=SEQ_LEN, prefix_token_id=3
    )

    def asked(kind: str, *arguments: tuple[object, ...]) -> list[Instance]:
        return [Instance(kind, {}, one, number) for number, one in enumerate(arguments)]

    pairs = [(question, f" {option}") for question, options, _ in QUESTIONS for option in options]
    found = ours.loglikelihood(asked("loglikelihood", *pairs))
    expected = theirs.loglikelihood(asked("loglikelihood", *pairs))
    assert [is_greedy for _, is_greedy in found] == [is_greedy for _, is_greedy in expected]
    assert [one for one, _ in found] == pytest.approx([one for one, _ in expected], abs=1e-4)

    texts = asked("loglikelihood_rolling", *((f"{question} {options[0]} ",) for question, options, _ in QUESTIONS))
    expected_rolling = theirs.loglikelihood_rolling(texts)
    assert ours.loglikelihood_rolling(texts) == pytest.approx(expected_rolling, abs=1e-3)

    settings = {"until": ["e", "\n\n"], "max_gen_toks": 4, "do_sample": False}
    words_of_all = [f"{question} {option}".strip() for question, options, _ in QUESTIONS for option in options]
    prompts = asked("generate_until", *((text, dict(settings)) for text in words_of_all))
    answers = list(zip(ours.generate_until(prompts), theirs.generate_until(prompts), strict=True))
    legible = [pair for pair in answers if "\ufffd" not in pair[0]]  # the two show broken UTF-8 in ways of their own
    assert len(legible) >= 5
    assert [answer for answer, _ in legible] == [answer for _, answer in legible]


def test_tasks_of_a_preset_are_there_with_their_metrics() -> None:
    known = known_tasks()
    for one in NEMOTRON4_15B:
        assert [name for name in one.tasks if name not in known.all_tasks] == []
        page = json.dumps([known.task_index[name].cfg for name in one.tasks], default=str)
        metric, _, filter_name = one.metric.partition(",")
        if one.tasks and page != "[null]" and '"metric_list": ' in page:
            assert metric.partition("@")[0] in page
            assert filter_name == "none" or filter_name in page


def test_the_paper_s_averages_are_those_of_its_scores() -> None:
    commonsense = [one.score for one in NEMOTRON4_15B if one.table == 3 and one.score is not None]
    assert len(commonsense) == 6
    assert math.isclose(sum(commonsense) / 6, 73.4, abs_tol=0.06)


def test_what_cannot_be_had_is_said_and_the_rest_goes_on(
    run: tuple[Path, Transformer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = run
    choices(tmp_path)
    written(tmp_path, "answers", ANSWERS, [], stop="x")
    (tmp_path / "answers.jsonl").unlink()
    scores = evaluate(
        str(folder),
        ["answers", "choices"],
        settings=Settings(include=str(tmp_path), limit=2),
        dtype="fp32",
        root=str(folder.parent),
    )
    assert scores[0].is_failed and scores[0].value is None and "FileNotFoundError" in scores[0].note
    assert [score.value is None for score in scores[1:]] == [False, False]


def test_code_that_the_model_wrote_runs_only_with_leave(run: tuple[Path, Transformer], tmp_path: Path) -> None:
    folder, _ = run
    written(tmp_path, "answers", ANSWERS + "unsafe_code: true\n", [{"question": "a", "answer": "b"}], stop="x")
    with pytest.raises(RunError, match="allow it with --run-generated-code"):
        evaluate(str(folder), ["answers"], settings=Settings(include=str(tmp_path)), root=str(folder.parent))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "give --tasks NAME,NAME or --preset NAME"),
        ({"preset": "nemotron"}, "unknown preset 'nemotron'"),
        ({"tasks": ["hellaswagg"]}, "unknown task 'hellaswagg'; did you mean hellaswag.{,200}`lm-eval ls tasks` lists"),
        ({"tasks": ["a"], "settings": Settings(include="nowhere")}, "--include nowhere: no such folder"),
        ({"preset": "nemotron4_15b", "settings": Settings(shots=3)}, "--shots changes"),
        ({"tasks": ["a"], "settings": Settings(limit=0)}, "--limit 0: expected a number of documents"),
    ],
)
def test_wrong_requests_are_refused_in_one_line(
    run: tuple[Path, Transformer], given: dict[str, object], said: str
) -> None:
    with pytest.raises(RunError, match=said):
        evaluate(str(run[0]), **given)  # type: ignore[arg-type]


def test_papers_stand_beside_our_scores(capsys: pytest.CaptureFixture[str]) -> None:
    print_scores([Score("PIQA", 0, "acc_norm,none", 0.5, 0.01, 82.4), Score("FLORES", 8, "", None, None, 23.2, "no")])
    lines = capsys.readouterr().out.splitlines()
    assert any("0.5000" in line and "0.824" in line for line in lines)
    assert any("FLORES" in line and "0.232" in line for line in lines)
    assert lines[-1] == "FLORES: no"
