"""What `tokenizer evaluate` measures, compares and shows."""
