"""Log lines in JSON: one object a line, with nothing that may name a patient."""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

from django.test import RequestFactory

from ldn_screen.logs import JsonWithoutValues, WithRequestId

PATIENT = "Sample Patient"


def line(name: str = "screening", **values: Any) -> dict[str, Any]:
    """Return what a record looks like in the log."""
    record = logging.makeLogRecord({"name": name, "levelname": "WARNING", "levelno": 30, **values})
    WithRequestId().filter(record)
    text = JsonWithoutValues().format(record)
    assert "\n" not in text
    return dict(json.loads(text))


def failed() -> Any:
    try:
        raise ValueError(PATIENT)
    except ValueError:
        return sys.exc_info()


def test_a_line_holds_time_level_logger_request_and_message() -> None:
    found = line(msg="sealed %s events", args=(3,), created=1_795_774_200.25)
    assert list(found) == ["at", "level", "logger", "request_id", "message"]
    assert found["at"] == "2026-11-27T10:10:00.250000+00:00"
    assert (found["level"], found["logger"], found["message"]) == ("WARNING", "screening", "sealed 3 events")


def test_a_message_of_several_lines_is_one_line() -> None:
    assert line(msg="first\nsecond")["message"] == "first\nsecond"


def test_a_traceback_is_shown_without_the_message_of_the_exception() -> None:
    found = line(msg="failed", exc_info=failed(), exc_text=PATIENT)
    assert "in failed" in found["traceback"]
    assert found["traceback"].endswith("builtins.ValueError")
    assert PATIENT not in json.dumps(found)


def test_the_request_that_django_adds_is_left_out() -> None:
    request = RequestFactory().get(f"/nowhere/?q={PATIENT}")
    assert list(line(msg="Not Found", request=request, status_code=404))[4:] == ["message"]


def test_a_link_to_set_a_password_is_left_out_and_the_line_stays_json() -> None:
    found = line("django.request", msg="Not Found: /accounts/password/reset/key/3-abc-def/")
    assert found["message"] == "Not Found: /accounts/password/reset/key/…"


def test_a_request_is_a_line_without_its_address() -> None:
    fields = {"method": "GET", "view": "screening:screening_list", "status": 200, "milliseconds": 12.5}
    assert list(line("screening.requests", msg="request", **fields).items())[5:] == list(fields.items())
