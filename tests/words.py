"""Words as they are compared between a page, its print, its PDF and its plain text."""

from __future__ import annotations

import re
import subprocess
import unicodedata
from collections import Counter
from collections.abc import Sequence

MARGIN = re.compile(r"A prescriber must decide\. LDN Screen does not\.|Page \d+ of \d+")
ACROSS = re.compile(r"^[DEIOPRSUV]{1,4}$", re.MULTILINE)
"""The word across the sheet, which comes apart when it is read because it stands askew."""
MARKS = {"superseded", "void"}


def read(pdf: bytes, *options: str) -> list[str]:
    """The text of each page of a PDF; in the order in which it is read unless an option says otherwise."""
    run = subprocess.run(["pdftotext", *options, "-", "-"], input=pdf, capture_output=True, check=True)
    return run.stdout.decode().removesuffix("\f").split("\f")


def counted(text: str) -> Counter[str]:
    """How often each word stands in a text, whatever stands around it and wherever a line was broken."""
    joined = re.sub(r"[\u00ad\u2010-]\s*", "", unicodedata.normalize("NFKC", text))
    return Counter(re.findall(r"[^\W_]+", joined.casefold()))


def without_marks(words: Counter[str]) -> Counter[str]:
    """The words but for the mark, which stands as often as there are margins."""
    return Counter({word: count for word, count in words.items() if word not in MARKS})


def counted_on(sheets: Sequence[str]) -> Counter[str]:
    """The words of printed sheets, without those of their margins and the mark."""
    return without_marks(counted(ACROSS.sub("", MARGIN.sub("", "\n".join(sheets)))))
