"""Compare the words of a page, its print, its PDF and its plain text."""

from __future__ import annotations

import re
import subprocess
import unicodedata
from collections import Counter
from collections.abc import Sequence

MARGIN = re.compile(r"A prescriber must decide\. LDN Screen does not\.|Page \d+ of \d+")
WATERMARK = re.compile(r"^[DEIOPRSUV]{1,4}$", re.MULTILINE)
"""Fragments of the watermark, which is extracted in pieces because it is rotated."""
WATERMARK_WORDS = {"superseded", "void"}


def read(pdf: bytes, *options: str) -> list[str]:
    """Return the text of each page of a PDF, extracted with ``options`` of pdftotext."""
    run = subprocess.run(["pdftotext", *options, "-", "-"], input=pdf, capture_output=True, check=True)
    return run.stdout.decode().removesuffix("\f").split("\f")


def counted(text: str) -> Counter[str]:
    """Count the words of a text, ignoring punctuation, case and line breaks."""
    joined = re.sub(r"[\u00ad\u2010-]\s*", "", unicodedata.normalize("NFKC", text))
    return Counter(re.findall(r"[^\W_]+", joined.casefold()))


def without_marks(words: Counter[str]) -> Counter[str]:
    """Remove the words of the watermark, which is repeated on every page."""
    return Counter({word: count for word, count in words.items() if word not in WATERMARK_WORDS})


def counted_on(sheets: Sequence[str]) -> Counter[str]:
    """Count the words of printed pages without margins and watermark."""
    return without_marks(counted(WATERMARK.sub("", MARGIN.sub("", "\n".join(sheets)))))
