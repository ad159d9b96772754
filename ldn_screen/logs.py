"""Log lines without patient data."""

from __future__ import annotations

import copy
import logging
import traceback
from types import TracebackType

ExceptionInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class WithoutValues(logging.Formatter):
    """Shows where an exception was raised and of what kind, but not its message.

    A database quotes the offending row in its messages, so the message itself may hold a patient's name.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line; what another formatter kept of the exception is not used."""
        bare = copy.copy(record)
        bare.exc_text = None
        return super().format(bare)

    def formatException(self, ei: ExceptionInfo) -> str:  # noqa: N802 (the standard library's name)
        """The stack and the exception's type; its message is left out."""
        kind, _, trace = ei
        if kind is None:
            return ""
        return f"{''.join(traceback.format_tb(trace))}{kind.__module__}.{kind.__qualname__}"
