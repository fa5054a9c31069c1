"""One training in a process of its own: `python -m tokenizer.training.sentencepiece_child FLAGS PARENT`.

Rows come by standard input, the model leaves by standard output, SentencePiece's log by standard error, and behind
`ERROR` what is wrong. So Ctrl-C ends a training at once, and what would abort the process aborts this one.
"""

import io
import json
import signal
import sys

ERROR, PEAK = "corpusmill: ", "corpusmill peak bytes: "
"""Begin the line of the log that says why there is no model, and the one of the memory that it took."""


def main() -> int:
    """Train with the flags that the first argument holds as JSON; die with the process that the second names."""
    from sentencepiece import SentencePieceTrainer

    from datapipe.isolation.watching import die_with
    from datapipe.observing.peak_memory import peak_bytes

    die_with(int(sys.argv[2]))
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Python's own handler would wait for the end of the training
    model = io.BytesIO()
    try:
        SentencePieceTrainer.train(model_writer=model, **json.loads(sys.argv[1]))
    except (RuntimeError, OSError, ValueError, MemoryError) as error:
        print(ERROR + " ".join((str(error) or type(error).__name__).split()), file=sys.stderr)
        return 1
    print(f"{PEAK}{peak_bytes()}", file=sys.stderr)
    sys.stdout.buffer.write(model.getvalue())
    return 0


if __name__ == "__main__":
    sys.exit(main())
