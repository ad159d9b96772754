"""The addresses that the draft's pages had below ``/admin/screening/`` redirect to the new ones."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from screening.accounts.permissions import Role
from screening.drafts import actions
from screening.models import Case, Rule, RuleSet, User
from tests.drafts import acting, started
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

OLD = "/admin/screening/"
MOVED = {
    "ruleset/": "/draft/",
    "ruleset/add/": "/draft/",
    "ruleset/start/": "/draft/start/",
    "ruleset/import/": "/draft/import/",
    "ruleset/again/1/": "/draft/again/1/",
    "ruleset/{draft}/change/": "/draft/",
    "ruleset/{draft}/texts/": "/draft/texts/",
    "ruleset/{draft}/further/": "/draft/library/",
    "ruleset/{draft}/difference/": "/draft/compare/",
    "ruleset/{draft}/preview/form/": "/draft/preview/form/",
    "ruleset/{draft}/impact/?days=30": "/draft/impact/?days=30",
    "ruleset/{draft}/impact/newly-open.csv?days=30": "/draft/impact/newly-open.csv?days=30",
    "ruleset/{draft}/rules/{rule}/retire/": "/draft/rules/pregnancy/retire/",
    "rule/": "/draft/",
    "rule/add/": "/draft/add-rule/",
    "rule/{rule}/change/": "/draft/rules/pregnancy/",
    "case/": "/draft/cases/",
    "case/add/?rule=pregnancy&answer=yes": "/draft/add-case/?rule=pregnancy&answer=yes",
    "case/{case}/change/": "/draft/cases/3/",
}


@pytest.fixture
def keys(draft: RuleSet) -> dict[str, int]:
    """The keys of the draft, of a rule and of its third case."""
    rule, case = Rule.objects.get(rule_set=draft, link_id="pregnancy"), Case.objects.filter(rule_set=draft)[2]
    return {"draft": draft.pk, "rule": rule.pk, "case": case.pk}


@pytest.mark.parametrize("old", MOVED)
def test_an_old_address_redirects_to_the_new_one(editor: Client, keys: dict[str, int], old: str) -> None:
    assert editor.get(OLD + old.format(**keys)).headers["Location"] == MOVED[old]


def test_the_page_of_a_published_draft_redirects_to_its_edition(editor: Client, person: User, draft: RuleSet) -> None:
    proposed = actions.propose(draft, change_note="A change", **acting(person))
    approver = UserFactory(role=Role.APPROVER)
    actions.publish(proposed, change_note="A change", lexicon=None, **acting(approver, Role.APPROVER))
    assert editor.get(f"{OLD}ruleset/{draft.pk}/change/").headers["Location"] == "/editions/2/"


def test_a_rule_or_case_of_a_closed_draft_is_not_found(
    editor: Client, person: User, draft: RuleSet, keys: dict[str, int]
) -> None:
    actions.discard_draft(draft, **acting(person))
    started(person)
    for old in ("rule/{rule}/change/", "case/{case}/change/"):
        assert editor.get(OLD + old.format(**keys)).status_code == 404


def test_nothing_is_written_to_an_old_address(editor: Client, keys: dict[str, int]) -> None:
    for old in ("ruleset/{draft}/discard/", "rule/{rule}/change/", "case/{case}/remove/"):
        assert editor.post(OLD + old.format(**keys), {"name": "x"}).status_code == 405


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.AUDITOR])
def test_people_without_access_learn_nothing_of_the_draft(
    client_of: Callable[[User], Client], keys: dict[str, int], role: Role
) -> None:
    client = client_of(UserFactory(role=role))
    known, unknown = f"{OLD}rule/{keys['rule']}/change/", f"{OLD}rule/999999/change/"
    found = [client.get(address).headers["Location"] for address in (known, unknown)]
    assert found == ["/draft/", "/draft/"]
    assert client.get("/draft/").status_code == 403
