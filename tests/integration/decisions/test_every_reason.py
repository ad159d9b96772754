"""No request without a listed reason for every flag and every unresolved answer records a decision."""

from __future__ import annotations

from itertools import combinations, product

import pytest
from django.test import Client
from django.utils import timezone

from screening.clinical.evaluation.evaluate import Answer
from screening.clinical.rules.deciding import DecisionCode
from screening.clinical.rules.definition import AnswerCode
from screening.models import Decision, Screening, User
from tests.decisions import decision_page
from tests.factories import NOT_KNOWN, TRAMADOL, ScreeningFactory

pytestmark = pytest.mark.django_db

RULES = ("opioid-use", "severe-liver-disease", "pregnancy")
SUBSETS = [subset for size in range(len(RULES)) for subset in combinations(RULES, size)]
"""Every set of findings but the whole one."""
INSTEAD = [None, "", " ", "unlisted", "risk-benefit-ratio,other", "RISK-BENEFIT-RATIO", "on"]
"""What is sent for the other findings: nothing, or no listed code."""


@pytest.fixture
def screening(person: User) -> Screening:
    """A contraindicated flag, an unresolved answer and a flag to avoid."""
    given = {"opioid-use": TRAMADOL, "severe-liver-disease": NOT_KNOWN, "pregnancy": Answer(AnswerCode.YES)}
    return ScreeningFactory(given=given)


def request_with(screening: Screening, code: DecisionCode, given: tuple[str, ...]) -> dict[str, str]:
    """A decision that is complete but for the reasons of the findings that are not given."""
    form = {f"{link_id}.reason": "risk-benefit-ratio" for link_id in given}
    form |= {"decision": code.value, "seen": str(screening.decisions.count())}
    if code is DecisionCode.DEFER:
        form["defer_until"] = timezone.localdate().replace(year=timezone.localdate().year + 1, day=1).isoformat()
    if code is DecisionCode.PRESCRIBE:
        form["override_confirmation"] = screening.short_id
    return form


@pytest.mark.parametrize("code", DecisionCode)
def test_a_request_that_lacks_any_reason_is_refused(
    prescriber: Client, screening: Screening, code: DecisionCode
) -> None:
    for given, instead in product(SUBSETS, INSTEAD):
        form = request_with(screening, code, given)
        if instead is not None:
            form |= {f"{link_id}.reason": instead for link_id in RULES if link_id not in given}
        assert prescriber.post(decision_page(screening), form).status_code == 422, (given, instead)
    assert Decision.objects.count() == 0


@pytest.mark.parametrize("code", DecisionCode)
def test_the_same_request_with_every_reason_is_recorded(
    prescriber: Client, screening: Screening, code: DecisionCode
) -> None:
    assert prescriber.post(decision_page(screening), request_with(screening, code, RULES)).status_code == 302
    assert Decision.objects.get().reasons.count() == len(RULES)
