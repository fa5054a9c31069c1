"""`code_statistics` on source files. Bar: 80 MB/s per core."""

from datapipe.stages.code_statistics import CodeStatistics
from tests.benchmarks.corpus import documents
from tests.benchmarks.stage_support import megabytes_per_second, report, text_batches

BAR = 80.0
SUFFIXES = (
    *(".c", ".cmake", ".cpp", ".cs", ".erl", ".go", ".h", ".hpp", ".hrl", ".java", ".js", ".kt", ".lua", ".m", ".nim"),
    *(".pas", ".php", ".pl", ".pm", ".pp", ".py", ".rb", ".rs", ".sh", ".sol", ".swift", ".ts", ".vhd", ".vhdl"),
)


def main() -> None:
    """Print the speed on the source files of the corpus."""
    batches = text_batches(documents(suffixes=SUFFIXES))
    report("code_statistics", megabytes_per_second(CodeStatistics(), batches), BAR)


if __name__ == "__main__":
    main()
