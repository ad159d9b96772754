"""A form that is sent after the session ended: stored for the person who opened it, released to nobody else."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from lxml import html

from screening.accounts.permissions import Role
from screening.accounts.sessions import actions
from screening.models import AuditEvent, Decision, Edition, Screening, UnsentForm, User, Void
from screening.web.form_owner import FormOwner
from tests.accounts import ADD, NEW_ACCOUNT
from tests.drafts import started
from tests.factories import PASSWORD, PatientFactory, ScreeningFactory, UserFactory
from tests.pages import AMENDMENT, CLEAR_FORM, NEW, OPIOID_FORM, PAPER_FORM, address_of, form_on, owner, words
from tests.pages import as_filled as filled

pytestmark = [pytest.mark.django_db, pytest.mark.app_role]
ClientOf = Callable[[User], Client]

ODD = "Percocet 5 mg\r\n<b>&amp;\"'</b>\r\n\r\n  オキシコドン\u2028\ttab\x00\r\nmétadone 🙂 \\u0000"
LIST = "/accounts/unsent/"


def expire(client: Client) -> None:
    """End the session on the server, as the idle limit does."""
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))


def fields_of(response: Any) -> dict[str, list[str]]:
    """Return the hidden values with which a stored form is continued, and its address as ``action``."""
    (form,) = html.fromstring(response.content.decode()).xpath("//main//form[.//button[@name='continue_form']]")
    found: dict[str, list[str]] = {"action": [form.get("action")]}
    for each in form.xpath(".//input[@name!='csrfmiddlewaretoken']"):
        found.setdefault(each.get("name"), []).append(each.get("value"))
    return found


def continued(client: Client, form: UnsentForm | None = None) -> Any:
    """Open a stored form and press Continue."""
    stored = form or UnsentForm.objects.get()
    fields = fields_of(client.get(f"{LIST}{stored.pk}/"))
    (address,) = fields.pop("action")
    return client.post(address, fields | {"continue_form": "1"})


def sent_without_session(client: Client, form: Mapping[str, Any] = OPIOID_FORM, address: str = NEW) -> Any:
    """Open a form, and send it after the session ended."""
    own = owner(client, address)
    expire(client)
    return client.post(address, {**form, **own})


def stored_fields() -> dict[str, list[str]]:
    """Return the fields of the one stored form."""
    return dict(json.loads(UnsentForm.objects.get().content))


def events(*actions_of: str) -> list[tuple[str, str, dict[str, Any]]]:
    found = AuditEvent.objects.filter(action__in=actions_of).order_by("pk")
    return [(event.actor_name, event.subject, event.details) for event in found]


# Storing --------------------------------------------------------------------------------------------------------


def test_a_form_sent_after_the_session_ended_is_stored_for_its_owner(
    client: Client, clinician: User, edition: Edition
) -> None:
    response = sent_without_session(client)
    assert response.status_code == 403
    assert "What you typed is stored for you until" in words(response)
    assert (UnsentForm.objects.get().user, UnsentForm.objects.get().path) == (clinician, NEW)
    assert stored_fields() == filled(OPIOID_FORM)
    assert not Screening.objects.exists()


def test_the_page_shows_nothing_of_the_form_and_no_name(client: Client, clinician: User, edition: Edition) -> None:
    page = sent_without_session(client).content.decode()
    assert not [each for each in ("Sample Patient", "DEMO-0001", clinician.display_name) if each in page]


def test_every_character_is_stored(client: Client, edition: Edition) -> None:
    sent_without_session(client, OPIOID_FORM | {"medications": ODD, "indication": " two  spaces "})
    assert stored_fields()["medications"] == [ODD]
    assert stored_fields()["indication"] == [" two  spaces "]


def test_the_same_form_sent_twice_is_stored_once(client: Client, edition: Edition) -> None:
    own = owner(client)
    expire(client)
    for _ in range(2):
        assert client.post(NEW, OPIOID_FORM | own).status_code == 403
    assert UnsentForm.objects.count() == 1


def test_two_tabs_are_stored_as_two_forms(client: Client, edition: Edition) -> None:
    own = owner(client)
    expire(client)
    for name in ("First Patient", "Second Patient"):
        client.post(NEW, OPIOID_FORM | own | {"patient_name": name})
    client.force_login(UnsentForm.objects.all()[0].user)
    page = client.get(LIST)
    assert "You have 2 forms that were not sent" in words(page)
    assert "Patient" not in words(page)


def test_at_most_five_forms_are_kept_and_the_oldest_goes(client: Client, edition: Edition) -> None:
    own = owner(client)
    expire(client)
    for number in range(7):
        client.post(NEW, OPIOID_FORM | own | {"patient_name": f"Patient {number}"})
    names = {dict(form.fields)["patient_name"] for form in UnsentForm.objects.all()}
    assert names == {f"Patient {number}" for number in range(2, 7)}


def test_a_form_is_stored_if_the_csrf_cookie_is_gone_too(clinician: User, edition: Edition) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(clinician)
    own = owner(strict)
    strict.cookies.clear()
    same_origin = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
    assert strict.post(NEW, OPIOID_FORM | own).status_code == 403
    assert not UnsentForm.objects.exists()
    strict.post(NEW, OPIOID_FORM | own, headers=same_origin)
    assert stored_fields() == filled(OPIOID_FORM)


# Not stored, and shown to be sent again ------------------------------------------------------------------------


def not_stored(response: Any, why: str) -> bool:
    """Return True if the page says why the form was not stored, and has its values."""
    values = html.fromstring(response.content.decode()).xpath("//input[@name='patient_name']/@value")
    return response.status_code == 403 and why in words(response) and values == ["Sample Patient"]


def test_a_form_with_a_wrong_owner_is_not_stored(client: Client, edition: Edition) -> None:
    for tampered in ("made up", "", owner(client)["form_owner"][:-1], FormOwner(1).signed().replace(":", "x:", 1)):
        response = Client().post(NEW, CLEAR_FORM | {"form_owner": tampered})
        assert not_stored(response, "the form was not stored")
    assert not UnsentForm.objects.exists()


def test_a_form_that_was_opened_days_ago_is_not_stored(client: Client, edition: Edition) -> None:
    own = owner(client)
    with time_machine.travel(timezone.now() + timedelta(days=2, hours=23)):
        assert "is stored for you" in words(client.post(NEW, CLEAR_FORM | own))
    with time_machine.travel(timezone.now() + timedelta(days=3, seconds=2)):
        assert not_stored(client.post(NEW, CLEAR_FORM | own), "It was opened too long ago to be stored.")


def test_a_form_that_is_too_large_is_not_stored(client: Client, edition: Edition) -> None:
    response = sent_without_session(client, CLEAR_FORM | {"medications": "x" * actions.LARGEST_CONTENT})
    assert not_stored(response, "It is too large to be stored.")
    assert not UnsentForm.objects.exists()


def test_an_address_that_is_too_long_is_not_stored(client: Client, edition: Edition) -> None:
    own = owner(client)
    response = Client().post(f"{NEW}?q={'x' * actions.LONGEST_PATH}", CLEAR_FORM | own)
    assert not_stored(response, "It is too large to be stored.")


def test_no_form_is_stored_for_a_disabled_account(client: Client, clinician: User, edition: Edition) -> None:
    own = owner(client)
    User.objects.update(is_active=False)
    assert not_stored(client.post(NEW, CLEAR_FORM | own), "can no longer sign in")


@pytest.mark.parametrize("kind", ["user", "address"])
def test_storing_is_throttled(
    client: Client, client_of: ClientOf, edition: Edition, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setitem(actions.MOST_IN_AN_HOUR, kind, 2)
    first, second = owner(client), owner(client_of(UserFactory()))
    expire(client)
    for own in (first, first if kind == "user" else second):
        assert "is stored for you" in words(client.post(NEW, CLEAR_FORM | own))
    assert not_stored(client.post(NEW, CLEAR_FORM | first), "Too many forms were stored within an hour.")
    assert ("is stored for you" in words(client.post(NEW, CLEAR_FORM | second))) is (kind == "user")
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert "is stored for you" in words(client.post(NEW, CLEAR_FORM | first))


@pytest.mark.parametrize(
    "address", ["/accounts/login/", "/accounts/password/reset/key/1-x/", "/admin/password_change/"]
)
def test_a_form_for_a_password_is_never_stored(admin: Client, address: str) -> None:
    assert b"form_owner" not in admin.get(address, follow=True).content.replace(b"changelist", b"")
    expire(admin)
    response = admin.post(address, {"password": PASSWORD, "old_password": PASSWORD})
    assert not UnsentForm.objects.exists()
    assert PASSWORD not in response.content.decode()


def test_a_button_leads_to_the_sign_in_page_and_back_to_its_page() -> None:
    page = "http://testserver/draft/?a=b"
    for referer, expected in ((page, "/draft/%3Fa%3Db"), ("http://elsewhere.example/x/", "/"), ("", "/")):
        response = Client().post("/draft/discard/", {"draft": "1"}, headers={"Referer": referer})
        assert response.headers["Location"] == f"/accounts/login/?next={expected}"
    assert not UnsentForm.objects.exists()


# Continuing -----------------------------------------------------------------------------------------------------


def test_after_signing_in_the_person_is_led_to_the_form(client: Client, clinician: User, edition: Edition) -> None:
    page = html.fromstring(sent_without_session(client).content.decode())
    (address,) = page.xpath("//main//a[.='Sign in']/@href")
    clinician.set_password(PASSWORD)
    clinician.save()
    response = client.post(address, {"login": "clinician", "password": PASSWORD}, follow=True)
    assert response.redirect_chain[-1][0] == f"{LIST}{UnsentForm.objects.get().pk}/"
    assert "New screening" in words(response)
    assert "Nothing was recorded." in words(response)


def test_continuing_shows_the_form_filled_in_and_records_nothing(
    client: Client, clinician: User, edition: Edition
) -> None:
    form = OPIOID_FORM | {"medications": "Percocet 5 mg\r\n<b>&\"'"}
    sent_without_session(client, form)
    client.force_login(clinician)
    response = continued(client)
    assert response.status_code == 422
    assert "Check this form and send it" in words(response)
    shown = {
        name: [each.replace("\n", "\r\n") for each in values] for name, values in form_on(response).fields.items()
    }
    assert shown == filled(form)
    assert not Screening.objects.exists()


def test_sending_the_continued_form_records_it_and_deletes_what_was_stored(
    client: Client, clinician: User, edition: Edition
) -> None:
    sent_without_session(client)
    client.force_login(clinician)
    page = continued(client)
    (own,) = html.fromstring(page.content.decode()).xpath("//main//input[@name='form_owner']/@value")
    shown = form_on(page)
    again = client.post(NEW, {**shown.fields, "form_ticket": shown.ticket, "form_owner": own, "birth_date": "never"})
    assert (again.status_code, UnsentForm.objects.count()) == (422, 1)
    (own,) = html.fromstring(again.content.decode()).xpath("//main//input[@name='form_owner']/@value")
    response = client.post(NEW, {**shown.fields, "form_ticket": shown.ticket, "form_owner": own})
    assert response.status_code == 302
    assert Screening.objects.get().screened_by == clinician
    assert not UnsentForm.objects.exists()
    assert "not sent" not in words(client.get("/screenings/"))


def test_a_continued_form_sent_without_a_session_is_stored_in_place_of_the_first(
    client: Client, clinician: User, edition: Edition
) -> None:
    sent_without_session(client)
    client.force_login(clinician)
    (own,) = html.fromstring(continued(client).content.decode()).xpath("//main//input[@name='form_owner']/@value")
    expire(client)
    client.post(NEW, OPIOID_FORM | {"form_owner": own, "patient_name": "Corrected Patient"})
    assert stored_fields()["patient_name"] == ["Corrected Patient"]


def test_every_page_offers_the_form_until_it_is_discarded(client: Client, clinician: User, edition: Edition) -> None:
    sent_without_session(client)
    client.force_login(clinician)
    for address in ("/screenings/", "/editions/", NEW):
        assert "You have a form that was not sent." in words(client.get(address))
    response = client.post(f"{LIST}{UnsentForm.objects.get().pk}/discard/", follow=True)
    assert "The form was discarded." in words(response)
    assert "not sent" not in words(client.get("/screenings/"))
    assert not UnsentForm.objects.exists()


def test_without_a_stored_form_the_list_leads_to_the_start_page(client: Client) -> None:
    assert client.get(LIST).headers["Location"] == "/"


# Nobody else ----------------------------------------------------------------------------------------------------


def test_another_person_never_learns_of_the_form(client: Client, client_of: ClientOf, edition: Edition) -> None:
    sent_without_session(client)
    stored = UnsentForm.objects.get()
    other = client_of(UserFactory(role=Role.CLINICIAN))
    assert "not sent" not in words(other.get("/screenings/"))
    assert other.get(LIST).headers["Location"] == "/"
    assert other.get(f"{LIST}{stored.pk}/").status_code == 404
    assert other.post(f"{LIST}{stored.pk}/discard/").status_code == 404
    assert UnsentForm.objects.count() == 1


def test_another_person_cannot_delete_the_form_by_sending_theirs(
    client: Client, client_of: ClientOf, clinician: User, edition: Edition
) -> None:
    sent_without_session(client)
    stored, other = UnsentForm.objects.get(), UserFactory(role=Role.CLINICIAN)
    for user in (clinician, other):
        own = {"form_owner": FormOwner(user.pk, str(stored.pk)).signed()}
        assert client_of(other).post(NEW, CLEAR_FORM | own).status_code == 302
    assert UnsentForm.objects.count() == 1


# The end --------------------------------------------------------------------------------------------------------


def test_an_expired_form_is_not_released_and_deleted_at_the_next_sign_in(
    client: Client, clinician: User, edition: Edition, settings: Any
) -> None:
    settings.UNSENT_FORMS_LAST = timedelta(hours=2)
    sent_without_session(client)
    stored = UnsentForm.objects.get()
    client.force_login(clinician)
    stored.expires_at = timezone.now()
    stored.save()
    assert client.get(f"{LIST}{stored.pk}/").status_code == 404
    assert client.get(LIST).headers["Location"] == "/"
    client.force_login(clinician)
    assert not UnsentForm.objects.exists()


def test_a_form_is_kept_as_long_as_the_setting_says(client: Client, edition: Edition, settings: Any) -> None:
    settings.UNSENT_FORMS_LAST = timedelta(hours=2)
    sent_without_session(client)
    stored = UnsentForm.objects.get()
    assert stored.expires_at - stored.stored_at == timedelta(hours=2)


def test_the_audit_trail_says_what_became_of_a_form_without_its_content(
    client: Client, clinician: User, edition: Edition
) -> None:
    sent_without_session(client)
    client.force_login(clinician)
    address = f"{LIST}{UnsentForm.objects.get().pk}/"
    client.head(address)
    client.get(address)
    client.post(f"{address}discard/")
    form = {"form": "New screening"}
    assert events("form.stored", "form.released", "form.discarded") == [
        ("not signed in", "clinician", form),
        ("clinician", "clinician", form),
        ("clinician", "clinician", form),
    ]


# All forms ------------------------------------------------------------------------------------------------------

DRAFT = "/draft/"
FORMS: dict[str, tuple[Role, str, dict[str, Any]]] = {
    "new": (Role.CLINICIAN, NEW, CLEAR_FORM),
    "paper": (Role.CLINICIAN, "/screenings/transcribe/", PAPER_FORM),
    "amend": (Role.PRESCRIBER, "amend/", AMENDMENT),
    "void": (Role.PRESCRIBER, "void/", {"void_reason": "The wrong patient was chosen", "confirmation": "short id"}),
    "decision": (Role.PRESCRIBER, "decision/", {"decision": "refer"}),
    "review": (
        Role.CLINICIAN,
        "/editions/1/review/",
        {"rules": "pregnancy", "next_review": "27 Mar 2028", "confirmation": "on"},
    ),
    "local name": (
        Role.EDITOR,
        "/editions/local-names/",
        {"name": "Zorbelan", "ingredient": "oxycodone", "note": "The hospital pharmacy’s label"},
    ),
    "texts": (Role.EDITOR, f"{DRAFT}texts/", {"title": "Another title"}),
    "rule": (Role.EDITOR, f"{DRAFT}rules/pregnancy/", {"name": "another name"}),
    "follow-up": (Role.EDITOR, f"{DRAFT}rules/pregnancy/follow-ups/status/", {"label": "Another label?"}),
    "case": (Role.EDITOR, f"{DRAFT}cases/1/", {"words": "Another case"}),
    "republish": (Role.EDITOR, f"{DRAFT}again/1/", {"change_note": "Another note"}),
    "account": (Role.ADMINISTRATOR, ADD, NEW_ACCOUNT),
}


def own_form(response: Any) -> Any:
    """Return the form of a page that says who opened it."""
    (form,) = html.fromstring(response.content.decode()).xpath("//form[.//input[@name='form_owner']]")
    return form


def values_of(form: Any) -> dict[str, list[str]]:
    """Return the values that a browser would send, by name."""
    values: dict[str, list[str]] = {}
    for name, value in form.form_values():
        values.setdefault(name, []).append(value.removeprefix("\n"))
    return values


@pytest.mark.parametrize("kind", FORMS)
def test_each_form_is_stored_shown_again_and_does_what_it_says_when_it_is_sent(edition: Edition, kind: str) -> None:
    role, address, form = FORMS[kind]
    person, client = UserFactory(role=role), Client()
    if address.startswith(DRAFT) and kind != "republish":
        started()
    if not address.startswith("/"):
        screening = ScreeningFactory(patient=PatientFactory(record_number="DEMO-0001"))
        form = form | ({"confirmation": screening.short_id} if "confirmation" in form else {})
        address = address_of(screening, address)
    client.force_login(person)
    opened = own_form(client.get(address))
    sent = values_of(opened) | {name: [value] if isinstance(value, str) else value for name, value in form.items()}
    before = [model.objects.count() for model in (Screening, Void, Decision, User)]
    expire(client)
    assert "is stored for you" in words(client.post(opened.get("action") or address, sent))
    client.force_login(person)
    done = AuditEvent.objects.exclude(action__in=["form.released", "screening.read"])
    events_before = done.count()
    response = continued(client)
    assert response.status_code == 422
    shown = values_of(own_form(response))
    assert {name: shown.get(name) for name in form} == {name: sent[name] for name in form}
    assert [model.objects.count() for model in (Screening, Void, Decision, User)] == before
    assert done.count() == events_before
    again = client.post(own_form(response).get("action") or address, shown)
    assert again.status_code == (200 if kind == "account" else 302)
    assert done.count() > events_before
    assert not UnsentForm.objects.exists()


def test_a_file_is_not_stored_and_the_page_says_so(edition: Edition) -> None:
    editor, client = UserFactory(role=Role.EDITOR), Client()
    client.force_login(editor)
    own = owner(client, f"{DRAFT}import/")
    expire(client)
    upload = SimpleUploadedFile("edition.json", b"{}", content_type="application/json")
    response = client.post(f"{DRAFT}import/", own | {"edition_file": upload})
    assert "The file that you chose is not stored." in words(response)
    client.force_login(editor)
    assert "The file that you chose was not stored." in words(client.get(LIST, follow=True))
    assert continued(client).status_code == 422


def test_an_account_added_from_a_continued_form_deletes_what_was_stored(
    admin: Client, administrator: User, edition: Edition
) -> None:
    page = html.fromstring(admin.get(ADD).content.decode())
    (own,) = page.xpath("//input[@name='form_owner']/@value")
    expire(admin)
    admin.post(ADD, NEW_ACCOUNT | {"form_owner": own})
    admin.force_login(administrator)
    (own,) = html.fromstring(continued(admin).content.decode()).xpath("//input[@name='form_owner']/@value")
    assert admin.post(ADD, NEW_ACCOUNT | {"form_owner": own}).status_code == 200
    assert User.objects.filter(username="jane.doe").exists()
    assert not UnsentForm.objects.exists()


def test_a_form_for_which_the_role_was_taken_away_stays_stored(
    client: Client, clinician: User, edition: Edition
) -> None:
    sent_without_session(client)
    clinician.groups.clear()
    client.force_login(clinician)
    assert continued(client).status_code == 403
    assert UnsentForm.objects.count() == 1
