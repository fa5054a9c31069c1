"""Every stage, one import each: importing this package registers them all."""

from datapipe.stages.code_statistics import CodeStatistics as CodeStatistics
from datapipe.stages.content_hash import ContentHash as ContentHash
from datapipe.stages.normalize_text import NormalizeText as NormalizeText
from datapipe.stages.select import Select as Select
