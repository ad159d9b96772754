"""Sentences of findings that a release changed on purpose, so that a replay does not name every record with them.

A record keeps the sentence that was shown. A release that words one differently adds a row here and says so in
``CHANGELOG.md``. Only the words change: dates, numbers and names are taken over and still compared.
"""

from __future__ import annotations

import re

_CHANGED = (
    (
        r"The kind of opioid is not given, so the opioid-free interval cannot be told\. The prescriber decides\.",
        r"The opioid-free interval cannot be calculated: the kind of opioid is missing, so its end cannot be told. "
        r"The prescriber decides.",
    ),
    (
        r"(.+) No date can be told\. The prescriber decides\.",
        r"\1 No end date can be calculated. The prescriber decides.",
    ),
    (
        r"The date of (.+) is not given, so it cannot be told until when (.+) runs\. The prescriber decides\.",
        r"The interval cannot be calculated: the date of \1 is missing, so its end cannot be told. From that date, "
        r"\2 applies. The prescriber decides.",
    ),
    (
        r"(Counted from .+)\. That date lies in the past, which does not lift this flag; the prescriber decides\.",
        r"\1. That date is in the past, which does not lift this flag; the prescriber decides.",
    ),
    (
        r"Child-Pugh class cannot be told: not given (.+)\.",
        r"The Child-Pugh class cannot be told: \1 not given.",
    ),
    (
        r"(Child-Pugh class [ABC], \d+ points), worked out from the five bands\.",
        r"\1, calculated from the five bands.",
    ),
)
"""The whole sentence of an earlier release as a regular expression, and the same in the words of this one."""
_PATTERNS = tuple((re.compile(before), now) for before, now in _CHANGED)


def in_current_words(sentence: str) -> str:
    """Return a stored sentence in the words of this release; unchanged if the words are the same."""
    for before, now in _PATTERNS:
        if match := before.fullmatch(sentence):
            return match.expand(now)
    return sentence
