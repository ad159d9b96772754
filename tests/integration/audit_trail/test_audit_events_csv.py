"""Auditors download the events that the filters find."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from screening.accounts.permissions import Role
from screening.audit_trail import events
from screening.audit_trail.events import EventFilter
from screening.models import AuditEvent, Screening, Seal, User
from screening.web.spreadsheets import INCOMPLETE
from tests.audit import happened
from tests.factories import UserFactory
from tests.pages import address_of, links
from tests.queries import capture_queries
from tests.trail import FILE, TRAIL, file_text, lines_of_file, sealed_later

pytestmark = pytest.mark.django_db

ClientOf = Callable[[User], Client]


def test_a_line_holds_every_column_of_the_event(auditor: Client, client_of: ClientOf, screening: Screening) -> None:
    with time_machine.travel(datetime(2026, 11, 29, 15, 20, 41, tzinfo=UTC), tick=False):
        reader = client_of(UserFactory(role=Role.PRESCRIBER, username="reader"))
        reader.get(address_of(screening, "summary.txt"), REMOTE_ADDR="192.0.2.14")
    event = AuditEvent.objects.latest("pk")
    line = lines_of_file(auditor, person="reader")[0]
    details = json.loads(line.pop("Details"))
    assert details == {"page": "screening_text", "format": "text"}
    assert line == {
        "Id": str(event.pk),
        "Time (UTC)": "2026-11-29T15:20:41.000000+00:00",
        "Person": "reader",
        "Role": "prescriber",
        "Action": "screening.exported",
        "Label": "Plain text downloaded",
        "Record": str(screening.uuid),
        "Address": "192.0.2.14",
        "Seal": "",
    }


def test_the_file_is_the_same_whoever_downloads_it(
    auditor: Client, person: User, client_of: ClientOf, screening: Screening, settings: Any
) -> None:
    settings.DEMO = True
    client_of(UserFactory(role=Role.PRESCRIBER, username="reader")).get(address_of(screening, ""))
    in_english = lines_of_file(auditor, person="reader")
    person.language = "es"
    person.save(update_fields=["language"])
    assert 'lang="es"' in auditor.get(TRAIL).content.decode()
    assert lines_of_file(auditor, person="reader") == in_english


def test_a_sealed_event_has_the_whole_hash_of_its_seal(auditor: Client) -> None:
    sealed_later(1)
    assert lines_of_file(auditor, action="screening.read")[0]["Seal"] == Seal.objects.get().hash


def test_the_newest_event_comes_first_and_the_filters_apply(auditor: Client) -> None:
    happened(3)
    found = lines_of_file(auditor, action="screening.read", person="command line")
    assert [line["Record"] for line in found] == ["record 2", "record 1", "record 0"]
    assert lines_of_file(auditor, person="nobody") == []


def test_events_are_read_in_chunks_of_bounded_size(auditor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "CHUNK_SIZE", 10)
    happened(25)
    with capture_queries() as captured:
        found = lines_of_file(auditor, action="screening.read")
    assert [line["Record"] for line in found] == [f"record {number}" for number in reversed(range(25))]
    assert len([each for each in captured.on_data if "LIMIT 11" in each]) == 3


def test_a_download_can_start_after_an_event(auditor: Client) -> None:
    ids = happened(3)
    assert [line["Record"] for line in lines_of_file(auditor, after=str(ids[1]), action="screening.read")] == [
        "record 0"
    ]


def test_a_person_whose_name_is_a_formula_runs_none(
    auditor: Client, client_of: ClientOf, screening: Screening
) -> None:
    client_of(UserFactory(username="=1+1")).get(address_of(screening))
    assert {line["Person"] for line in lines_of_file(auditor, person="=1+1")} == {"'=1+1"}
    assert ",=1+1," not in file_text(auditor, person="=1+1")


def test_the_file_begins_with_a_byte_order_mark_and_is_an_attachment(auditor: Client) -> None:
    assert file_text(auditor).startswith("\ufeffId,Time (UTC),Person,")
    response = auditor.get(FILE)
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="audit-events.csv"'


def test_an_interrupted_file_says_so_in_its_last_line(auditor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: EventFilter, after: int | None) -> Any:
        yield self.page(after)[0]
        raise RuntimeError("lost")

    monkeypatch.setattr(EventFilter, "chunks", broken)
    text = file_text(auditor)
    assert text.splitlines()[-1] == INCOMPLETE
    assert "lost" not in text


def test_a_download_is_recorded_before_the_first_line_is_sent(auditor: Client) -> None:
    auditor.get(FILE, {"action": "account.made"})
    event = AuditEvent.objects.latest("pk")
    assert (event.action, event.actor_role) == ("audit.exported", "auditor")
    assert event.details == {"page": "audit_events_csv", "action": "account.made"}


def test_filters_that_are_not_valid_are_refused_without_a_file(auditor: Client) -> None:
    before = AuditEvent.objects.count()
    response = auditor.get(FILE, {"record": "x"})
    assert (response.status_code, response.headers["Content-Type"]) == (422, "text/html; charset=utf-8")
    assert AuditEvent.objects.count() == before


def test_the_page_links_to_the_file_with_its_filters(auditor: Client) -> None:
    page = auditor.get(TRAIL, {"person": "command line", "from": "2026-01-01"})
    assert f"{FILE}?person=command+line&from=2026-01-01" in links(page)
    assert FILE in links(auditor.get(TRAIL))
