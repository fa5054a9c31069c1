"""A trained model and its tokenizer, and how text comes from them."""
