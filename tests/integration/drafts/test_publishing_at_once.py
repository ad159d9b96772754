"""Concurrent publishing, sending back and starting of drafts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from django.db import connections

from screening.accounts.permissions import Role
from screening.drafts import actions
from screening.models import Edition, RuleSet, User
from tests.drafts import acting, proposed
from tests.factories import EditionFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 50
REFUSALS = (actions.NotOpen, actions.NotProposed, actions.AnotherDraftIsOpen)


def now() -> datetime:
    return datetime.now(UTC)


def at_once(*tasks: Callable[[], object]) -> list[object]:
    """Run actions concurrently; return the result or the refusal of each."""
    barrier = Barrier(len(tasks))

    def run(task: Callable[[], object]) -> object:
        barrier.wait()
        try:
            return task()
        except REFUSALS as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))


def publishing(draft: RuleSet, approver: User) -> Callable[[], object]:
    return lambda: actions.publish(draft, by=approver, role=Role.APPROVER, at=now(), change_note=draft.change_note)


def test_two_approvers_at_once_publish_one_edition_and_one_is_refused() -> None:
    EditionFactory(lexicon=None)
    editor = UserFactory(role=Role.EDITOR)
    first, second = UserFactory(role=Role.APPROVER), UserFactory(role=Role.APPROVER)
    for number in range(ROUNDS):
        draft = proposed(editor, f"Round {number}", basis=f"Round {number}")
        results = at_once(publishing(draft, first), publishing(draft, second))
        assert Counter(type(each).__name__ for each in results) == {"Edition": 1, "NotOpen": 1}
    numbers = list(Edition.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, ROUNDS + 2))
    current = Edition.objects.current()
    assert current is not None
    assert (current.number, current.definition.basis) == (ROUNDS + 1, f"Round {ROUNDS - 1}")


def test_a_draft_published_and_sent_back_at_once_ends_in_one_of_the_two_states() -> None:
    EditionFactory(lexicon=None)
    editor, first, second = (UserFactory(role=role) for role in (Role.EDITOR, Role.APPROVER, Role.APPROVER))
    draft = proposed(editor, "Another basis")
    sending = acting(second, Role.APPROVER)
    results = at_once(publishing(draft, first), lambda: actions.send_back(draft, comment="Say why", **sending))
    draft.refresh_from_db()
    published = Edition.objects.filter(rule_set=draft).exists()
    assert published is not draft.is_open
    assert sum(isinstance(each, Exception) for each in results) == 1


def test_two_editors_who_start_a_draft_at_once_get_one_draft() -> None:
    edition = EditionFactory(lexicon=None)
    editors = [UserFactory(role=Role.EDITOR) for _ in range(2)]
    results = at_once(
        *(
            lambda editor=editor: actions.start_draft(edition, by=editor, role=Role.EDITOR, at=now())
            for editor in editors
        )
    )
    assert RuleSet.objects.filter(is_open=True).count() == 1
    assert Counter(type(each).__name__ for each in results) == {"RuleSet": 1, "AnotherDraftIsOpen": 1}
