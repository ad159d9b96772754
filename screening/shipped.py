"""What this release brings along: the names by which medication lists are read."""

from __future__ import annotations

from django.conf import settings

from .clinical.definition import content_hash
from .clinical.lexicon import Lexicon, from_json, to_json


def shipped_lexicon() -> Lexicon:
    """The names of opioids that this release brings along.

    Raises:
        OSError: the file cannot be read.
        clinical.definition.DefinitionError: it is no usable lexicon; all that is wrong is listed.
    """
    return from_json(settings.OPIOID_LEXICON.read_bytes())


def shipped_names() -> str:
    """The hash of the names that this release brings along, as an edition's content holds it.

    Raises:
        OSError: the file cannot be read.
        clinical.definition.DefinitionError: it is no usable lexicon; all that is wrong is listed.
    """
    return content_hash(to_json(shipped_lexicon()))
