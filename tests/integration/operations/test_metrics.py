"""Metrics: what they say, who may read them, and that they name no person, patient or record."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from screening.accounts.permissions import Role
from screening.audit.actions import seal_events
from screening.models import AuditEvent, Edition, Screening
from tests.decisions import decide
from tests.factories import ScreeningFactory, UserFactory
from tests.pages import CLEAR_FORM, NEW, OPIOID_FORM, send
from tests.paths import PROJECT

pytestmark = pytest.mark.django_db

METRICS = "/metrics"
TOKEN = "a token of at least sixteen characters"
ELSEWHERE = "192.0.2.14"


def figures(**how: Any) -> dict[str, float]:
    """Return the figures without labels by name, as Prometheus reads them."""
    text = Client().get(METRICS, **how).content.decode()
    samples = (each for family in text_string_to_metric_families(text) for each in family.samples)
    return {each.name: each.value for each in samples if not each.labels}


def count(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0


# What they say ------------------------------------------------------------------------------------------------


def test_a_request_is_counted_and_timed_by_the_name_of_its_view(client: Client, edition: Edition) -> None:
    of_view = {"view": "screening:screening_list"}
    before = count("ldn_requests_total", **of_view, method="GET", status="200")
    timed = count("ldn_request_duration_seconds_count", **of_view)
    client.get("/screenings/")
    assert count("ldn_requests_total", **of_view, method="GET", status="200") == before + 1
    assert count("ldn_request_duration_seconds_count", **of_view) == timed + 1


def test_an_unknown_page_and_an_invented_method_make_no_new_labels(client: Client) -> None:
    before = count("ldn_requests_total", view="none", method="other", status="404")
    client.generic("FROBNICATE", "/nowhere/5d3a91c7/")
    assert count("ldn_requests_total", view="none", method="other", status="404") == before + 1
    assert "nowhere" not in Client().get(METRICS).content.decode()


def test_a_screening_is_counted_once_by_its_outcome(
    client: Client, edition: Edition, django_capture_on_commit_callbacks: Any
) -> None:
    before = count("ldn_screenings_recorded_total", outcome="none_identified")
    with django_capture_on_commit_callbacks(execute=True):
        ticket = send(client, CLEAR_FORM).wsgi_request.POST["form_ticket"]
        again = client.post(NEW, CLEAR_FORM | {"form_ticket": ticket})
    assert again.status_code == 302
    assert count("ldn_screenings_recorded_total", outcome="none_identified") == before + 1


def test_a_screening_that_is_not_stored_is_not_counted(client: Client, edition: Edition) -> None:
    before = count("ldn_screenings_recorded_total", outcome="contraindication_flagged")
    send(client, OPIOID_FORM)  # within the transaction of this test, which is rolled back
    assert count("ldn_screenings_recorded_total", outcome="contraindication_flagged") == before


def test_a_decision_is_counted_by_its_code(
    client_of: Any, edition: Edition, django_capture_on_commit_callbacks: Any
) -> None:
    prescriber = client_of(UserFactory(role=Role.PRESCRIBER))
    screening = ScreeningFactory(taking_opioid=True)
    before = count("ldn_decisions_recorded_total", code="do-not-prescribe")
    with django_capture_on_commit_callbacks(execute=True):
        decide(prescriber, screening)
    assert count("ldn_decisions_recorded_total", code="do-not-prescribe") == before + 1


def test_open_decisions_are_counted(edition: Edition) -> None:
    ScreeningFactory.create_batch(2)
    assert figures()["ldn_open_decisions"] == 2


def test_unsealed_events_and_the_ages_of_event_and_seal(edition: Edition, time_machine: Any) -> None:
    time_machine.move_to("2026-11-20T10:00:00+00:00", tick=False)
    ScreeningFactory()
    time_machine.move_to("2026-11-20T10:05:00+00:00", tick=False)
    before = figures()
    list(seal_events(AuditEvent.objects.latest("pk").at.replace(minute=5)))
    time_machine.move_to("2026-11-20T10:06:30+00:00", tick=False)
    after = figures()
    assert before["ldn_unsealed_events"] == AuditEvent.objects.count()
    assert before["ldn_oldest_unsealed_event_age_seconds"] == 300
    assert "ldn_seal_age_seconds" not in before
    assert (after["ldn_unsealed_events"], after["ldn_seal_age_seconds"]) == (0, 90)
    assert "ldn_oldest_unsealed_event_age_seconds" not in after


def test_while_the_database_is_away_the_page_says_so(edition: Edition, monkeypatch: pytest.MonkeyPatch) -> None:
    assert figures()["ldn_database_up"] == 1

    def away(*args: object, **kwargs: object) -> None:
        raise OperationalError

    monkeypatch.setattr("django.db.backends.utils.CursorWrapper.execute", away)
    found = figures()
    assert found["ldn_database_up"] == 0
    assert "ldn_open_decisions" not in found


def test_no_patient_record_or_person_is_named(client: Client, edition: Edition) -> None:
    screening: Screening = ScreeningFactory()
    client.get(f"/screenings/{screening.uuid}/")
    text = Client().get(METRICS).content.decode()
    assert 'view="screening:screening_result"' in text
    named = [screening.patient_name, screening.record_number, screening.screened_by.username, str(screening.uuid)]
    assert [each for each in named if each in text] == []


def test_several_processes_are_counted_together(tmp_path: Path) -> None:
    program = "from screening.web.metrics import SCREENINGS; SCREENINGS.labels('cannot_conclude').inc()"
    reader = "from screening.operations.metrics import exposition; print(exposition().decode())"
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "tests.settings"}
    environment |= {"LDN_TEST_DATABASE": "sqlite"}

    def run(statements: str) -> str:
        code = f"import django; django.setup(); {statements}"
        return subprocess.run(
            [sys.executable, "-c", code], cwd=PROJECT, env=environment, check=True, capture_output=True, text=True
        ).stdout

    run(program)
    assert 'ldn_screenings_recorded_total{outcome="cannot_conclude"} 2.0' in run(f"{program}; {reader}")


# Who may read them --------------------------------------------------------------------------------------------


def status(address: str = METRICS, **how: Any) -> int:
    return Client().get(address, **how).status_code


@pytest.mark.parametrize("remote", ["127.0.0.1", "127.4.5.6", "::1"])
def test_a_program_on_this_machine_may_read_them(remote: str) -> None:
    assert status(REMOTE_ADDR=remote) == 200


@pytest.mark.parametrize("remote", [ELSEWHERE, "10.0.0.1", "2001:db8::7", "", "unknown"])
def test_others_may_not(remote: str) -> None:
    assert status(REMOTE_ADDR=remote) == 403


def test_the_host_name_in_the_request_does_not_matter() -> None:
    assert status(REMOTE_ADDR=ELSEWHERE, headers={"host": "127.0.0.1"}) == 403


@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded"])
def test_what_a_proxy_passed_on_is_not_from_this_machine(header: str) -> None:
    assert status(headers={header: "127.0.0.1"}) == 403


@pytest.mark.parametrize(
    ("forwarded", "expected"),
    [("127.0.0.1", 200), (ELSEWHERE, 403), (f"127.0.0.1, {ELSEWHERE}", 403), (f"{ELSEWHERE}, 127.0.0.1", 200)],
)
def test_behind_the_proxy_the_address_is_the_one_that_it_added(settings: Any, forwarded: str, expected: int) -> None:
    settings.BEHIND_PROXY = True
    assert status(headers={"x-forwarded-for": forwarded}) == expected


@pytest.mark.parametrize("forwarded", ["", ",", "127.0.0.1,", "localhost", "ü", "1" * 5000])
def test_behind_the_proxy_an_address_that_is_none_is_refused(settings: Any, forwarded: str) -> None:
    settings.BEHIND_PROXY = True
    assert status(headers={"x-forwarded-for": forwarded}) == 403


def with_header(authorization: str) -> int:
    return status(REMOTE_ADDR=ELSEWHERE, headers={"authorization": authorization})


def test_with_the_token_they_can_be_read_from_elsewhere(settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN
    assert with_header(f"Bearer {TOKEN}") == 200


@pytest.mark.parametrize(
    "authorization", ["Bearer", "Bearer ", "Bearer wrong", f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN, "Bearer ü"]
)
def test_a_wrong_token_is_refused(settings: Any, authorization: str) -> None:
    settings.METRICS_TOKEN = TOKEN
    assert with_header(authorization) == 403


@pytest.mark.parametrize("authorization", ["Bearer ", "Bearer"])
def test_without_a_token_in_the_settings_none_is_right(settings: Any, authorization: str) -> None:
    settings.METRICS_TOKEN = ""
    assert with_header(authorization) == 403


@pytest.mark.parametrize("name", ["token", "access_token", "LDN_METRICS_TOKEN"])
def test_a_token_in_the_address_is_not_accepted(settings: Any, name: str) -> None:
    settings.METRICS_TOKEN = TOKEN
    assert status(f"{METRICS}?{name}={TOKEN}", REMOTE_ADDR=ELSEWHERE) == 403


def test_an_unknown_query_string_changes_nothing() -> None:
    assert status(f"{METRICS}?name[]=up&x=<script>") == 200


def test_head_has_no_body_and_other_methods_are_refused() -> None:
    assert Client().head(METRICS).content == b""
    assert [Client().generic(each, METRICS).status_code for each in ("POST", "PUT", "DELETE", "OPTIONS")] == [405] * 4


def test_reading_them_makes_no_session_and_is_not_redirected_to_https(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    response = Client().get(METRICS)
    assert (response.status_code, dict(response.cookies)) == (200, {})
    assert response.headers["Content-Type"].startswith("text/plain; version=")
