"""The lexicon and the cues that this release ships for reading medication lists."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.conf import settings

from screening.clinical.medications import cues
from screening.clinical.medications.cues import Cues
from screening.clinical.medications.lexicon import Lexicon, from_json, to_json
from screening.clinical.text.json_errors import content_hash


def shipped_lexicon() -> Lexicon:
    """Return the shipped lexicon, read once per process.

    Raises:
        OSError: the file cannot be read.
        DefinitionError: the lexicon is not valid; it lists every fault.
    """
    return _lexicon(settings.OPIOID_LEXICON)


def shipped_lexicon_hash() -> str:
    """Return the hash of the shipped lexicon, as the content of an edition stores it; calculated once per process.

    Raises:
        OSError: the file cannot be read.
        DefinitionError: the lexicon is not valid; it lists every fault.
    """
    return _lexicon_hash(settings.OPIOID_LEXICON)


@cache
def shipped_cues() -> Cues:
    """Return the shipped cues, read once per process.

    Raises:
        OSError: the file cannot be read.
        DefinitionError: the cues are not valid; it lists every fault.
    """
    return cues.from_json(settings.MEDICATION_CUES.read_bytes())


@cache
def _lexicon(path: Path) -> Lexicon:
    return from_json(path.read_bytes())


@cache
def _lexicon_hash(path: Path) -> str:
    return content_hash(to_json(_lexicon(path)))
