"""Every stage, one import each: importing this package registers them all."""

from datapipe.stages.c4_lines import C4Lines as C4Lines
from datapipe.stages.character_shares import CharacterShares as CharacterShares
from datapipe.stages.code_statistics import CodeStatistics as CodeStatistics
from datapipe.stages.content_hash import ContentHash as ContentHash
from datapipe.stages.extract_html import ExtractHtml as ExtractHtml
from datapipe.stages.identify_language import IdentifyLanguage as IdentifyLanguage
from datapipe.stages.minhash import Minhash as Minhash
from datapipe.stages.normalize_text import NormalizeText as NormalizeText
from datapipe.stages.repetition import Repetition as Repetition
from datapipe.stages.select import Select as Select
from datapipe.stages.text_statistics import TextStatistics as TextStatistics
from datapipe.stages.url_hash import UrlHash as UrlHash
from datapipe.stages.url_statistics import UrlStatistics as UrlStatistics
