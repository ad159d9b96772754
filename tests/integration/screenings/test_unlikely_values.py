"""Unlikely values are recorded unchanged, and every copy of the record has a remark on them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from lxml import html

from screening.models import Answer, Edition, Screening
from tests.pages import CLEAR_FORM, address_of, send, words
from tests.words import read

pytestmark = pytest.mark.django_db

UNLIKELY: dict[str, Any] = CLEAR_FORM | {
    "birth_date": "12 Apr 1911",
    "opioid-use": "yes",
    "opioid-use.last-dose": "12 Apr 1911",
    "severe-liver-disease": "yes",
    "severe-liver-disease.kind": "child-pugh-c",
    "severe-liver-disease.transaminases-uln": "240",
    "severe-liver-disease.bilirubin": "2",
    "severe-liver-disease.albumin": "2",
    "severe-liver-disease.inr": "2",
    "severe-liver-disease.ascites": "1",
    "severe-liver-disease.encephalopathy": "1",
}
CONFLICT = "Class C was chosen, but the five bands give class B, 8 points. Check both."
CHECK = "AST or ALT is given as 240 × upper limit. Is this in U/L? Enter it as times the upper limit."
REMARKS = (
    "The birth date is more than 110 years ago. Check it.",
    "Opioid use, last dose: this is the day of birth, or before it. Check both dates.",
    CONFLICT,
    CHECK,
)
NUMBER = "severe-liver-disease.transaminases-uln"


@pytest.fixture
def screening(client: Client, edition: Edition) -> Screening:
    """A record of unlikely values."""
    response = send(client, UNLIKELY)
    assert response.status_code == 302
    return Screening.objects.get()


@pytest.mark.pdftotext
def test_every_copy_has_the_remarks(client: Client, screening: Screening) -> None:
    copies = [words(client.get(address_of(screening, page))) for page in ("", "print/", "summary.txt")]
    copies.append(" ".join(" ".join(read(client.get(address_of(screening, "summary.pdf")).content)).split()))
    assert [[each for each in REMARKS if each not in " ".join(copy.split())] for copy in copies] == [[]] * 4


def test_the_remarks_on_a_finding_are_stored_with_the_record(screening: Screening) -> None:
    notes = Answer.objects.get(screening=screening, link_id="severe-liver-disease").notes
    assert [each for each in notes if each["label"] in {"Conflict", "Check"}] == [
        {"label": "Conflict", "words": CONFLICT},
        {"label": "Check", "words": CHECK},
    ]


def test_a_form_with_errors_shows_the_notes_beside_its_fields(client: Client, edition: Edition) -> None:
    response = send(client, UNLIKELY, pregnancy="")
    assert response.status_code == 422
    shown = {
        each.get("id"): each.text_content()
        for each in html.fromstring(response.content.decode()).xpath("//*[@class='field-note'][not(@hidden)]")
    }
    assert shown == {
        "id_birth_date_note": REMARKS[0],
        "id_opioid-use__last-dose_note": "This is the day of birth, or before it. Check both dates.",
        "id_severe-liver-disease__transaminases-uln_note": ("Is this in U/L? Enter it as times the upper limit."),
    }
    control = html.fromstring(response.content.decode()).xpath(f"//input[@name='{NUMBER}']")[0]
    assert "id_severe-liver-disease__transaminases-uln_note" in control.get("aria-describedby").split()


def test_a_blank_form_shows_no_note(client: Client, edition: Edition) -> None:
    page = html.fromstring(client.get("/screenings/new/").content.decode())
    assert page.xpath("//*[@class='field-note'][not(@hidden)]") == []
    assert len(page.xpath("//*[@class='field-note']")) == 2
