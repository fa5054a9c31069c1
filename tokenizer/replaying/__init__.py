"""Training once more, merge by merge: what each rests on, what may be left out, and what is certain then."""
