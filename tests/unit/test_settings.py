"""The application does not start with settings that put patient data at risk, except in a demonstration."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VALID = {"SECRET_KEY": "k" * 60, "ALLOWED_HOSTS": "ldn.example.org", "DATABASE_URL": "sqlite://:memory:"}


def start(program: str = "import ldn_screen.settings", /, **changes: str) -> subprocess.CompletedProcess[str]:
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**environment, **VALID, **changes},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_application_starts_with_valid_settings() -> None:
    assert start().returncode == 0


@pytest.mark.parametrize(
    ("changes", "required"),
    [
        ({}, True),
        ({"LDN_DEMO_MFA": "0"}, True),
        ({"LDN_DEMO": "1"}, False),
        ({"LDN_DEMO": "1", "LDN_DEMO_MFA": "1"}, True),
    ],
)
def test_the_second_factor_is_required_everywhere_but_in_a_plain_demonstration(
    changes: dict[str, str], required: bool
) -> None:
    program = "from ldn_screen import settings; print(settings.SECOND_FACTOR_REQUIRED)"
    assert start(program, **changes).stdout.strip() == str(required)


@pytest.mark.parametrize("paper", ["a4", "letter", "Letter", " A4 "])
def test_both_paper_sizes_are_accepted(paper: str) -> None:
    assert start(LDN_PAPER=paper).returncode == 0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"LDN_PAPER": "a5"}, "LDN_PAPER is neither a4 nor letter."),
        ({"LDN_PAPER": "a4,letter"}, "LDN_PAPER is neither a4 nor letter."),
        ({"LDN_UNDECIDED_DAYS": "0"}, "LDN_UNDECIDED_DAYS is not a whole number from 1 to 366."),
        ({"LDN_UNDECIDED_DAYS": "a week"}, "LDN_UNDECIDED_DAYS is not a whole number from 1 to 366."),
        ({"LDN_IDLE_MINUTES": "1"}, "LDN_IDLE_MINUTES is not a whole number from 2 to 480."),
        ({"LDN_SESSION_HOURS": "25"}, "LDN_SESSION_HOURS is not a whole number from 1 to 24."),
        ({"LDN_UNSENT_HOURS": "0"}, "LDN_UNSENT_HOURS is not a whole number from 1 to 168."),
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set"),
        ({"DEBUG": "1"}, "DEBUG is on"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS contains"),
        ({"ALLOWED_HOSTS": "ldn.example.org,*"}, "ALLOWED_HOSTS contains"),
        ({"LDN_METRICS_TOKEN": "short"}, "LDN_METRICS_TOKEN has fewer than 16 characters."),
        ({"LDN_LOG_FORMAT": "xml"}, "LDN_LOG_FORMAT is neither plain nor json."),
        ({"LDN_OIDC_NAME": "Sample Hospital"}, "Single sign-on is set up in part"),
        ({"ALLOWED_HOSTS": "*.example.org"}, "ALLOWED_HOSTS contains"),
        ({"ALLOWED_HOSTS": ".example.org"}, "a name that begins with a dot"),
    ],
)
def test_it_refuses_to_start(changes: dict[str, str], message: str) -> None:
    process = start(**changes)
    assert process.returncode != 0
    assert message in process.stderr
