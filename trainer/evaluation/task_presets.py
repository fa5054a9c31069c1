"""Lists of tasks with their shots, as papers report them, by the names that lm-evaluation-harness has for them.

Names and metrics are those of lm-eval 0.4.13. Which prompts and which metric a paper used it often does not say: what
was chosen here is noted, and where figures differ that may be why.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class PresetTask:
    """A line of a paper's table."""

    label: str
    """As the paper has it."""
    tasks: tuple[str, ...]
    """Of the harness, whose scores are averaged; none: the harness has no such task."""
    shots: int
    metric: str = "acc,none"
    """Of the harness: its name and that of its filter."""
    score: float | None = None
    """The paper's, in percent."""
    table: int = 0
    """Of the paper."""
    note: str = ""
    runs_code: bool = False
    """Whether it runs what the model wrote."""


_XCOPA = ("et", "ht", "id", "it", "qu", "sw", "ta", "th", "tr", "vi", "zh")
_MGSM = ("bn", "de", "es", "fr", "ja", "ru", "sw", "te", "th", "zh")
_TYDIQA = ("ar", "bn", "fi", "id", "ko", "ru", "sw", "te")

NEMOTRON4_15B = (
    PresetTask("SIQA", ("social_iqa",), 0, "acc,none", 60.9, 3),
    PresetTask("ARC-challenge", ("arc_challenge",), 0, "acc_norm,none", 55.5, 3, "metric assumed"),
    PresetTask("ARC-easy", ("arc_easy",), 0, "acc,none", 80.9, 3, "metric assumed"),
    PresetTask("PIQA", ("piqa",), 0, "acc_norm,none", 82.4, 3, "metric assumed"),
    PresetTask("Winogrande", ("winogrande",), 0, "acc,none", 78.0, 3),
    PresetTask("HellaSwag", ("hellaswag",), 0, "acc_norm,none", 82.4, 3, "metric assumed"),
    PresetTask("BBH", ("bbh_cot_fewshot",), 3, "exact_match,get-answer", 58.7, 4, "chain of thought assumed"),
    PresetTask("MMLU", ("mmlu",), 5, "acc,none", 64.2, 4),
    PresetTask("GSM8K", ("gsm8k_cot",), 8, "exact_match,flexible-extract", 46.0, 5, "prompts of Wei et al. assumed"),
    PresetTask("HumanEval", ("humaneval",), 0, "pass@1,create_test", 31.6, 5, "greedy", runs_code=True),
    PresetTask("MBPP", ("mbpp",), 3, "pass_at_1,none", 40.6, 5, "greedy", runs_code=True),
    PresetTask("MultiPL-E", (), 0, score=24.5, table=6, note="not in lm-eval: 11 languages, by its own harness"),
    PresetTask("XCOPA", tuple(f"xcopa_{one}" for one in _XCOPA), 0, "acc,none", 59.5, 7),
    PresetTask("XCOPA", tuple(f"xcopa_{one}" for one in _XCOPA), 4, "acc,none", 68.9, 7),
    PresetTask(
        "TyDiQA-GoldP", tuple(f"tydiqa_goldp_{one}" for one in _TYDIQA), 1, "exact_match,none", 50.5, 8,
        "without English: languages assumed",
    ),
    PresetTask(
        "MGSM", tuple(f"mgsm_en_cot_{one}" for one in _MGSM), 8, "exact_match,flexible-extract", 41.3, 9,
        "without English: languages assumed",
    ),
    PresetTask("FLORES-101 from Chinese", (), 8, score=23.2, table=10, note="not in lm-eval: spBLEU"),
)  # fmt: skip
"""Tables 3 to 10 of arXiv 2402.16819."""
TASK_PRESETS = {"nemotron4_15b": NEMOTRON4_15B}
"""By the name of `trainer evaluate --preset`."""
