"""Which passwords may be chosen, and changing one's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client

from screening.accounts import actions
from screening.accounts.permissions import Role
from screening.models import AuditEvent, User
from tests.factories import PASSWORD, UserFactory
from tests.pages import messages, words
from tests.second_factors import ACCOUNT, LOGIN

pytestmark = pytest.mark.django_db
CHANGE = "/accounts/password/change/"
NEW = "nine invented words for tests"
LONGEST = "Zq7" + "xy kw vb " * 13 + "end 8 42"


def change(client: Client, new: str = NEW, old: str = PASSWORD, again: str | None = None) -> Any:
    form = {"oldpassword": old, "password1": new, "password2": new if again is None else again}
    return client.post(CHANGE, form)


def can_sign_in(password: str) -> bool:
    return Client().post(LOGIN, {"login": "clinician", "password": password}).status_code == 302


def set_events() -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action="account.password_set"))


# The rules ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "password",
    [
        "fifteen letters",
        "no capitals and no digits at all",
        "  spaces  around it  ",
        "пароль із літер",
        "一二三四五六七八九十百千万亿兆",
        "🐟🌲🪨🦆🌧🧂🪵🪲🌾🧊🐚🪶🍄🐝🪴",
        "correct horse battery staple",
        LONGEST,
    ],
)
def test_a_password_of_15_to_128_characters_of_any_kind_is_accepted(password: str) -> None:
    assert len(password) in {15, 21, 28, 32, 128}
    validate_password(password)


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("fourteen chars", "at least 15 characters"),
        ("🐟" * 14, "at least 15 characters"),
        ("", "at least 15 characters"),
        (f"{LONGEST}!", "at most 128 characters"),
        ("x y" * 1_000_000, "at most 128 characters"),
    ],
)
def test_a_shorter_or_longer_one_is_refused(password: str, sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        validate_password(password)


@pytest.mark.parametrize(
    "password",
    [
        "123456789123456789",
        "manchesterunited",
        "ManchesterUnited",
        "passwordpassword",
        "Password12345678",
        "qwertyuiop123456",
        "aaaaaaaaaaaaaaaa",
        "abcabcabcabcabca",
        "letmeinletmeinletmein",
        "sunshineprincess",
        "  passwordpassword ",
        "121212121212121212",
    ],
)
def test_a_common_one_and_two_of_them_in_a_row_are_refused(password: str) -> None:
    with pytest.raises(ValidationError, match="too common"):
        validate_password(password)


def test_one_like_the_user_name_is_refused() -> None:
    with pytest.raises(ValidationError, match="too similar"):
        validate_password("kim.roe-kim.roe", User(username="kim.roe-kim.roe1"))


@pytest.mark.parametrize("password", ["short", "password", "1234"])
def test_a_password_set_under_earlier_rules_still_signs_in(clinician: User, password: str) -> None:
    actions.set_password(clinician, password)
    assert can_sign_in(password)


# Changing one's own -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", Role)
def test_everybody_changes_their_own_password(client_of: Callable[[User], Client], role: Role) -> None:
    client = client_of(UserFactory(role=role, username="me"))
    assert change(client).headers["Location"] == ACCOUNT
    assert "Your password is changed." in words(client.get(ACCOUNT), "//*[@role='status']")
    assert User.objects.get(username="me").check_password(NEW)


def test_a_change_is_one_event(client: Client, clinician: User) -> None:
    before = AuditEvent.objects.count()
    change(client)
    assert AuditEvent.objects.count() == before + 1
    (event,) = set_events()
    assert (event.actor_id, event.subject, event.details) == (clinician.pk, "clinician", {})


def test_a_change_ends_the_other_sessions_and_keeps_this_one(
    client: Client, client_of: Callable[[User], Client], clinician: User
) -> None:
    other = client_of(clinician)
    change(client)
    assert [each.get(ACCOUNT).status_code for each in (client, other)] == [200, 302]


@pytest.mark.parametrize("password", ["  spaces at both ends  ", "пароль із п’ятнадцяти", "a tab\tand more letters"])
def test_a_password_is_stored_as_typed(client: Client, password: str) -> None:
    change(client, password)
    found = [can_sign_in(each) for each in (password, password.strip(), password.replace("\t", " "))]
    assert found == [each == password for each in (password, password.strip(), password.replace("\t", " "))]


@pytest.mark.parametrize(
    ("old", "new", "again", "sentence"),
    [
        ("wrong", NEW, None, "not your current password"),
        ("", NEW, None, "required"),
        (PASSWORD, "fourteen chars", None, "at least 15 characters"),
        (PASSWORD, "passwordpassword", None, "too common"),
        (PASSWORD, f"{LONGEST}!", None, "at most 128 characters"),
        (PASSWORD, NEW, "another one altogether", "same password each time"),
    ],
)
def test_a_change_that_is_refused_comes_back_with_a_sentence(
    client: Client, old: str, new: str, again: str | None, sentence: str
) -> None:
    response = change(client, new, old, again)
    assert any(sentence in each for each in messages(response)), messages(response)
    assert new not in response.content.decode()
    assert set_events() == []
    assert can_sign_in(PASSWORD)


def test_an_account_without_a_password_is_led_back(client: Client, clinician: User) -> None:
    clinician.set_unusable_password()
    clinician.save()
    client.force_login(clinician)
    assert client.get(CHANGE).headers["Location"].startswith(ACCOUNT)
    assert "Change your password" not in words(client.get(ACCOUNT))


def test_the_admin_leads_to_the_same_page(client_of: Callable[[User], Client]) -> None:
    administrator = client_of(UserFactory(role=Role.ADMINISTRATOR))
    assert administrator.get("/admin/password_change/").headers["Location"] == CHANGE
