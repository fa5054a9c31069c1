"""Tasks in a watched child of the Ray worker, so that a record that crashes, hangs or takes all memory costs no run."""
