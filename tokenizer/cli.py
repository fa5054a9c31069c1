"""The command `tokenizer`: not in this release, and it says so."""

import sys

MESSAGE = """tokenizer: not part of this release of Corpusmill.
Count, train, encode, evaluate and export a tokenizer: this command will do that.
What works today is `datapipe`: see `datapipe --help`."""


def main() -> None:
    """Say that there is nothing to run yet, and fail."""
    print(MESSAGE, file=sys.stderr)
    sys.exit(2)
