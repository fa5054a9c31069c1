"""The tokenizer's place in the packages. Nothing is here yet; `datapipe` is what this release has."""
