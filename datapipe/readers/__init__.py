"""Every reader, one import each: importing this package registers them all."""

from datapipe.readers.html_tree import HtmlTree as HtmlTree
from datapipe.readers.jsonl import Jsonl as Jsonl
from datapipe.readers.parquet import Parquet as Parquet
from datapipe.readers.source_tree import SourceTree as SourceTree
from datapipe.readers.text import Text as Text
from datapipe.readers.warc import Warc as Warc
