"""Two editors save at the same moment."""

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
from screening.models import DraftChange, FollowUp, Rule, RuleSet, User
from tests.drafts import acting, started
from tests.edit_pages import ADD_RULE, changed, form_data_of, page_of
from tests.factories import EditionFactory, UserFactory
from tests.integration.drafts.test_rule_form import NEW_RULE

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 10

ClientOf = Callable[[User], Client]


def run_concurrently(*functions: Callable[[], Any]) -> list[Any]:
    """Start all functions at the same moment, and return their results."""
    barrier = Barrier(len(functions))

    def run(function: Callable[[], Any]) -> Any:
        barrier.wait()
        try:
            return function()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(functions)) as pool:
        return list(pool.map(run, functions))


def posting(client: Client, address: str, data: dict[str, Any]) -> Callable[[], int]:
    return lambda: client.post(address, data).status_code


@pytest.fixture
def editors(client_of: ClientOf) -> tuple[Client, Client]:
    """Test clients of two editors, with a draft that one of them started."""
    EditionFactory(lexicon=None)
    first, second = UserFactory(role=Role.EDITOR), UserFactory(role=Role.EDITOR)
    started(first)
    return client_of(first), client_of(second)


def test_of_two_changes_to_the_same_field_one_is_saved_and_one_conflicts(editors: tuple[Client, Client]) -> None:
    first, second = editors
    address = page_of(Rule.objects.get(rule_set__is_open=True, link_id="pregnancy"))
    for turn in range(ROUNDS):
        data = form_data_of(first.get(address))
        statuses = run_concurrently(
            posting(first, address, changed(data, why=f"One, turn {turn}")),
            posting(second, address, changed(data, why=f"Other, turn {turn}")),
        )
        assert Counter(statuses) == {302: 1, 409: 1}
    revisions = list(
        DraftChange.objects.filter(what="rule_changed").order_by("pk").values_list("revision", flat=True)
    )
    assert revisions == list(range(1, ROUNDS + 1))


def test_changes_to_different_fields_are_both_saved(editors: tuple[Client, Client]) -> None:
    first, second = editors
    address = page_of(Rule.objects.get(rule_set__is_open=True, link_id="pregnancy"))
    for turn in range(ROUNDS):
        data = form_data_of(first.get(address))
        statuses = run_concurrently(
            posting(first, address, changed(data, why=f"One, turn {turn}")),
            posting(second, address, changed(data, finding=f"Other, turn {turn}")),
        )
        assert Counter(statuses) == {302: 2}
        rule = Rule.objects.get(rule_set__is_open=True, link_id="pregnancy")
        assert (rule.why, rule.finding) == (f"One, turn {turn}", f"Other, turn {turn}")
    revisions = list(
        DraftChange.objects.filter(what="rule_changed").order_by("pk").values_list("revision", flat=True)
    )
    assert revisions == list(range(1, 2 * ROUNDS + 1))


def test_changes_to_different_fields_of_a_follow_up_are_both_saved(editors: tuple[Client, Client]) -> None:
    first, second = editors
    address = page_of(FollowUp.objects.get(rule__rule_set__is_open=True, link_id="status"))
    for turn in range(ROUNDS):
        data = form_data_of(first.get(address))
        statuses = run_concurrently(
            posting(first, address, changed(data, help=f"One, {turn}")),
            posting(second, address, changed(data, label=f"Other, {turn}")),
        )
        assert Counter(statuses) == {302: 2}
        detail = FollowUp.objects.get(rule__rule_set__is_open=True, link_id="status")
        assert (detail.help, detail.label) == (f"One, {turn}", f"Other, {turn}")


def test_a_rule_and_its_follow_up_are_both_saved(editors: tuple[Client, Client]) -> None:
    first, second = editors
    rule = Rule.objects.get(rule_set__is_open=True, link_id="pregnancy")
    detail = rule.follow_ups.all()[0]
    of_rule, of_detail = form_data_of(first.get(page_of(rule))), form_data_of(second.get(page_of(detail)))
    statuses = run_concurrently(
        posting(first, page_of(rule), changed(of_rule, why="Because.")),
        posting(second, page_of(detail), changed(of_detail, help="A hint.")),
    )
    assert Counter(statuses) == {302: 2}
    rule.refresh_from_db()
    detail.refresh_from_db()
    assert (rule.why, detail.help, rule.revision) == ("Because.", "A hint.", 2)


def test_changes_to_different_texts_are_both_saved(editors: tuple[Client, Client]) -> None:
    first, second = editors
    draft = RuleSet.objects.get(is_open=True)
    address = "/draft/texts/"
    for turn in range(ROUNDS):
        form = first.get(address).context["form"]
        data = {name: str(form[name].value()) for name in form.fields}
        statuses = run_concurrently(
            posting(first, address, {**data, "basis": f"One, turn {turn}"}),
            posting(second, address, {**data, "dose_note": f"Other, turn {turn}"}),
        )
        assert Counter(statuses) == {302: 2}
        draft.refresh_from_db()
        assert (draft.basis, draft.dose_note) == (f"One, turn {turn}", f"Other, turn {turn}")


def test_two_new_rules_with_the_same_link_id_are_added_once(editors: tuple[Client, Client]) -> None:
    first, second = editors
    data = form_data_of(first.get(ADD_RULE))
    statuses = run_concurrently(
        posting(first, ADD_RULE, changed(data, **NEW_RULE)),
        posting(second, ADD_RULE, changed(data, **NEW_RULE | {"why": "For another reason."})),
    )
    assert Counter(statuses) == {302: 1, 422: 1}
    assert Rule.objects.filter(link_id="renal-impairment").count() == 1


def test_saving_a_rule_while_it_is_retired_saves_it_first_or_conflicts(
    editors: tuple[Client, Client],
) -> None:
    first, _ = editors
    rule = Rule.objects.get(rule_set__is_open=True, link_id="pregnancy")
    address, person = page_of(rule), UserFactory(role=Role.EDITOR)
    data = changed(form_data_of(first.get(address)), why="Because.")
    status, _ = run_concurrently(posting(first, address, data), lambda: actions.retire_rule(rule, **acting(person)))
    assert status in {302, 409}
    assert not Rule.objects.filter(rule_set__is_open=True, link_id="pregnancy").exists()
