"""Recovery codes: shown once, stored as hashes, each works once."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.test import Client
from lxml import html

from screening.accounts import recovery_codes
from screening.models import AuditEvent, User
from tests.factories import UserFactory
from tests.pages import words
from tests.second_factors import ACCOUNT, CODE, RECOVERY, add_totp, confirm, enter_password, totp

pytestmark = [pytest.mark.django_db, pytest.mark.app_role]
KIND = Authenticator.Type.RECOVERY_CODES
SIGNED_IN, WRONG, THROTTLED = 302, 200, 429


def events(action: str) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action=action).order_by("pk"))


def codes_on(page: Any) -> list[str]:
    return [str(each) for each in html.fromstring(page.content.decode()).xpath("//main//code/text()")]


def enter_code(code: str, username: str = "clinician") -> int:
    return int(enter_password(username).post(CODE, {"code": code}).status_code)


def stored_texts() -> list[str]:
    kept = Authenticator.objects.get(type=KIND)
    return [get_adapter().decrypt(each) for each in kept.data["migrated_codes"]]


@pytest.fixture
def confirmed(client: Client, clinician: User) -> Client:
    """A clinician with an authenticator app who has just confirmed who they are."""
    add_totp(clinician)
    confirm(client)
    return client


@pytest.fixture
def codes(confirmed: Client) -> list[str]:
    """Their recovery codes."""
    return codes_on(confirmed.post(RECOVERY))


def test_ten_different_codes_are_made(codes: list[str]) -> None:
    assert len(set(codes)) == 10
    assert all(len(code) == 11 for code in codes)


def test_they_are_shown_once(confirmed: Client, codes: list[str]) -> None:
    for address in (RECOVERY, ACCOUNT):
        page = confirmed.get(address).content.decode()
        assert [code for code in codes if code in page] == []


def test_only_their_hashes_are_stored(codes: list[str]) -> None:
    plain = {code.replace("-", "") for code in codes}
    everything = [str(each.data) for each in Authenticator.objects.all()] + stored_texts()
    everything += [str(each.get_decoded()) for each in Session.objects.all()]
    everything += [str(each.details) for each in AuditEvent.objects.all()]
    assert [text for text in everything for code in plain if code in text.replace("-", "")] == []
    assert all("md5$" in text for text in stored_texts())  # the hasher of the tests


def test_the_stored_text_of_a_code_is_no_code(codes: list[str]) -> None:
    encrypted = Authenticator.objects.get(type=KIND).data["migrated_codes"][0]
    assert [enter_code(each) for each in (stored_texts()[0], encrypted)] == [WRONG, WRONG]


@pytest.mark.parametrize(
    "written",
    [str, str.upper, lambda code: code.replace("-", " "), lambda code: f" {code.replace('-', '')} "],
    ids=["as shown", "capitals", "space", "no dash"],
)
def test_a_code_signs_in_once_however_it_is_written(codes: list[str], written: Any) -> None:
    assert [enter_code(written(codes[4])), enter_code(codes[4])] == [SIGNED_IN, WRONG]
    assert enter_code(codes[9]) == SIGNED_IN


def test_using_one_is_recorded_with_how_many_are_left(codes: list[str], clinician: User) -> None:
    enter_code(codes[0])
    (event,) = events("account.recovery_code_used")
    assert (event.actor_id, event.subject, event.details) == (clinician.pk, "clinician", {"left": 9})


def test_the_account_page_says_how_many_are_left(confirmed: Client, codes: list[str]) -> None:
    enter_code(codes[0])
    assert "9 not used" in words(confirmed.get(ACCOUNT))


def test_making_them_is_recorded(codes: list[str]) -> None:
    (event,) = events("account.recovery_codes_made")
    assert (event.actor_name, event.subject, event.details) == ("clinician", "clinician", {})


def test_new_codes_replace_the_earlier_ones(confirmed: Client, codes: list[str]) -> None:
    assert "Your earlier recovery codes will no longer work" in words(confirmed.get(RECOVERY))
    new = codes_on(confirmed.post(RECOVERY))
    assert [enter_code(codes[0]), enter_code(new[0])] == [WRONG, SIGNED_IN]
    assert Authenticator.objects.filter(type=KIND).count() == 1


def test_opening_the_page_makes_none(confirmed: Client) -> None:
    assert "Show my recovery codes" in words(confirmed.get(RECOVERY), "//button")
    assert events("account.recovery_codes_made") == []


def test_the_password_is_asked_again_before_they_are_made(client: Client, clinician: User) -> None:
    add_totp(clinician)
    assert client.post(RECOVERY).headers["Location"].startswith("/accounts/reauthenticate/")
    assert events("account.recovery_codes_made") == []


def test_without_a_second_factor_there_are_none(client: Client) -> None:
    confirm(client)
    assert (client.get(RECOVERY).status_code, client.post(RECOVERY).status_code) == (404, 404)


def test_the_codes_of_somebody_else_do_not_work(codes: list[str]) -> None:
    add_totp(UserFactory(username="other"))
    assert enter_code(codes[0], "other") == WRONG


def test_wrong_ones_are_throttled_together_with_the_codes_of_the_app(codes: list[str]) -> None:
    guesses = [f"a{number:09}" for number in range(5)] + [f"00000{number}" for number in range(4)]
    assert [enter_code(guess) for guess in guesses] == [WRONG] * 9
    assert [enter_code(codes[0]), enter_code(totp())] == [THROTTLED, THROTTLED]


def test_a_guess_costs_at_most_one_hash(codes: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str] = []
    monkeypatch.setattr(recovery_codes, "check_password", lambda code, stored: checked.append(code))
    client = enter_password("clinician")
    for code in (codes[0], "abcde-fghjk", "zzzzz-zzzzz", "123456", "a" * 99):
        client.post(CODE, {"code": code})
    assert checked == [codes[0].replace("-", ""), "abcdefghjk"]


def test_they_are_removed_with_the_last_second_factor(confirmed: Client, codes: list[str]) -> None:
    confirmed.post("/accounts/2fa/totp/deactivate/")
    assert not Authenticator.objects.exists()
    removed = {event.details["kind"] for event in events("account.second_factor_removed")}
    assert removed == {"authenticator app", "recovery codes"}
