"""``show_impact``: the impact of the draft in a terminal."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from screening.models import AuditEvent, Edition
from tests.drafts import started
from tests.factories import NOT_KNOWN
from tests.past import drafted, screened, without
from tests.rules import rules_with_two_more, shipped_rules

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _first_edition(edition: Edition) -> None:
    """Create the edition that patients are screened with."""


def printed(*arguments: str) -> list[str]:
    out = io.StringIO()
    call_command("show_impact", *arguments, stdout=out)
    return out.getvalue().splitlines()


def test_the_command_prints_the_changes_by_outcome_and_by_rule() -> None:
    screened("DEMO-0001")
    screened("DEMO-0002", taking_opioid=True)
    screened("DEMO-0003", given={"opioid-use": NOT_KNOWN})
    drafted(without("opioid-use", rules=rules_with_two_more()))
    assert printed() == [
        "3 of 3 patients would get another result.",
        "         1  Contraindication flagged → Cannot conclude",
        "         1  Cannot conclude → The same, with other rules flagged or open",
        "         1  None identified → Cannot conclude",
        "1 with a rule no longer flagged:",
        "         1  opioid use",
        "3 with a rule newly unresolved:",
        "         3  hypersensitivity",
        "         3  severe renal impairment",
        "1 with a rule no longer unresolved:",
        "         1  opioid use",
        "Not asked of everyone then: hypersensitivity, severe renal impairment. Of these patients it is not known.",
        "No longer asked: opioid use. The answers are left out.",
    ]


def test_a_draft_that_changes_nothing_prints_one_line() -> None:
    screened()
    drafted(shipped_rules())
    assert printed() == ["None of 1 patient would get another result."]


def test_days_limit_the_period() -> None:
    screened("DEMO-0001", 40)
    drafted(rules_with_two_more())
    assert printed("--days", "50")[0] == "1 of 1 patient would get another result."
    assert printed("--days", "30") == ["There is no current screening of the last 30 days to compare the draft with."]


@pytest.mark.parametrize("days", ["0", "-3", "3661"])
def test_invalid_days_are_refused_with_a_message(days: str) -> None:
    drafted(rules_with_two_more())
    with pytest.raises(CommandError, match="Enter a whole number of days from 1 to 3660"):
        printed(f"--days={days}")


def test_without_a_draft_the_command_fails_with_a_message() -> None:
    with pytest.raises(CommandError, match="No draft is open"):
        printed()


def test_an_invalid_draft_is_reported_with_its_faults() -> None:
    started().rules.filter(link_id="pregnancy").update(severity="deadly")
    with pytest.raises(CommandError, match=r"(?s)cannot be evaluated; 1 to fix.*deadly"):
        printed()


def test_the_command_names_no_patient_and_records_nothing(capsys: Any) -> None:
    screening = screened("DEMO-4711")
    drafted(rules_with_two_more())
    before = AuditEvent.objects.count()
    output = "\n".join(printed()) + "".join(capsys.readouterr())
    assert not [each for each in ("DEMO-4711", "Sample", screening.short_id) if each in output]
    assert AuditEvent.objects.count() == before


def test_without_a_terminal_there_is_no_progress_bar(capsys: Any) -> None:
    screened()
    drafted(rules_with_two_more())
    printed()
    assert capsys.readouterr().err == ""
