"""How mappings of a file become dataclasses: no unknown key, no number for a word, docstrings as the reference."""

from pydantic import ConfigDict

STRICT = ConfigDict(extra="forbid", strict=True, use_attribute_docstrings=True, arbitrary_types_allowed=True)
