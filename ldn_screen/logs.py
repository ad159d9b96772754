"""Log lines with the id of the request, without patient data and without links to set a password."""

from __future__ import annotations

import copy
import logging
import re
import traceback
from types import TracebackType
from typing import Any

from pythonjsonlogger.core import LogData
from pythonjsonlogger.json import JsonFormatter

from screening.web.request_id import current_request_id

ExceptionInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
PASSWORD_LINK = re.compile(r"(/password/reset/key/)[^\s\"]+")
FIELDS = ("at", "level", "logger", "request_id", "message", "traceback", "method", "view", "status", "milliseconds")
"""What a line in JSON may hold. Django adds the whole request to its records."""


class WithRequestId(logging.Filter):
    """Adds the id of the request, which error pages show as their reference, to each log record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let the record through, with the attribute ``request_id``."""
        record.request_id = current_request_id()
        return True


class WithoutValues(logging.Formatter):
    """Shows the traceback and type of an exception, but not its message, and no link to set a password.

    A database quotes the offending row in its error messages, so they may contain a patient's name. Django names the
    path of a request that failed.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Format a record without the exception text cached by another formatter."""
        bare = copy.copy(record)
        bare.exc_text = None
        return PASSWORD_LINK.sub(r"\1…", super().format(bare))

    def formatException(self, ei: ExceptionInfo) -> str:  # noqa: N802 (the standard library's name)
        """Return the traceback and the type of the exception, without its message."""
        kind, _, trace = ei
        if kind is None:
            return ""
        return f"{''.join(traceback.format_tb(trace))}{kind.__module__}.{kind.__qualname__}"


class JsonWithoutValues(WithoutValues, JsonFormatter):
    """The same as one JSON object a line."""

    def __init__(self) -> None:
        names = {"levelname": "level", "name": "logger", "exc_info": "traceback"}
        super().__init__(
            ["levelname", "name", "request_id", "message"],
            rename_fields=names,
            timestamp="at",
            json_ensure_ascii=False,
        )

    def process_log_record(self, log_data: LogData) -> LogData:
        """Keep the fields that a line may hold, in their order."""
        return {name: log_data[name] for name in FIELDS if name in log_data}


def logging_settings(line_format: str) -> dict[str, Any]:
    """Return LOGGING for lines that are ``plain`` or ``json``; only the latter have a line for each request."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "plain": {"()": WithoutValues, "format": "{asctime} {levelname} {request_id} {message}", "style": "{"},
            "json": {"()": JsonWithoutValues},
        },
        "filters": {"request_id": {"()": WithRequestId}},
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": line_format, "filters": ["request_id"]},
        },
        "root": {"handlers": ["console"], "level": "WARNING"},
        "loggers": {
            "django": {"handlers": ["console"], "level": "WARNING", "propagate": False},
            "screening.requests": {"level": "INFO" if line_format == "json" else "WARNING"},
        },
    }
