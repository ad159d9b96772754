"""The number of queries of the draft's pages does not depend on the number of rules and cases."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from screening.accounts.permissions import Role
from screening.drafts import actions
from screening.drafts.views.editing import further_rules
from screening.models import Case, Rule, RuleSet, User
from tests.drafts import address
from tests.integration.screenings.test_query_counts import counted

pytestmark = pytest.mark.django_db


def add_further_rules(draft: RuleSet, person: User) -> None:
    """Add three rules with follow-ups and cases of their own."""
    for each in further_rules().rules[:3]:
        actions.add_rule(draft, *each.plain(), by=person, role=Role.EDITOR, at=timezone.now())


def pages_of(draft: RuleSet) -> dict[str, int]:
    """Return the URLs of the pages, each with its maximum number of queries."""
    rule, case = Rule.objects.filter(rule_set=draft)[0], Case.objects.filter(rule_set=draft)[0]
    return {
        address(draft): 11,
        address(draft, "cases/"): 9,
        address(draft, "difference/"): 8,
        address(draft, "texts/"): 4,
        f"/admin/screening/rule/{rule.pk}/change/": 11,
        f"/admin/screening/case/{case.pk}/change/": 12,
    }


@pytest.mark.parametrize("is_long", [False, True], ids=["as-shipped", "with-further-rules"])
def test_the_pages_of_a_draft_stay_within_their_number_of_queries(
    editor: Client, draft: RuleSet, person: User, is_long: bool
) -> None:
    if is_long:
        add_further_rules(draft, person)
    for page, most in pages_of(draft).items():
        with counted() as sent:
            assert editor.get(page).status_code == 200
            assert len(sent.of_data) <= most, "\n".join([page, *sent.of_data])
