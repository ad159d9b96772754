"""One-time links to set a password."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.test import Client, override_settings

from ldn_screen.logs import WithoutValues
from screening.accounts import actions
from screening.accounts.permissions import Role
from screening.models import AuditEvent, User
from tests.accounts import ACCOUNTS, ADD, NEW_ACCOUNT, NEW_PASSWORD, change, link_on, new_link, page_of, set_password
from tests.factories import PASSWORD, UserFactory
from tests.pages import messages, words

pytestmark = [pytest.mark.django_db, pytest.mark.app_role]
LOGIN = "/accounts/login/"
NOT_VALID = "This link is no longer valid"
SET = "Your password is set"


@pytest.fixture
def link(admin: Client) -> str:
    """The link of a new account, jane.doe."""
    return link_on(admin.post(ADD, NEW_ACCOUNT))


def jane() -> User:
    return User.objects.get(username="jane.doe")


def events(action: str) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action=action).order_by("pk"))


def can_sign_in(username: str, password: str = NEW_PASSWORD) -> bool:
    return Client().post(LOGIN, {"login": username, "password": password}).status_code == 302


# Using a link -------------------------------------------------------------------------------------------------


def test_the_page_of_the_link_names_the_person_and_the_time(admin: Client) -> None:
    page = words(admin.post(ADD, NEW_ACCOUNT))
    assert "Give this link to Jane Doe (jane.doe), and to nobody else" in page
    assert "It is not shown again" in page


def test_a_new_user_sets_a_password_and_signs_in(link: str) -> None:
    assert SET in words(set_password(link))
    assert can_sign_in("jane.doe")


def test_setting_the_password_is_one_event_without_the_link(link: str) -> None:
    before = AuditEvent.objects.count()
    set_password(link)
    assert AuditEvent.objects.count() == before + 1
    (event,) = events("account.password_set")
    assert (event.actor_name, event.subject, event.details) == ("jane.doe", "jane.doe", {})


def test_a_link_works_once(link: str) -> None:
    set_password(link)
    assert NOT_VALID in words(set_password(link, "another invented password"))
    assert can_sign_in("jane.doe")


def test_of_two_browsers_with_the_page_of_one_link_only_the_first_sets_the_password(link: str) -> None:
    second = Client()
    page = second.get(link, follow=True)
    set_password(link)
    response = second.post(page.request["PATH_INFO"], {"password1": "b" * 20, "password2": "b" * 20})
    assert NOT_VALID in words(response)
    assert can_sign_in("jane.doe")


def test_a_password_that_was_set_meanwhile_is_not_overwritten(link: str, monkeypatch: pytest.MonkeyPatch) -> None:
    set_own_password = actions.set_own_password

    def after_another_one(user: User, password: str) -> None:
        monkeypatch.setattr(actions, "set_own_password", set_own_password)
        actions.set_password(User.objects.get(pk=user.pk), NEW_PASSWORD)
        set_own_password(user, password)

    monkeypatch.setattr(actions, "set_own_password", after_another_one)
    assert set_password(link, "another invented password").status_code == 403
    assert events("account.password_set") == []


@pytest.mark.parametrize(("hours", "is_valid"), [(23.9, True), (24.1, False)])
def test_a_link_is_valid_for_24_hours(link: str, hours: float, is_valid: bool) -> None:
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=hours)):
        assert (SET in words(set_password(link))) is is_valid


def test_a_disabled_account_cannot_use_its_link(admin: Client, link: str) -> None:
    change(admin, jane(), is_active=None)
    assert NOT_VALID in words(set_password(link))


def test_a_link_of_a_demonstration_does_not_work_elsewhere(admin: Client) -> None:
    with override_settings(DEMO=True):
        link = link_on(admin.post(ADD, NEW_ACCOUNT))
    assert NOT_VALID in words(set_password(link))


@pytest.mark.parametrize(
    "key",
    [
        "1-x",
        "zzzzzzzzzzzzzzzzzzzz-x-y",
        "1-set-password",
        "1-" + "x" * 10_000,
        "1-%00",
        "0-a-b",
        "1-é/../x",
    ],
)
def test_a_wrong_link_is_answered_with_a_sentence(db: None, key: str) -> None:
    address = f"/accounts/password/reset/key/{key}/"
    for response in (Client().get(address), Client().post(address, {"password1": "x", "password2": "x"})):
        assert response.status_code == 200
        assert NOT_VALID in words(response)


def test_the_link_of_another_account_does_not_fit(link: str, clinician: User) -> None:
    mixed = link.replace("/key/", f"/key/{actions_key(clinician)}", 1)
    assert NOT_VALID in words(set_password(mixed))


def actions_key(account: User) -> str:
    """Return the start of the links of an account, in place of those of another one."""
    return f"{account.pk}-"


@pytest.mark.parametrize(
    ("password", "again", "sentence"),
    [
        ("short", None, "too short"),
        ("password1234", None, "too common"),
        ("jane.doe.jane", None, "too similar to the username"),
        (NEW_PASSWORD, "another one", "same password each time"),
        (NEW_PASSWORD, "", "required"),
        ("Zq7" + "xy kw" * 30, None, "at most 128 characters"),
        ("p" * 2_000_000, None, "at most 128 characters"),
        ("nine invented\0words", None, "Null characters"),
    ],
)
def test_a_password_that_is_refused_comes_back_with_a_sentence(
    link: str, password: str, again: str | None, sentence: str
) -> None:
    response = set_password(link, password, again)
    assert any(sentence in each for each in messages(response)), messages(response)
    assert f'value="{password}' not in response.content.decode()
    assert not jane().has_usable_password()
    assert events("account.password_set") == []
    assert SET in words(set_password(link))


def test_a_script_that_asks_for_json_gets_an_answer(link: str) -> None:
    client = Client(headers={"X-Requested-With": "XMLHttpRequest"})
    assert client.get(link).status_code == 200
    assert client.post(link, {"password1": "x", "password2": "y"}).status_code == 400


def test_another_signed_in_user_is_signed_out_by_the_page(link: str, client: Client) -> None:
    client.get(link, follow=True)
    assert client.get("/screenings/").status_code == 302


# A new link ---------------------------------------------------------------------------------------------------


def test_a_forgotten_password_is_replaced_through_a_new_link(admin: Client, clinician: User) -> None:
    response = new_link(admin, clinician)
    assert can_sign_in("clinician", PASSWORD)
    link = link_on(new_link(admin, clinician))
    assert response.status_code == 200
    assert SET in words(set_password(link))
    assert (can_sign_in("clinician", PASSWORD), can_sign_in("clinician")) == (False, True)


def test_a_new_password_ends_the_open_sessions(admin: Client, client: Client, clinician: User) -> None:
    set_password(link_on(new_link(admin, clinician)))
    assert client.get("/screenings/").status_code == 302


def test_a_new_link_is_one_event_of_the_administrator(admin: Client, administrator: User, clinician: User) -> None:
    new_link(admin, clinician)
    (event,) = events("account.link_made")
    assert (event.actor_id, event.actor_role, event.subject) == (administrator.pk, "administrator", "clinician")
    assert event.details == {}


def test_a_new_link_ends_the_earlier_one_while_no_password_is_set(admin: Client, link: str) -> None:
    second = link_on(new_link(admin, jane()))
    assert NOT_VALID in words(set_password(link))
    assert SET in words(set_password(second))


@pytest.mark.parametrize("seen", ["0", "", "x", "9" * 5000, "\0"])
def test_a_reload_of_the_page_makes_no_second_link(admin: Client, clinician: User, seen: str) -> None:
    new_link(admin, clinician)
    response = admin.post(page_of(clinician, "link/"), {"links_seen": seen}, follow=True)
    assert "A link was already made from that page" in words(response)
    assert "password/reset/key" not in response.content.decode()
    assert len(events("account.link_made")) == 1


def test_an_account_that_cannot_sign_in_gets_no_link(admin: Client, clinician: User) -> None:
    change(admin, clinician, is_active=None)
    response = admin.post(page_of(clinician, "link/"), {"links_seen": "0"}, follow=True)
    assert "This account cannot sign in" in words(response)
    assert events("account.link_made") == []


# Where a link must not be -------------------------------------------------------------------------------------


def test_a_link_is_stored_nowhere(admin: Client, clinician: User) -> None:
    links = [link_on(admin.post(ADD, NEW_ACCOUNT)), link_on(new_link(admin, clinician))]
    keys = [link.rstrip("/").rpartition("-")[2] for link in links]
    stored = [str(row) for model in (AuditEvent, LogEntry, User) for row in model.objects.values()]
    stored += [str(each.get_decoded()) for each in Session.objects.all()]
    stored += [str(admin.cookies)]
    assert [text for text in stored if any(key in text for key in keys)] == []
    assert all(key not in admin.get(ACCOUNTS).content.decode() for key in keys)


def test_a_link_is_not_in_the_log_if_its_page_fails(link: str) -> None:
    lines: list[str] = []

    class Lines(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    handler = Lines()
    handler.setFormatter(WithoutValues("{message}", style="{"))
    logger = logging.getLogger("django")
    logger.addHandler(handler)
    try:
        Client(enforce_csrf_checks=True).post(link)
        for _ in range(25):  # the last ones are throttled
            response = Client().post(link)
    finally:
        logger.removeHandler(handler)
    assert response.status_code == 429
    assert any("/password/reset/key/…" in line for line in lines)
    assert [line for line in lines if link in line] == []


def test_a_password_is_never_sent_back_after_an_outdated_token(db: None) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(UserFactory(role=Role.ADMINISTRATOR))
    same_origin: dict[str, Any] = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
    for address in ("/accounts/password/change/", "/accounts/password/reset/key/1-set-password/"):
        form = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
        response = client.post(address, form, headers=same_origin)
        assert response.status_code == 403
        assert NEW_PASSWORD not in response.content.decode()
