"""The command `trainer`: not in this release, and it says so."""

import sys

MESSAGE = """trainer: not part of this release of Corpusmill.
Pretrain and continue training by one plan: this command will do that.
What works today is `datapipe` and `tokenizer`: see their --help."""


def main() -> None:
    """Say that there is nothing to run yet, and fail."""
    print(MESSAGE, file=sys.stderr)
    sys.exit(2)
