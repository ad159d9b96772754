"""Wrong passwords: 429 from the tenth on for an account, the same for unknown names, and no harm to others."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.contrib.auth import hashers
from django.core.cache import cache
from django.test import Client

from screening.models import AuditEvent, User
from tests.factories import PASSWORD, UserFactory
from tests.pages import messages
from tests.second_factors import CONFIRM, LOGIN, SIGN_IN_WITH_PASSKEY

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
SIGNED_IN, WRONG, THROTTLED = 302, 200, 429
NOT_CORRECT = ["The username and/or password you specified are not correct."]
NOT_THE_PASSWORD = "wrong"
NAMES = ["clinician", "nobody", "disabled", "no-password", "leftover"]


@pytest.fixture(autouse=True)
def accounts(clinician: User) -> None:
    """One account for each of ``NAMES`` but “nobody”."""
    UserFactory(username="disabled")
    User.objects.filter(username="disabled").update(is_active=False)
    UserFactory(username="no-password", password=None)
    UserFactory(username="leftover", is_demo=True)


def try_password(username: str = "clinician", password: str = NOT_THE_PASSWORD, address: str = "192.0.2.1") -> Any:
    return Client(REMOTE_ADDR=address).post(LOGIN, {"login": username, "password": password})


def statuses(times: int, **kwargs: Any) -> list[int]:
    return [try_password(**kwargs).status_code for _ in range(times)]


@pytest.mark.parametrize("username", NAMES)
def test_the_tenth_wrong_try_is_429_for_any_name(username: str) -> None:
    assert statuses(12, username=username) == [WRONG] * 9 + [THROTTLED] * 3


def test_the_answer_says_when_to_try_again_and_keeps_the_name() -> None:
    statuses(9)
    response = try_password()
    assert "Wait five minutes, then try again" in messages(response)[0]
    assert response.headers["Retry-After"] == "300"
    assert b'value="clinician"' in response.content


def test_a_throttled_account_is_not_signed_in_with_the_correct_password() -> None:
    statuses(9)
    assert try_password(password=PASSWORD).status_code == THROTTLED


def test_a_name_is_throttled_however_it_is_written_and_from_every_address() -> None:
    for number, name in enumerate(["clinician", "CLINICIAN", " clinician ", "Clinician"] * 3):
        response = try_password(name, address=f"192.0.2.{number}")
    assert response.status_code == THROTTLED


def test_the_limit_of_an_address_is_much_higher_than_that_of_an_account(settings: Any) -> None:
    assert settings.ACCOUNT_RATE_LIMITS["login_failed"] == "9/5m/key,100/5m/ip"


def test_other_accounts_at_the_same_address_are_not_harmed(settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS |= {"login_failed": "9/5m/key,20/5m/ip"}
    UserFactory(username="nurse")
    statuses(30)
    assert try_password("nurse", PASSWORD).status_code == SIGNED_IN


def test_after_five_minutes_the_correct_password_signs_in() -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        statuses(12)
        clock.shift(299)
        assert try_password(password=PASSWORD).status_code == THROTTLED
        clock.shift(2)
        assert try_password(password=PASSWORD).status_code == SIGNED_IN


def test_correct_passwords_do_not_count() -> None:
    assert statuses(15, password=PASSWORD) == [SIGNED_IN] * 15


def test_one_address_cannot_try_many_names_without_end(settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS |= {"login_failed": "9/5m/key,20/5m/ip"}
    assert [try_password(f"name{number}").status_code for number in range(25)] == [WRONG] * 20 + [THROTTLED] * 5
    assert try_password(password=PASSWORD, address="198.51.100.7").status_code == SIGNED_IN


def test_very_many_other_entries_in_the_cache_do_not_end_the_throttling() -> None:
    statuses(9)
    for number in range(400):  # by default, the cache keeps 300
        cache.set(f"another-{number}", [0.0], 300)
    assert try_password().status_code == THROTTLED


def test_refused_tries_are_recorded_with_the_reason() -> None:
    statuses(10)
    refused = AuditEvent.objects.filter(action="account.sign_in_refused").order_by("pk")
    assert [event.details.get("reason", "") for event in refused] == [""] * 9 + ["too many attempts"]
    assert {event.subject for event in refused} == {"clinician"}


def test_confirming_with_wrong_passwords_is_throttled_too(client: Client) -> None:
    found = [client.post(CONFIRM, {"password": NOT_THE_PASSWORD}).status_code for _ in range(10)]
    assert found == [WRONG] * 9 + [THROTTLED]


def test_signing_in_with_passkeys_is_throttled_by_address() -> None:
    found = [Client(REMOTE_ADDR="192.0.2.1").post(SIGN_IN_WITH_PASSKEY).status_code for _ in range(61)]
    assert found == [302] * 60 + [THROTTLED]


# The same answer, and the same work -----------------------------------------------------------------------------


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that were hashed since the accounts were made."""
    passwords: list[str] = []
    encode = hashers.MD5PasswordHasher.encode

    def recording(hasher: Any, password: str, salt: str) -> str:
        passwords.append(password)
        return str(encode(hasher, password, salt))

    monkeypatch.setattr(hashers.MD5PasswordHasher, "encode", recording)
    return passwords


@pytest.mark.parametrize("username", [*NAMES, "CLINICIAN", "é"])
def test_each_name_costs_one_hash_and_gets_the_same_answer(hashed: list[str], username: str) -> None:
    response = try_password(username)
    assert (response.status_code, len(hashed), messages(response)) == (WRONG, 1, NOT_CORRECT)


@pytest.mark.parametrize("username", ["disabled", "leftover"])
def test_the_correct_password_of_an_account_that_cannot_sign_in_gets_that_answer_too(
    hashed: list[str], username: str
) -> None:
    response = try_password(username, PASSWORD)
    assert (response.status_code, len(hashed), messages(response)) == (WRONG, 1, NOT_CORRECT)


@pytest.mark.parametrize("username", NAMES)
def test_a_throttled_name_costs_no_hash(hashed: list[str], username: str) -> None:
    statuses(9, username=username)
    hashed.clear()
    assert try_password(username).status_code == THROTTLED
    assert hashed == []
