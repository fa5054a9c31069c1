"""What all reports share as pages of HTML: escaping, the words of figures, and the digest their policy names."""

import base64
import hashlib
import re
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from datapipe.report import words

TEMPLATES = Path(__file__).parent / "templates"


def html_environment(*folders: Path) -> Environment:
    """Templates of these folders, the first first: every value is escaped, one that is not there is an error.

    Pages keep theirs, because compiling a template takes longer than rendering it.
    """
    environment = Environment(
        autoescape=True,
        loader=FileSystemLoader(folders),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": words.number,
        "size": words.size,
        "percent": words.percent,
        "seconds": words.seconds,
        "visible": words.visible,
        "breakable": breakable,
    }
    return environment


def script_digest(script: str) -> str:
    """SHA-256 of a script as a Content-Security-Policy names it."""
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def breakable(name: str) -> Markup:
    """A long name that may break behind its dots and underscores, escaped."""
    return Markup("<wbr>").join(re.findall(r"[^._]*[._]+|[^._]+", words.visible(name)))
