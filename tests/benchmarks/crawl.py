"""A crawl from WARC to decisions: which part of the CPU time goes to other people's libraries.

Bar: on the 500 pages of `formasaurus`, kernels loaded, HTML extraction and language identification take at least 70 %
of the CPU time of the tasks, so everything of ours costs less than a third of what cannot be avoided.
"""

import gzip
import io
import json
import statistics
import tempfile
from collections import Counter
from pathlib import Path

from fastwarc.warc import WarcRecord, WarcRecordType

from datapipe import load, run
from datapipe.loading.located_yaml import RecipeError
from tests.benchmarks.corpus import folders

LIBRARIES = ("extract_html", "identify_language")
BAR = 0.70
ROUNDS = 5
RECIPE = """
name: crawl
output: out
sources:
  - {name: web, reader: warc, paths: [pages.warc.gz]}
passes:
  - name: extract
    steps: [extract_html, normalize_text, identify_language]
  - name: measure
    steps: [text_statistics, repetition, character_shares, content_hash]
domains:
  - {name: english, where: {language: en}, rules: [gopher, gopher_repetition, fineweb], weight: 0.7}
  - {name: multilingual, rules: [gopher_multilingual], weight: 0.3, by: language}
"""


def write_crawl(target: Path) -> int:
    """A WARC of the formasaurus pages under their own URLs, a gzip member each; the bytes of the pages."""
    data = next(path for root in folders() for path in root.glob("formasaurus/**/index.json")).parent
    index = json.loads((data / "index.json").read_text())
    size = 0
    with target.open("wb") as file:
        for name, entry in sorted(index.items()):
            if not (data / name).exists():  # the corpus keeps the first 500 pages of the package
                continue
            page = (data / name).read_bytes()
            size += len(page)
            record = WarcRecord()
            record.init_headers(WarcRecordType.response)
            record.headers["WARC-Target-URI"] = entry["url"]
            head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
            record.set_bytes_content(head + page)
            buffer = io.BytesIO()
            record.write(buffer)
            file.write(gzip.compress(buffer.getvalue(), 6, mtime=0))
    return size


def shares(folder: Path, number: int) -> tuple[float, Counter[str]]:
    """The libraries' share of the CPU time of one run's tasks, and the seconds of every step."""
    output = run(load(folder / "recipe.yaml", [f"output=out{number}"]), root=str(folder))
    passes = json.loads((Path(output) / "run.json").read_text())["passes"]
    total = sum(account["cpu_seconds"] for account in passes.values())
    steps: Counter[str] = Counter()
    for account in passes.values():
        steps.update(account["step_seconds"])
    steps["everything else"] = total - sum(steps.values())
    return sum(steps[name] for name in LIBRARIES) / total, steps


def main() -> None:
    """Print one JSON line."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        size = write_crawl(folder / "pages.warc.gz")
        (folder / "recipe.yaml").write_text(RECIPE)
        shares(folder, 0)  # compiles kernels and loads models
        rounds = [shares(folder, number) for number in range(1, ROUNDS + 1)]
    share = statistics.median(share for share, _ in rounds)
    seconds = {step: round(statistics.median(s[step] for _, s in rounds), 3) for step in rounds[0][1]}
    result = {
        "name": "crawl",
        "mb": round(size / 1e6, 1),
        "mb_per_s": round(size / 1e6 / sum(seconds.values()), 1),
        "library_share": round(share, 3),
        "seconds": seconds,
        "bar": {"library_share": BAR},
        "passed": share >= BAR,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    try:
        main()
    except StopIteration:
        raise RecipeError("CORPUS must name a folder with the package formasaurus") from None
