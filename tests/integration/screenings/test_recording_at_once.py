"""Several people record at the same time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections
from django.test import Client

from screening.audit.actions import Action
from screening.models import Answer, AuditEvent, Edition, Screening, User
from tests.factories import UserFactory
from tests.pages import CLEAR_FORM, NEW, ticket

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE, FORMS = 8, 4

ClientOf = Callable[[User], Client]


def test_eight_people_can_record_at_once_and_each_form_makes_one_record(
    client_of: ClientOf, edition: Edition
) -> None:
    clients = [client_of(UserFactory()) for _ in range(PEOPLE)]
    filled = [
        [CLEAR_FORM | {"form_ticket": ticket(client), "record_number": f"DEMO-{person}-{n}"} for n in range(FORMS)]
        for person, client in enumerate(clients)
    ]
    barrier = Barrier(PEOPLE)

    def record(person: int) -> list[int]:
        barrier.wait()
        try:
            return [clients[person].post(NEW, form).status_code for form in filled[person]]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(PEOPLE) as pool:
        statuses = [status for each in pool.map(record, range(PEOPLE)) for status in each]
    assert statuses == [302] * PEOPLE * FORMS
    recorded = set(Screening.objects.values_list("record_number", flat=True))
    assert recorded == {form["record_number"] for forms in filled for form in forms}
    assert Screening.objects.count() == PEOPLE * FORMS
    assert Answer._default_manager.count() == PEOPLE * FORMS * len(edition.definition.items)
    assert AuditEvent.objects.filter(action=Action.SCREENING_RECORDED).count() == PEOPLE * FORMS
