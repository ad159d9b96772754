"""Signing in and out, and the audit events of both."""

from __future__ import annotations

import pytest
from django.contrib.auth.hashers import identify_hasher
from django.test import Client, override_settings

from screening.models import AuditEvent, User
from tests.factories import PASSWORD, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.app_role]
LOGIN = "/accounts/login/"


def sign_in(password: str = PASSWORD, username: str = "clinician") -> tuple[Client, int]:
    client = Client()
    return client, client.post(LOGIN, {"login": username, "password": password}).status_code


def test_the_correct_password_signs_in_and_is_recorded(clinician: User) -> None:
    client, status = sign_in()
    assert status == 302
    assert client.get("/screenings/").status_code == 200
    assert AuditEvent.objects.filter(action="account.signed_in", actor_id=clinician.pk).count() == 1


def test_a_wrong_password_is_refused_with_a_message_and_recorded(clinician: User) -> None:
    client = Client()
    response = client.post(LOGIN, {"login": "clinician", "password": "something else"})
    assert "The username and/or password you specified are not correct" in response.content.decode()
    assert client.get("/screenings/").status_code == 302
    assert AuditEvent.objects.filter(action="account.sign_in_refused").count() == 1


def test_an_unknown_user_name_is_refused_with_the_same_message(clinician: User) -> None:
    client = Client()
    response = client.post(LOGIN, {"login": "nobody", "password": PASSWORD})
    assert "The username and/or password you specified are not correct" in response.content.decode()


def test_signing_out_ends_the_session(clinician: User) -> None:
    client, _ = sign_in()
    assert client.post("/accounts/logout/").status_code == 302
    assert client.get("/screenings/").status_code == 302
    assert AuditEvent.objects.filter(action="account.signed_out", actor_id=clinician.pk).exists()


def test_there_is_no_sign_up_page(clinician: User) -> None:
    assert Client().get("/accounts/signup/").status_code == 404


def test_a_demonstration_account_can_sign_in_only_to_a_demonstration(db: None) -> None:
    UserFactory(username="leftover", is_demo=True)
    assert sign_in(username="leftover")[1] == 200
    with override_settings(DEMO=True):
        assert sign_in(username="leftover")[1] == 302


def test_an_inactive_account_is_refused(clinician: User) -> None:
    clinician.is_active = False
    clinician.save()
    client, _ = sign_in()
    assert client.get("/screenings/").status_code == 302


@override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.Argon2PasswordHasher"])
def test_passwords_are_hashed_with_argon2id(db: None) -> None:
    person = UserFactory()
    assert identify_hasher(person.password).algorithm == "argon2"
    assert "$argon2id$" in person.password


def test_the_sign_in_page_does_not_redirect_to_another_site(clinician: User) -> None:
    response = Client().post(f"{LOGIN}?next=https://example.org/", {"login": "clinician", "password": PASSWORD})
    assert response.status_code == 302
    assert "example.org" not in response.headers["Location"]
