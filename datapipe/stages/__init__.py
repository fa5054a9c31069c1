"""Every stage, one import each: importing this package registers them all."""

from datapipe.stages.content_hash import ContentHash as ContentHash
from datapipe.stages.select import Select as Select
