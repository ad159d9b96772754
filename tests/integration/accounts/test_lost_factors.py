"""An administrator removes the second factors of somebody who lost them."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from screening.accounts.actions import make_recovery_codes
from screening.models import AuditEvent, User
from tests.accounts import page_of
from tests.pages import words
from tests.second_factors import ACCOUNT, add_totp, enter_password

pytestmark = pytest.mark.django_db
REMOVE = "remove-second-factors/"


def removals() -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action="account.second_factors_reset"))


@pytest.fixture
def lost(clinician: User) -> User:
    """A clinician with an authenticator app and recovery codes."""
    add_totp(clinician)
    make_recovery_codes(clinician)
    return clinician


def test_it_is_asked_before_anything_is_removed(admin: Client, lost: User) -> None:
    page = words(admin.get(page_of(lost, REMOVE)), "//*[@id='content']")
    assert "Make sure first that it is this person who asks" in page
    assert Authenticator.objects.count() == 2


def test_all_are_removed_and_the_sessions_end(admin: Client, client: Client, lost: User) -> None:
    response = admin.post(page_of(lost, REMOVE), follow=True)
    assert "All second factors of Sample Clinician were removed." in words(response, "//*")
    assert not Authenticator.objects.exists()
    assert client.get(ACCOUNT).status_code == 302


def test_it_is_one_event_of_the_administrator(admin: Client, administrator: User, lost: User) -> None:
    admin.post(page_of(lost, REMOVE))
    (event,) = removals()
    assert (event.actor_id, event.actor_role, event.subject) == (administrator.pk, "administrator", "clinician")
    assert event.details == {"removed": "authenticator app, recovery codes"}


def test_afterwards_the_password_alone_signs_in(admin: Client, lost: User) -> None:
    admin.post(page_of(lost, REMOVE))
    assert enter_password("clinician").get(ACCOUNT).status_code == 200


def test_removing_none_is_no_event(admin: Client, clinician: User) -> None:
    admin.post(page_of(clinician, REMOVE))
    assert removals() == []


def test_administrators_do_not_remove_their_own(admin: Client, administrator: User) -> None:
    add_totp(administrator)
    response = admin.post(page_of(administrator, REMOVE), follow=True)
    assert "cannot remove your own second factors here" in words(response, "//*")
    assert Authenticator.objects.count() == 1
    assert REMOVE not in admin.get(page_of(administrator)).content.decode()


def test_the_page_of_an_account_links_there_if_it_has_a_second_factor(admin: Client, clinician: User) -> None:
    assert REMOVE not in admin.get(page_of(clinician)).content.decode()
    add_totp(clinician)
    assert REMOVE in admin.get(page_of(clinician)).content.decode()


def test_another_role_is_refused(client: Client, lost: User) -> None:
    assert client.post(page_of(lost, REMOVE)).status_code == 403
    assert Authenticator.objects.count() == 2
