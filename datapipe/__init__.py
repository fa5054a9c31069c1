"""Corpusmill's data side: recipes that turn raw crawls, text and code into weighted shards."""

from datapipe.driver import run
from datapipe.loading import load

__all__ = ["load", "run"]
