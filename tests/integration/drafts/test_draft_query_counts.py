"""The number of queries of the draft's pages does not depend on the number of rules and cases."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from screening.accounts.permissions import Role
from screening.drafts import actions
from screening.drafts.views.draft import further_rules
from screening.models import RuleSet, User
from tests.drafts import address
from tests.queries import capture_queries

pytestmark = pytest.mark.django_db


def add_further_rules(draft: RuleSet, person: User) -> None:
    """Add three rules with follow-ups and cases of their own."""
    for each in further_rules().rules[:3]:
        actions.add_rule(draft, *each.plain(), by=person, role=Role.EDITOR, at=timezone.now())


PAGES = {
    address(): 11,
    address("cases/"): 9,
    address("compare/"): 8,
    address("texts/"): 4,
    address("rules/opioid-use/"): 12,
    address("rules/opioid-use/follow-ups/kind/"): 8,
    address("cases/1/"): 12,
}
"""The pages, each with its maximum number of queries."""


@pytest.mark.parametrize("is_long", [False, True], ids=["as-shipped", "with-further-rules"])
def test_the_pages_of_a_draft_stay_within_their_number_of_queries(
    editor: Client, draft: RuleSet, person: User, is_long: bool
) -> None:
    if is_long:
        add_further_rules(draft, person)
    for page, most in PAGES.items():
        with capture_queries() as sent:
            assert editor.get(page).status_code == 200
            assert len(sent.on_data) <= most, "\n".join([page, *sent.on_data])
