"""Accounts that the command line makes."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from screening.accounts.permissions import Role, roles_of
from screening.management.commands import seed_demo as demo
from screening.models import Screening, User
from tests.factories import PASSWORD, ScreeningFactory, UserFactory

pytestmark = pytest.mark.django_db
COMMAND = "screening.management.commands.add_account"


def add_account(monkeypatch: pytest.MonkeyPatch, *, password: str = PASSWORD, username: str = "jane.doe") -> None:
    monkeypatch.setattr(f"{COMMAND}.getpass", lambda prompt: password)
    call_command("add_account", username, "--role", "prescriber", "--name", "Jane van Doe")


def test_an_account_has_its_role_and_name(monkeypatch: pytest.MonkeyPatch) -> None:
    add_account(monkeypatch)
    made = User.objects.get(username="jane.doe")
    assert roles_of(made) == (Role.PRESCRIBER,)
    assert made.display_name == "Jane van Doe"
    assert made.check_password(PASSWORD)
    assert not made.is_superuser


def test_an_account_may_have_several_roles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{COMMAND}.getpass", lambda prompt: PASSWORD)
    call_command("add_account", "jane.doe", "--role", "editor", "approver", "--name", "Jane Doe")
    assert roles_of(User.objects.get(username="jane.doe")) == (Role.EDITOR, Role.APPROVER)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"password": "short"}, "too short"),
        ({"password": "password1234"}, "too common"),
        ({"username": "jane doe!"}, "valid username"),
    ],
)
def test_an_account_is_refused_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence):
        add_account(monkeypatch, **given)
    assert not User.objects.exists()


def test_a_user_name_is_given_once(monkeypatch: pytest.MonkeyPatch) -> None:
    UserFactory(username="jane.doe")
    with pytest.raises(CommandError, match="already"):
        add_account(monkeypatch)


def test_a_demonstration_is_seeded_only_in_a_demonstration() -> None:
    with pytest.raises(CommandError, match="no demonstration"):
        call_command("seed_demo")


@override_settings(DEMO=True, DEMO_PASSWORD=PASSWORD)
def test_a_demonstration_has_one_account_a_role_and_seeding_twice_changes_nothing() -> None:
    call_command("seed_demo")
    call_command("seed_demo")
    made = {user.username: roles_of(user) for user in User.objects.all()}
    assert made == {username: (role,) for username, role in demo.ACCOUNTS}
    assert set(Role) == {role for roles in made.values() for role in roles}


@override_settings(DEMO=True, DEMO_PASSWORD="another invented password")
def test_a_demonstration_with_another_password_gives_it_to_its_accounts() -> None:
    with override_settings(DEMO_PASSWORD=PASSWORD):
        call_command("seed_demo")
    call_command("seed_demo")
    assert all(user.check_password("another invented password") for user in User.objects.all())


@override_settings(DEMO=True, DEMO_PASSWORD=PASSWORD)
def test_a_demonstration_does_not_touch_accounts_of_others() -> None:
    UserFactory(username="jane.doe")
    with pytest.raises(CommandError, match="no demonstration made"):
        call_command("seed_demo")
    assert User.objects.count() == 1


def test_screenings_that_no_demonstration_made_are_foreign(edition: object) -> None:
    ScreeningFactory(by=UserFactory(is_demo=True))
    assert demo.foreign_rows() is None
    ScreeningFactory(by=UserFactory())
    assert Screening.objects.count() == 2
    assert "no demonstration made" in str(demo.foreign_rows())
