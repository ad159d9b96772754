"""Two editors press Save at the same moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from screening.accounts.permissions import Role
from screening.drafts import actions
from screening.models import DraftChange, Rule, RuleSet, User
from tests.drafts import acting, started
from tests.edit_pages import ADD_RULE, changed, form_data_of, page_of
from tests.factories import EditionFactory, UserFactory
from tests.integration.drafts.test_rule_form import NEW_RULE

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 10

ClientOf = Callable[[User], Client]


def at_once(*verbs: Callable[[], Any]) -> list[Any]:
    """What each verb came to when all are begun at the same moment."""
    barrier = Barrier(len(verbs))

    def run(verb: Callable[[], Any]) -> Any:
        barrier.wait()
        try:
            return verb()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(verbs)) as pool:
        return list(pool.map(run, verbs))


def sending(client: Client, address: str, sent: dict[str, Any]) -> Callable[[], int]:
    return lambda: client.post(address, sent).status_code


@pytest.fixture
def editors(client_of: ClientOf) -> tuple[Client, Client]:
    """Two of them, and a draft that one of them started."""
    EditionFactory(lexicon=None)
    first, second = UserFactory(role=Role.EDITOR), UserFactory(role=Role.EDITOR)
    started(first)
    return client_of(first), client_of(second)


def test_one_is_saved_and_the_other_is_told(editors: tuple[Client, Client]) -> None:
    first, second = editors
    address = page_of(Rule.objects.get(rule_set__is_open=True, link_id="pregnancy"))
    for turn in range(ROUNDS):
        sent = form_data_of(first.get(address))
        came_to = at_once(
            sending(first, address, changed(sent, why=f"One, turn {turn}")),
            sending(second, address, changed(sent, why=f"Other, turn {turn}")),
        )
        assert Counter(came_to) == {302: 1, 409: 1}
    revisions = list(
        DraftChange.objects.filter(what="rule_changed").order_by("pk").values_list("revision", flat=True)
    )
    assert revisions == list(range(1, ROUNDS + 1))


def test_changes_of_different_fields_are_both_saved(editors: tuple[Client, Client]) -> None:
    first, second = editors
    address = page_of(Rule.objects.get(rule_set__is_open=True, link_id="pregnancy"))
    for turn in range(ROUNDS):
        sent = form_data_of(first.get(address))
        came_to = at_once(
            sending(first, address, changed(sent, why=f"One, turn {turn}", follow_ups__0__help=f"One, {turn}")),
            sending(second, address, changed(sent, finding=f"Other, turn {turn}", follow_ups__0__label=f"O, {turn}")),
        )
        assert Counter(came_to) == {302: 2}
        rule = Rule.objects.get(rule_set__is_open=True, link_id="pregnancy")
        assert (rule.why, rule.finding) == (f"One, turn {turn}", f"Other, turn {turn}")
        detail = rule.follow_ups.all()[0]
        assert (detail.help, detail.label) == (f"One, {turn}", f"O, {turn}")
    revisions = list(
        DraftChange.objects.filter(what="rule_changed").order_by("pk").values_list("revision", flat=True)
    )
    assert revisions == list(range(1, 2 * ROUNDS + 1))


def test_changes_of_different_texts_of_the_draft_are_both_saved(editors: tuple[Client, Client]) -> None:
    first, second = editors
    draft = RuleSet.objects.get(is_open=True)
    where = f"/admin/screening/ruleset/{draft.pk}/texts/"
    for turn in range(ROUNDS):
        page = first.get(where).context["form"]
        sent = {name: str(page[name].value()) for name in page.fields}
        came_to = at_once(
            sending(first, where, {**sent, "basis": f"One, turn {turn}"}),
            sending(second, where, {**sent, "dose_note": f"Other, turn {turn}"}),
        )
        assert Counter(came_to) == {302: 2}
        draft.refresh_from_db()
        assert (draft.basis, draft.dose_note) == (f"One, turn {turn}", f"Other, turn {turn}")


def test_a_new_rule_of_one_name_is_added_once(editors: tuple[Client, Client]) -> None:
    first, second = editors
    sent = form_data_of(first.get(ADD_RULE))
    came_to = at_once(
        sending(first, ADD_RULE, changed(sent, **NEW_RULE)),
        sending(second, ADD_RULE, changed(sent, **NEW_RULE | {"why": "For another reason."})),
    )
    assert Counter(came_to) == {302: 1, 422: 1}
    assert Rule.objects.filter(link_id="renal-impairment").count() == 1


def test_saving_a_rule_that_is_retired_at_that_moment_comes_to_one_of_the_two(
    editors: tuple[Client, Client],
) -> None:
    first, _ = editors
    rule = Rule.objects.get(rule_set__is_open=True, link_id="pregnancy")
    address, person = page_of(rule), UserFactory(role=Role.EDITOR)
    sent = changed(form_data_of(first.get(address)), why="Because.")
    status, _ = at_once(sending(first, address, sent), lambda: actions.retire_rule(rule, **acting(person)))
    assert status in {302, 409}
    assert not Rule.objects.filter(rule_set__is_open=True, link_id="pregnancy").exists()
