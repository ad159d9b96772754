"""Empty, very large and hostile input is refused with a message or status, and nothing is stored in part."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from screening.models import Edition, Screening
from tests.pages import CLEAR_FORM, NEW, OPIOID_FORM, messages, send, words

pytestmark = pytest.mark.django_db
URLENCODED = "application/x-www-form-urlencoded"

REFUSED = {
    "nothing at all": ({}, "Enter the patient’s name"),
    "no birth date": (CLEAR_FORM | {"birth_date": ""}, "Enter the birth date"),
    "a birth date in the future": (CLEAR_FORM | {"birth_date": "1 Jan 2999"}, "in the future"),
    "a birth date of the 19th century": (CLEAR_FORM | {"birth_date": "31 Dec 1899"}, "before 1 January 1900"),
    "an ambiguous date": (CLEAR_FORM | {"birth_date": "04/05/1961"}, "month in letters"),
    "a missing answer": (CLEAR_FORM | {"pregnancy": ""}, "Choose yes, no, not known or not applicable"),
    "an answer that is not offered": (CLEAR_FORM | {"pregnancy": "maybe"}, "Choose yes, no, not known"),
    "not applicable where no rule allows it": (
        CLEAR_FORM | {"opioid-use": "not_applicable"},
        "Choose yes, no or not known",
    ),
    "not applicable without a reason": (CLEAR_FORM | {"pregnancy": "not_applicable"}, "Choose why"),
    "an unknown kind of opioid": (OPIOID_FORM | {"opioid-use.kind": ["wine"]}, "Choose from the list"),
    "a last dose in the future": (OPIOID_FORM | {"opioid-use.last-dose": "1 Jan 2999"}, "in the future"),
    "details under no": (CLEAR_FORM | {"opioid-use.last-dose": "1 Nov 2026"}, "You answered no, but gave"),
    "a dose below zero": (CLEAR_FORM | {"dose_mg": "-1"}, "not a number"),
    "a dose that is not a number": (CLEAR_FORM | {"dose_mg": "NaN"}, "not a number"),
    "a dose too large for a number": (CLEAR_FORM | {"dose_mg": "1e999"}, "not a number"),
    "a dose too small": (CLEAR_FORM | {"dose_mg": "0.05"}, "0.1 mg or more"),
    "a dose too large": (CLEAR_FORM | {"dose_mg": "101"}, "100 mg or less"),
    "a name too long": (CLEAR_FORM | {"patient_name": "A" * 300}, "at most 200 characters; this has 300"),
    "a NUL in the name": (CLEAR_FORM | {"patient_name": "Sam\0ple"}, "cannot be shown or printed"),
    "a right-to-left override": (CLEAR_FORM | {"patient_name": "Sam\u202eple"}, "right-to-left override"),
    "a right-to-left mark": (CLEAR_FORM | {"record_number": "DEMO\u200f1"}, "right-to-left mark"),
    "an outcome": (CLEAR_FORM | {"outcome": "none_identified"}, "no field “outcome”"),
    "an edition": (CLEAR_FORM | {"edition": "7"}, "no field “edition”"),
    "an author": (CLEAR_FORM | {"created_by": "1"}, "no field “created_by”"),
    "an answer sent twice": (CLEAR_FORM | {"pregnancy": ["no", "yes"]}, "sent twice"),
    "a name sent twice": (CLEAR_FORM | {"patient_name": ["A", "B"]}, "sent twice"),
}


def test_an_invalid_form_comes_back_with_a_message_and_nothing_is_stored(client: Client, edition: Edition) -> None:
    for case, (form, sentence) in REFUSED.items():
        response = send(client, form)
        assert response.status_code == 422, case
        assert any(sentence in message for message in messages(response)), (case, messages(response))
        assert not Screening.objects.exists(), case


def test_valid_input_is_kept_in_a_form_with_errors(client: Client, edition: Edition) -> None:
    response = send(client, OPIOID_FORM, breastfeeding="")
    page = response.content.decode()
    for value in ("Sample Patient", "12 Apr 1961", "DEMO-0001", "Tramadol 50 mg, as needed", "19 Nov 2026"):
        assert f'value="{value}"' in page


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "Ana 👩‍⚕️", "李明", "O’Brien-Šmíd", "{{ 7*7 }}"])
def test_any_printable_name_is_stored_and_shown_as_entered(client: Client, edition: Edition, name: str) -> None:
    response = client.get(send(client, CLEAR_FORM, patient_name=name).headers["Location"])
    assert Screening.objects.get().patient_name == name
    assert name in words(response, "//*[@aria-label='Patient']")
    assert "<script>alert" not in response.content.decode()


def test_invalid_utf_8_is_refused_with_a_message(client: Client, edition: Edition) -> None:
    body = urlencode(CLEAR_FORM).replace("Sample", "%ED%A0%80")
    response = client.post(NEW, body, content_type=URLENCODED)
    assert response.status_code == 422
    assert any("replacement character" in message for message in messages(response))


def _post(client: Client, body: Any, content_type: str = URLENCODED) -> int:
    return client.generic("POST", NEW, body, content_type=content_type).status_code


def test_five_thousand_fields_are_refused_as_malformed(client: Client, edition: Edition) -> None:
    assert _post(client, "&".join(f"f{number}=1" for number in range(5000))) == 400


def test_a_body_of_nine_megabytes_is_too_large(client: Client, edition: Edition) -> None:
    assert _post(client, "patient_name=" + "A" * 9_000_000) == 413


def test_a_body_of_seven_megabytes_is_refused_with_a_message(client: Client, edition: Edition) -> None:
    assert _post(client, "patient_name=" + "A" * 7_000_000) == 422


def test_a_multipart_body_of_nine_megabytes_is_too_large(client: Client, edition: Edition) -> None:
    assert client.post(NEW, CLEAR_FORM | {"patient_name": "A" * 9_000_000}).status_code == 413


@pytest.mark.parametrize("charset", ["utf-16", "hex", "rot13", "iso-8859-1", "no-such-charset", ""])
def test_an_unsupported_charset_is_refused(client: Client, edition: Edition, charset: str) -> None:
    assert _post(client, urlencode(CLEAR_FORM), f"{URLENCODED}; charset={charset}") == 415


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/octet-stream"])
def test_an_unsupported_content_type_is_refused(client: Client, edition: Edition, kind: str) -> None:
    assert _post(client, "{}", kind) == 415


@pytest.mark.parametrize("body", ["no boundary", "--x\r\n\r\n"])
def test_a_broken_multipart_body_is_refused(client: Client, edition: Edition, body: str) -> None:
    assert _post(client, body, "multipart/form-data") == 400


def test_an_uploaded_file_is_refused_with_a_message(client: Client, edition: Edition) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    response = send(client, CLEAR_FORM, patient_photo=SimpleUploadedFile("photo.png", b"x"))
    assert response.status_code == 422
    assert not Screening.objects.exists()


@pytest.mark.parametrize(
    "address",
    [
        "/screenings/?outcome=none_at_all",
        "/screenings/?from=04/05/2026",
        "/screenings/?id=zzzz-0000",
        "/screenings/?to=31+Feb+2026",
    ],
)
def test_an_invalid_filter_is_refused(client: Client, edition: Edition, address: str) -> None:
    assert client.get(address).status_code == 422


@pytest.mark.parametrize("after", ["x", "%00", "00000000-0000-4000-8000-000000000000", "A" * 10_000])
def test_an_invalid_page_start_shows_the_first_page(client: Client, edition: Edition, after: str) -> None:
    assert client.get(f"/screenings/?after={after}").status_code == 200


@pytest.mark.parametrize("number", ["0", "999", "99999999999999999999"])
def test_an_unknown_edition_number_is_not_found(client: Client, edition: Edition, number: str) -> None:
    assert client.get(f"/editions/{number}/").status_code == 404


@pytest.mark.parametrize("query", ["%", "_", "'", "\\", "a" * 201, "Sam\0ple", "\u202e"])
def test_special_characters_in_a_search_are_literal_or_refused(client: Client, edition: Edition, query: str) -> None:
    assert send(client, CLEAR_FORM).status_code == 302
    response = client.post("/screenings/", {"q": query})
    assert response.status_code in {200, 422}
    assert "Sample Patient" not in response.content.decode()
