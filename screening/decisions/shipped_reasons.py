"""The reasons for decisions that this release ships."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from screening.clinical.rules import deciding
from screening.clinical.rules.deciding import ReasonCodes


@cache
def shipped_reasons() -> ReasonCodes:
    """Return the shipped reasons, read once per process.

    Raises:
        OSError: the file cannot be read.
        DefinitionError: the reasons are not valid; it lists every fault.
    """
    return deciding.from_json(settings.DECISION_REASONS.read_bytes())
