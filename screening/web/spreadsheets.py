"""Lines of a comma-separated file that a spreadsheet opens as what they say, and runs nothing of."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

MARK = "\ufeff"
"""What a file begins with so that a spreadsheet reads it as UTF-8."""
_BEGINS_A_FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def line(cells: Iterable[object]) -> str:
    """One line. A text that a spreadsheet would take for a formula gets an apostrophe before it."""
    written = io.StringIO()
    csv.writer(written).writerow([_harmless(str(cell)) for cell in cells])
    return written.getvalue()


def _harmless(text: str) -> str:
    return f"'{text}" if text.lstrip(" ").startswith(_BEGINS_A_FORMULA) else text
