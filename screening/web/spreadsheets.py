"""CSV lines in which a spreadsheet program finds no formula to run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

BYTE_ORDER_MARK = "\ufeff"
"""The beginning of a file that spreadsheet programs read as UTF-8."""
INCOMPLETE = "THIS LIST IS INCOMPLETE: an error occurred. Download it again."
"""The last line of a file whose writing was interrupted, because an incomplete list looks complete."""
_FORMULA_PREFIXES = tuple("=+-@\t\r\n＝＋－＠")


def line(cells: Iterable[object]) -> str:
    """Return one CSV line. A text that looks like a formula is prefixed with an apostrophe."""
    output = io.StringIO()
    csv.writer(output).writerow([_escaped(str(cell)) for cell in cells])
    return output.getvalue()


def _escaped(text: str) -> str:
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA_PREFIXES) else text
