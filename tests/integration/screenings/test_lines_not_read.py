"""Lines of a medication list in a script that is not read: shown everywhere, stored with the record."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from screening.models import Edition, ListOfMedicines, Screening, User
from tests.factories import PatientFactory, ScreeningFactory
from tests.pages import AMENDMENT, CLEAR_FORM, NEW, address_of, form_on, send, ticket, words
from tests.words import read

pytestmark = pytest.mark.django_db

CHECK, CHECK_NEW = "/screenings/medications/", "/screenings/new/medications/"
FOUND, OF_THE_LIST = "//*[@data-listed='found']", "//*[@data-words='medications']"
LIST = "Metformin 500 mg\nЭналаприл 5 мг утром\nLisinopril 10 mg"
HEADING = "Not read (not in Latin letters)"
INCOMPLETE = "The list is not read completely: 1 line is not in Latin letters. Ask what it names."
COPIES = [
    pytest.param("", OF_THE_LIST, id="result"),
    pytest.param("print/", OF_THE_LIST, id="print"),
    pytest.param("summary.txt", "", id="text"),
]


def checked_form(client: Client, text: str) -> Any:
    """Submit the form with the button that checks the list, as without scripts."""
    return client.post(CHECK_NEW, {"form_ticket": ticket(client), **CLEAR_FORM, "medications": text})


@pytest.fixture
def unread(edition: Edition, clinician: User) -> Screening:
    """A record of the clinician with a list in which one line is not read."""
    return ScreeningFactory(by=clinician, listed=LIST, patient=PatientFactory(record_number="DEMO-0001"))


# The form -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("with_scripts", [True, False], ids=["with scripts", "without scripts"])
def test_the_form_shows_the_lines_that_are_not_read(client: Client, edition: Edition, with_scripts: bool) -> None:
    response = client.post(CHECK, {"medications": LIST}) if with_scripts else checked_form(client, LIST)
    shown = words(response, FOUND)
    assert f"{HEADING} {INCOMPLETE} Line 2 Эналаприл 5 мг утром" in shown
    assert "ecognised" not in shown


def test_the_announcement_for_screen_readers_says_so_too(client: Client, edition: Edition) -> None:
    assert words(client.post(CHECK, {"medications": LIST}), "//*[@data-says]") == INCOMPLETE


def test_an_opioid_in_another_script_is_shown_like_any_other(client: Client, edition: Edition) -> None:
    shown = words(client.post(CHECK, {"medications": "Морфин 10 мг\n阿司匹林"}), FOUND)
    assert "1 line contains an opioid. Line 1 Морфин 10 мг Morphine" in shown
    assert "Line 2 阿司匹林" in shown


def test_markup_in_a_line_that_is_not_read_is_escaped(client: Client, edition: Edition) -> None:
    response = client.post(CHECK, {"medications": "<b>Эналаприл</b>"})
    assert b"&lt;b&gt;" in response.content
    assert b"<b>" not in response.content


# The record ---------------------------------------------------------------------------------------------------


def test_the_numbers_of_the_lines_are_stored_with_the_record(client: Client, edition: Edition) -> None:
    assert send(client, CLEAR_FORM, medications=LIST).status_code == 302
    screening = Screening.objects.get()
    assert ListOfMedicines.objects.get().not_read == [2]
    assert screening.listed.not_read == Screening.objects.complete().get(uuid=screening.uuid).listed.not_read == (2,)


def test_lines_that_are_not_read_do_not_change_the_outcome(client: Client, edition: Edition) -> None:
    send(client, CLEAR_FORM, medications=LIST)
    assert Screening.objects.get().outcome == "none_identified"


@pytest.mark.parametrize(("page", "part"), COPIES)
def test_every_copy_shows_the_lines_and_never_says_that_no_opioid_was_recognised(
    client: Client, unread: Screening, page: str, part: str
) -> None:
    shown = words(client.get(address_of(unread, page)), part)
    assert INCOMPLETE in shown
    assert HEADING in shown
    assert "Эналаприл 5 мг утром" in shown.split(HEADING)[1].split("List as entered")[0]
    assert "ecognised" not in shown


@pytest.mark.pdftotext
def test_the_pdf_shows_the_lines_where_its_fonts_can_show_them(client: Client, unread: Screening) -> None:
    response = client.get(address_of(unread, "summary.pdf"))
    assert response.status_code == 200
    shown = " ".join("".join(read(response.content)).split())
    assert INCOMPLETE in shown
    assert f"{HEADING}: Line 2 “Эналаприл 5 мг утром”" in shown


def test_a_script_that_the_fonts_of_the_pdf_lack_is_on_the_print_page(client: Client, edition: Edition) -> None:
    screening = ScreeningFactory(listed="阿司匹林 100mg\nأسبرين")
    assert client.get(address_of(screening, "summary.pdf")).status_code == 422
    shown = words(client.get(address_of(screening, "print/")), OF_THE_LIST)
    assert "2 lines are not in Latin letters" in shown
    assert "Line 1 阿司匹林 100mg" in shown
    assert "Line 2 أسبرين" in shown


@pytest.mark.parametrize(("page", "part"), COPIES)
def test_an_older_record_keeps_its_words(client: Client, edition: Edition, page: str, part: str) -> None:
    before = ScreeningFactory()
    ListOfMedicines.objects.create(screening=before, text="Эналаприл 5 мг", found=[], not_read=[])
    shown = words(client.get(address_of(before, page)), part)
    assert "No opioid recognised in this list; that does not show there is none." in shown
    assert HEADING not in shown


# Amending -----------------------------------------------------------------------------------------------------


def test_an_amendment_shows_the_lines_of_the_earlier_list(client: Client, unread: Screening) -> None:
    response = client.get(address_of(unread, "amend/"))
    assert form_on(response).fields["medications"] == [LIST]
    assert INCOMPLETE in words(response, FOUND)


def test_an_amendment_stores_the_lines_of_its_own_list(client: Client, unread: Screening) -> None:
    address = address_of(unread, "amend/")
    assert send(client, AMENDMENT, address, medications="Enalapril 5 mg\nкапли").status_code == 302
    later = Screening.objects.get(supersedes=unread)
    assert (later.listed.not_read, unread.listed.not_read) == ((2,), (2,))
    assert client.get(NEW).status_code == 200
