"""The current edition as a decision table on paper."""

from __future__ import annotations

import subprocess
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from screening.accounts.permissions import Role
from screening.editions import actions
from screening.models import AuditEvent, Edition, User
from tests.factories import EditionFactory, UserFactory
from tests.pages import links, words
from tests.rules import changed_rules

pytestmark = pytest.mark.django_db

TABLE = "/editions/current/blank-form/"
A4, LETTER = b"/MediaBox [0 0 595.2756 841.8898]", b"/MediaBox [0 0 612 792]"

needs_pdftotext = pytest.mark.pdftotext


def text_of(response: Any) -> str:
    """Return the text of the PDF with white space collapsed."""
    run = subprocess.run(["pdftotext", "-raw", "-", "-"], input=response.content, capture_output=True, check=True)
    return " ".join(run.stdout.decode().split())


def size_of(response: Any) -> tuple[float, float]:
    """Return width and height of a sheet in mm."""
    run = subprocess.run(["pdfinfo", "-"], input=response.content, capture_output=True, check=True)
    (line,) = [each for each in run.stdout.decode().splitlines() if each.startswith("Page size")]
    width, height = (float(each) / 72 * 25.4 for each in line.split()[2:5:2])
    return round(width), round(height)


def test_it_is_a_pdf_with_the_edition_in_its_file_name(client: Client, edition: Edition) -> None:
    response = client.get(TABLE)
    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/pdf")
    assert response.headers["Content-Disposition"] == ('inline; filename="ldn-screen-decision-table-edition-1.pdf"')
    assert response.content.startswith(b"%PDF-1.7")


@needs_pdftotext
def test_it_shows_the_current_edition(client: Client, edition: Edition) -> None:
    EditionFactory(definition=changed_rules(pregnancy={"question": "Could the patient be pregnant now?"}))
    printed, current = text_of(client.get(TABLE)), Edition.objects.current()
    assert current is not None
    assert f"Edition 2, {current.sha256[:12]}." in printed
    assert "Could the patient be pregnant now?" in printed


@needs_pdftotext
@pytest.mark.parametrize(
    ("query", "default", "size"),
    [
        ("", "a4", (210, 297)),
        ("", "letter", (216, 279)),
        ("?paper=a4", "letter", (210, 297)),
        ("?paper=letter", "a4", (216, 279)),
    ],
)
def test_the_paper_size_is_the_requested_one_or_the_setting(
    client: Client, edition: Edition, settings: Any, query: str, default: str, size: tuple[int, int]
) -> None:
    settings.LDN_PAPER = default
    assert size_of(client.get(f"{TABLE}{query}")) == size


@pytest.mark.parametrize("paper", ["a5", "A4", "", "letter "])
def test_another_paper_size_is_refused_with_links_to_a4_and_letter(
    client: Client, edition: Edition, paper: str
) -> None:
    response = client.get(TABLE, {"paper": paper})
    assert response.status_code == 422
    assert "The decision table is available on A4 and Letter only." in words(response)
    assert [each for each in links(response) if "paper" in each] == [f"{TABLE}?paper=a4", f"{TABLE}?paper=letter"]


def test_a_character_missing_from_the_fonts_is_refused_with_a_link_to_the_edition(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "screening.drafts.actions.approval.publishing_faults", lambda rules: ()
    )  # as in earlier releases
    EditionFactory(definition=changed_rules(pregnancy={"next_step": "Ask Dr 李."}))
    response = client.get(TABLE)
    assert response.status_code == 422
    assert "The PDF cannot show “李” (CJK unified ideograph-674e)." in words(response)
    assert "/editions/1/" in links(response)


@pytest.mark.parametrize("paper", ["a4", "a5"])
def test_without_an_edition_it_is_not_found(client: Client, paper: str) -> None:
    response = client.get(TABLE, {"paper": paper})
    assert response.status_code == 404
    assert "No rules are published yet" in words(response)


def test_the_same_edition_and_paper_size_give_the_same_bytes_for_everyone(client: Client, edition: Edition) -> None:
    other = Client()
    other.force_login(UserFactory(role=Role.ADMINISTRATOR))
    assert client.get(TABLE).content == other.get(TABLE).content
    assert client.get(TABLE).content != client.get(TABLE, {"paper": "letter"}).content


@needs_pdftotext
@pytest.mark.parametrize("demo", [True, False])
def test_a_demonstration_is_marked(client: Client, edition: Edition, settings: Any, demo: bool) -> None:
    settings.DEMO = demo
    assert ("Demonstration, not for real patients." in text_of(client.get(TABLE))) is demo


@needs_pdftotext
def test_publisher_and_time_in_the_clinics_time_zone_are_shown(
    client: Client, edition: Edition, settings: Any
) -> None:
    settings.TIME_ZONE = "Asia/Kathmandu"
    printed = text_of(client.get(TABLE))
    assert "+0545 by" in printed
    assert f"by {edition.published_by_name}." in printed


@needs_pdftotext
def test_later_confirmations_of_review_are_shown(client: Client, clinician: User, edition: Edition) -> None:
    rules = [item.link_id for item in (*edition.definition.items, *edition.definition.listed)]
    assert "Rule text not yet reviewed" in text_of(client.get(TABLE))
    acting: dict[str, Any] = {"by": clinician, "role": Role.CLINICIAN, "at": timezone.now()}
    actions.confirm_review(edition, rules, **acting, next_review=date(2028, 2, 1))
    printed = text_of(client.get(TABLE))
    assert "Rule text not yet reviewed" not in printed
    assert "Next review 1 February 2028." in printed


def test_downloading_it_writes_no_audit_event(client: Client, edition: Edition) -> None:
    before = AuditEvent.objects.count()
    client.get(TABLE)
    assert AuditEvent.objects.count() == before


def test_only_the_page_of_the_current_edition_links_to_it(client: Client, edition: Edition) -> None:
    EditionFactory()
    assert TABLE in links(client.get("/editions/2/"))
    assert TABLE not in links(client.get("/editions/1/"))
