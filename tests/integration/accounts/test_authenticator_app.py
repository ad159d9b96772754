"""Signing in with the code of an authenticator app."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.test import Client
from lxml import html

from screening.models import AuditEvent, User
from tests.pages import beside, messages, words
from tests.second_factors import ACCOUNT, ACTIVATE, CODE, SECRET, add_totp, confirm, enter_password, totp

pytestmark = pytest.mark.django_db

ClientOf = Callable[[User], Client]
NOW = datetime(2026, 11, 20, 14, 30, 10, tzinfo=UTC)
SIGNED_IN, WRONG, THROTTLED = 302, 200, 429


def events(action: str) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action=action).order_by("pk"))


def enter_code(client: Client, code: str) -> int:
    return int(client.post(CODE, {"code": code}).status_code)


def is_signed_in(client: Client) -> bool:
    return bool(client.get(ACCOUNT).status_code == 200)


@pytest.fixture
def with_app(clinician: User) -> User:
    """A clinician with an authenticator app."""
    add_totp(clinician)
    return clinician


# Signing in ---------------------------------------------------------------------------------------------------


def test_the_password_alone_does_not_sign_in(with_app: User) -> None:
    client = enter_password("clinician")
    assert not is_signed_in(client)
    assert events("account.signed_in") == []


def test_password_and_code_sign_in(with_app: User) -> None:
    client = enter_password("clinician")
    assert enter_code(client, totp()) == SIGNED_IN
    assert is_signed_in(client)
    assert len(events("account.signed_in")) == 1


@pytest.mark.parametrize("between", [" ", "-", "  "])
def test_a_code_may_be_written_as_the_app_shows_it(with_app: User, between: str) -> None:
    code = totp()
    assert enter_code(enter_password("clinician"), f" {code[:3]}{between}{code[3:]}") == SIGNED_IN


def test_a_code_without_the_password_does_nothing(with_app: User) -> None:
    response = Client().post(CODE, {"code": totp()})
    assert (response.status_code, response.headers["Location"]) == (302, "/accounts/login/")


def test_a_code_works_once_in_any_browser(with_app: User) -> None:
    first, second = enter_password("clinician"), enter_password("clinician")
    code = totp()
    assert (enter_code(first, code), enter_code(second, code)) == (SIGNED_IN, WRONG)
    assert not is_signed_in(second)


@pytest.mark.parametrize(
    ("seconds", "status"), [(-40, WRONG), (-11, WRONG), (0, SIGNED_IN), (19, SIGNED_IN), (20, WRONG)]
)
def test_a_code_is_valid_for_its_own_30_seconds(with_app: User, seconds: int, status: int) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        client, code = enter_password("clinician"), totp()
        clock.shift(seconds)
        assert enter_code(client, code) == status


@pytest.mark.parametrize("seconds", [0, 1, 5, 15, 19])
def test_a_used_code_stays_used_for_as_long_as_it_is_valid(with_app: User, seconds: int) -> None:
    with time_machine.travel(NOW.replace(second=0), tick=False) as clock:
        code = totp()
        assert enter_code(enter_password("clinician"), code) == SIGNED_IN
        for _ in range(3):
            clock.shift(seconds / 2)
            assert enter_code(enter_password("clinician"), code) == WRONG


@pytest.mark.parametrize(
    "code", ["", "0", "000000", "abcdef", "１２３４５６", "1" * 100, "1" * 100_000, "12\0345", "é" * 10]
)
def test_a_wrong_code_is_refused_with_a_sentence(with_app: User, code: str) -> None:
    client = enter_password("clinician")
    response = client.post(CODE, {"code": code})
    assert response.status_code == WRONG
    assert messages(response)
    assert beside(response, "code")
    assert not is_signed_in(client)


def test_a_wrong_code_is_recorded(with_app: User) -> None:
    enter_code(enter_password("clinician"), "000000")
    (event,) = events("account.sign_in_refused")
    assert (event.subject, event.details) == ("clinician", {"reason": "wrong code"})


def test_after_nine_wrong_codes_even_a_valid_one_is_refused(with_app: User) -> None:
    client = enter_password("clinician")
    statuses = [enter_code(client, "000000") for _ in range(9)]
    assert statuses == [WRONG] * 9
    response = client.post(CODE, {"code": totp()})
    assert response.status_code == THROTTLED
    assert response.headers["Retry-After"] == "300"
    assert "Wait five minutes" in messages(response)[0]
    assert not is_signed_in(client)


def test_an_account_that_is_disabled_before_the_code_is_entered_is_not_signed_in(with_app: User) -> None:
    client = enter_password("clinician")
    User.objects.update(is_active=False)
    client.post(CODE, {"code": totp()})
    assert not is_signed_in(client)
    assert events("account.signed_in") == []
    assert events("account.sign_in_refused")[-1].details == {"reason": "account cannot sign in"}


def test_somebody_else_can_sign_in_instead(with_app: User) -> None:
    client = enter_password("clinician")
    assert client.get("/accounts/login/").headers["Location"] == CODE
    client.post("/accounts/logout/")
    assert client.get("/accounts/login/").status_code == 200


# Setting it up ------------------------------------------------------------------------------------------------


def secret_on(page: Any) -> str:
    return str(html.fromstring(page.content.decode()).xpath("string(//*[@class='secret'])"))


def set_up(client: Client, capture: Callable[..., Any]) -> str:
    """Set up an authenticator app and return the code that was entered."""
    confirm(client)
    code = totp(secret_on(client.get(ACTIVATE)))
    with capture(execute=True):
        assert client.post(ACTIVATE, {"code": code}).headers["Location"] == ACCOUNT
    return code


def test_the_password_is_asked_again_before_it_is_set_up(client: Client) -> None:
    response = client.get(ACTIVATE)
    assert response.headers["Location"].startswith("/accounts/reauthenticate/")
    assert client.post(ACTIVATE, {"code": "000000"}).headers["Location"].startswith("/accounts/reauthenticate/")
    assert not Authenticator.objects.exists()


def test_the_page_shows_the_key_as_a_picture_and_as_text(client: Client) -> None:
    confirm(client)
    page = client.get(ACTIVATE)
    assert [len(group) for group in secret_on(page).split()] == [4] * 8
    (drawing,) = html.fromstring(page.content.decode()).xpath("//*[@role='img']/svg")
    assert drawing.get("style") is None
    assert b"data:" not in page.content
    assert b"<?xml" not in page.content


def test_a_wrong_first_code_keeps_the_key_and_sets_nothing_up(client: Client) -> None:
    confirm(client)
    secret = secret_on(client.get(ACTIVATE))
    response = client.post(ACTIVATE, {"code": "000000"})
    assert "This code is not valid" in messages(response)[0]
    assert secret_on(response) == secret
    assert not Authenticator.objects.exists()


def test_setting_it_up_is_recorded(
    client: Client, clinician: User, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    set_up(client, django_capture_on_commit_callbacks)
    (event,) = events("account.second_factor_added")
    assert (event.actor_id, event.subject, event.details) == (
        clinician.pk,
        "clinician",
        {"kind": "authenticator app"},
    )


def test_the_code_that_set_it_up_does_not_sign_in(
    clinician: User, client_of: ClientOf, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    with time_machine.travel(NOW, tick=False):
        code = set_up(client_of(clinician), django_capture_on_commit_callbacks)
        assert enter_code(enter_password("clinician"), code) == WRONG


def test_the_key_is_stored_encrypted(client: Client, django_capture_on_commit_callbacks: Callable[..., Any]) -> None:
    confirm(client)
    secret = secret_on(client.get(ACTIVATE)).replace(" ", "")
    client.post(ACTIVATE, {"code": totp(secret)})
    stored = Authenticator.objects.get()
    assert secret not in str(stored.data)
    assert all(secret not in str(each.get_decoded()) for each in Session.objects.all())


def test_after_a_change_of_the_secret_key_the_earlier_one_still_decrypts(with_app: User, settings: Any) -> None:
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key for tests only: 9876543210"
    assert enter_code(enter_password("clinician"), totp()) == SIGNED_IN


def test_without_the_earlier_key_no_code_works_and_a_sentence_says_why(with_app: User, settings: Any) -> None:
    settings.SECRET_KEY = "another key for tests only: 9876543210"
    client = enter_password("clinician")
    for code in (totp(), totp("A" * 32), "000000"):
        response = client.post(CODE, {"code": code})
        assert "key of this server was changed" in messages(response)[0]
    assert not is_signed_in(client)


# Removing it --------------------------------------------------------------------------------------------------


def test_it_is_removed_after_the_password_was_entered_again(with_app: User) -> None:
    client = enter_password("clinician")
    enter_code(client, totp())
    address = "/accounts/2fa/totp/deactivate/"
    assert client.post(address).headers["Location"].startswith("/accounts/reauthenticate/")
    confirm(client)
    assert "Remove the authenticator app?" in words(client.get(address))
    assert client.post(address).headers["Location"] == ACCOUNT
    assert not Authenticator.objects.exists()
    assert events("account.second_factor_removed")[0].details == {"kind": "authenticator app"}


def test_the_code_confirms_too_and_works_once(with_app: User) -> None:
    client = Client()
    client.force_login(with_app)
    code, address = totp(SECRET), "/accounts/2fa/reauthenticate/?next=/accounts/2fa/recovery-codes/"
    assert client.post(address, {"code": code}).headers["Location"] == "/accounts/2fa/recovery-codes/"
    assert client.post(address, {"code": code}).status_code == WRONG
    assert events("account.sign_in_refused")[-1].details == {"reason": "wrong code"}
