"""What this release ships for reading medication lists: the names of opioids, and the words around them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.conf import settings

from screening.clinical.medications import cues
from screening.clinical.medications.cues import Cues
from screening.clinical.medications.lexicon import Lexicon, from_json, to_json
from screening.clinical.text.json_errors import content_hash


def shipped_lexicon() -> Lexicon:
    """The names of opioids that this release ships, read once a process.

    Raises:
        OSError: the file cannot be read.
        clinical.definition.DefinitionError: it is no usable lexicon; all that is wrong is listed.
    """
    return _lexicon(settings.OPIOID_LEXICON)


def shipped_names() -> str:
    """The hash of the names that this release ships, as an edition's content holds it; worked out once a process.

    Raises:
        OSError: the file cannot be read.
        clinical.definition.DefinitionError: it is no usable lexicon; all that is wrong is listed.
    """
    return _names(settings.OPIOID_LEXICON)


@cache
def shipped_cues() -> Cues:
    """The words that say whether a medicine on a list is in use, read once a process.

    Raises:
        OSError: the file cannot be read.
        clinical.definition.DefinitionError: it is no usable list of words; all that is wrong is listed.
    """
    return cues.from_json(settings.MEDICATION_CUES.read_bytes())


@cache
def _lexicon(path: Path) -> Lexicon:
    return from_json(path.read_bytes())


@cache
def _names(path: Path) -> str:
    return content_hash(to_json(_lexicon(path)))
