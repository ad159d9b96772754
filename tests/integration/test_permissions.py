"""Who may open what: every address and method has an expectation for every role, or this test fails."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from lxml import html

from screening import actions
from screening.models import Screening, Void
from screening.permissions import MATRIX, Role
from tests.factories import ScreeningFactory, UserFactory
from tests.pages import AMENDMENT, CLEAR_FORM, words

pytestmark = pytest.mark.django_db

EVERYONE = frozenset(Role)
EDITS = frozenset({Role.EDITOR})
SCREENS = frozenset({Role.CLINICIAN, Role.PRESCRIBER})
READS = SCREENS | {Role.AUDITOR}
CORRECTS = frozenset({Role.PRESCRIBER})
"""Who may correct a record of another; a clinician may correct their own."""
UNKNOWN = "00000000-0000-4000-8000-000000000000"


OF_A_RECORD = ["", "print/", "summary.pdf", "summary.txt", "amend/", "amend/medications/", "void/"]


class Expectation(NamedTuple):
    """What an address answers to a role that may, by method; the others get 403, strangers the sign-in page."""

    address: str
    answers: dict[str, int]
    roles: frozenset[Role]
    needs_sign_in: bool = True


EXPECTATIONS = {
    "account_login": Expectation("/accounts/login/", {"GET": 302, "POST": 302}, EVERYONE, needs_sign_in=False),
    "account_logout": Expectation("/accounts/logout/", {"GET": 405, "POST": 302}, EVERYONE),
    "home": Expectation("/", {"GET": 302, "POST": 405}, EVERYONE),
    "screening_list": Expectation("/screenings/", {"GET": 200, "POST": 422}, READS),
    "screening_new": Expectation("/screenings/new/", {"GET": 200, "POST": 422}, SCREENS),
    "new_medications": Expectation("/screenings/new/medications/", {"GET": 302, "POST": 200}, SCREENS),
    "medication_check": Expectation("/screenings/medications/", {"GET": 405, "POST": 200}, SCREENS),
    "screening_result": Expectation("/screenings/{uuid}/", {"GET": 200, "POST": 405}, READS),
    "screening_print": Expectation("/screenings/{uuid}/print/", {"GET": 200, "POST": 405}, READS),
    "screening_pdf": Expectation("/screenings/{uuid}/summary.pdf", {"GET": 200, "POST": 405}, READS),
    "screening_text": Expectation("/screenings/{uuid}/summary.txt", {"GET": 200, "POST": 405}, READS),
    "screening_amend": Expectation("/screenings/{uuid}/amend/", {"GET": 200, "POST": 422}, CORRECTS),
    "amend_medications": Expectation("/screenings/{uuid}/amend/medications/", {"GET": 302, "POST": 200}, CORRECTS),
    "screening_void": Expectation("/screenings/{uuid}/void/", {"GET": 200, "POST": 422}, CORRECTS),
    "edition_list": Expectation("/editions/", {"GET": 200, "POST": 405}, EVERYONE),
    "edition_detail": Expectation("/editions/1/", {"GET": 200, "POST": 405}, EVERYONE),
    "local_name_list": Expectation("/editions/local-names/", {"GET": 200, "POST": 405}, EVERYONE),
    "local_name_add": Expectation("/editions/local-names/add/", {"GET": 302, "POST": 422}, EDITS),
    "local_name_retire": Expectation("/editions/local-names/{name}/retire/", {"GET": 405, "POST": 302}, EDITS),
    "livez": Expectation("/livez", {"GET": 200, "POST": 405}, EVERYONE, needs_sign_in=False),
    "readyz": Expectation("/readyz", {"GET": 200, "POST": 405}, EVERYONE, needs_sign_in=False),
}
BY_METHOD = [(name, method) for name, each in EXPECTATIONS.items() for method in each.answers]


FORMS: dict[str, dict[str, str]] = {
    "screening_new": CLEAR_FORM,
    "screening_amend": AMENDMENT,
    "new_medications": CLEAR_FORM | {"medications": "Percocet 5 mg"},
    "amend_medications": AMENDMENT | {"medications": "Percocet 5 mg"},
    "screening_void": {"void_reason": "The wrong patient was chosen", "confirmation": "5d3a-91c7"},
}
"""Forms that come back to who sent them without being signed in."""


def hidden(page: Any) -> dict[str, str]:
    """What a page keeps of a form, to be sent again."""
    inputs = html.fromstring(page.content.decode()).xpath("//main//input[@type='hidden']")
    return {each.get("name"): each.get("value") for each in inputs if each.get("name") != "csrfmiddlewaretoken"}


@pytest.fixture
def screening(edition: object) -> Screening:
    return ScreeningFactory()


def address_in(expected: Expectation, screening: Screening) -> str:
    """An expectation's address, of a record and of a local name that are there."""
    if "{name}" in expected.address:
        person, at = screening.screened_by, screening.screened_at
        name = {"name": "Zorbelan", "ingredient": "oxycodone", "note": "The house pharmacy’s label"}
        added = actions.add_local_name(**name, by=person, role=Role.EDITOR, at=at)
        return expected.address.format(name=added.pk)
    return expected.address.format(uuid=screening.uuid)


def patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    for each in resolver.url_patterns:
        if isinstance(each, URLResolver):
            yield from patterns(each)
        else:
            yield each


def test_every_address_has_an_expectation() -> None:
    assert {each.name for each in patterns(get_resolver())} == EXPECTATIONS.keys()


def test_every_role_is_in_the_matrix() -> None:
    assert MATRIX.keys() == set(Role)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(("name", "method"), BY_METHOD)
def test_each_role_gets_what_the_matrix_says(screening: Screening, role: Role, name: str, method: str) -> None:
    expected = EXPECTATIONS[name]
    client = Client()
    client.force_login(UserFactory(role=role))
    response = client.generic(method, address_in(expected, screening))
    # a method that an address does not know is refused before it is asked who sent it
    permitted = role in expected.roles or expected.answers[method] == 405
    assert response.status_code == (expected.answers[method] if permitted else 403)


@pytest.mark.parametrize(("name", "method"), BY_METHOD)
def test_who_is_not_signed_in_sees_the_sign_in_page_only(screening: Screening, name: str, method: str) -> None:
    expected = EXPECTATIONS[name]
    response = Client().generic(method, address_in(expected, screening))
    if not expected.needs_sign_in:
        assert response.status_code in {200, 405}
    elif method == "POST" and name in FORMS:
        assert response.status_code == 403
        assert "Your sign-in ended" in words(response)
    elif expected.answers[method] != 405:
        assert response.status_code == 302
        assert response.headers["Location"].startswith("/accounts/login/")
    assert "Sample Patient" not in response.content.decode()


def test_an_account_without_a_role_may_nothing(screening: Screening) -> None:
    client, person = Client(), UserFactory()
    person.groups.clear()
    client.force_login(person)
    for name in ("screening_list", "screening_new", "screening_result", "edition_list"):
        assert client.get(EXPECTATIONS[name].address.format(uuid=screening.uuid)).status_code == 403


def test_being_superuser_grants_nothing(screening: Screening) -> None:
    client, person = Client(), UserFactory(role=Role.ADMINISTRATOR)
    person.is_superuser = True
    person.save()
    client.force_login(person)
    assert client.get(f"/screenings/{screening.uuid}/").status_code == 403


@pytest.mark.parametrize("page", OF_A_RECORD)
def test_a_refusal_is_the_same_for_every_id_and_shows_no_patient(screening: Screening, page: str) -> None:
    client = Client()
    client.force_login(UserFactory(role=Role.EDITOR))
    known = client.get(f"/screenings/{screening.uuid}/{page}")
    unknown = client.get(f"/screenings/{uuid4()}/{page}")
    assert (known.status_code, unknown.status_code) == (403, 403)
    assert known.content == unknown.content
    assert "Sample" not in known.content.decode()


@pytest.mark.parametrize("page", OF_A_RECORD)
def test_an_unknown_record_is_not_found_with_the_role(client: Client, edition: object, page: str) -> None:
    assert client.get(f"/screenings/{UNKNOWN}/{page}").status_code == 404


def test_a_form_sent_without_its_token_is_refused(screening: Screening) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(UserFactory())
    response = client.post("/screenings/new/", CLEAR_FORM)
    assert response.status_code == 403
    assert "Sample Patient" not in response.content.decode()


@pytest.mark.parametrize(("name", "form"), FORMS.items())
def test_a_form_whose_sign_in_ended_comes_back_with_what_was_typed(
    screening: Screening, name: str, form: dict[str, str]
) -> None:
    response = Client().post(EXPECTATIONS[name].address.format(uuid=screening.uuid), form)
    assert response.status_code == 403
    assert hidden(response).items() >= form.items()
    assert (Screening.objects.count(), Void.objects.count()) == (1, 0)


@pytest.mark.parametrize("name", ["screening_amend", "amend_medications", "screening_void"])
def test_who_is_not_signed_in_learns_of_no_record_by_sending_a_form(screening: Screening, name: str) -> None:
    address = EXPECTATIONS[name].address
    known, unknown = (Client().post(address.format(uuid=each), {"a": "b"}) for each in (screening.uuid, uuid4()))
    assert (known.status_code, hidden(known)) == (unknown.status_code, hidden(unknown)) == (403, {"a": "b"})


@pytest.mark.parametrize(("name", "form"), FORMS.items())
def test_a_form_of_ours_with_a_replaced_token_comes_back_with_what_was_typed(
    screening: Screening, name: str, form: dict[str, str]
) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(screening.screened_by)
    ours = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
    response = client.post(EXPECTATIONS[name].address.format(uuid=screening.uuid), form, headers=ours)
    assert response.status_code == 403
    page = html.fromstring(response.content.decode())
    boxes = {str(each.text).removeprefix("\n") for each in page.xpath("//textarea")}
    assert set(form.values()) <= boxes | set(page.xpath("//input/@value"))
    assert (Screening.objects.count(), Void.objects.count()) == (1, 0)
