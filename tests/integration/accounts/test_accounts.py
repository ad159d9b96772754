"""Accounts created on the command line."""

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
    user = User.objects.get(username="jane.doe")
    assert roles_of(user) == (Role.PRESCRIBER,)
    assert user.display_name == "Jane van Doe"
    assert user.check_password(PASSWORD)
    assert not user.is_superuser


def test_an_account_may_have_several_roles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{COMMAND}.getpass", lambda prompt: PASSWORD)
    call_command("add_account", "jane.doe", "--role", "editor", "approver", "--name", "Jane Doe")
    assert roles_of(User.objects.get(username="jane.doe")) == (Role.EDITOR, Role.APPROVER)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"password": "short"}, "too short"),
        ({"password": "password1234"}, "too common"),
        ({"username": "jane doe!"}, "valid username"),
    ],
)
def test_an_invalid_account_is_refused_with_a_message(
    monkeypatch: pytest.MonkeyPatch, options: dict[str, str], message: str
) -> None:
    with pytest.raises(CommandError, match=message):
        add_account(monkeypatch, **options)
    assert not User.objects.exists()


def test_a_user_name_cannot_be_used_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    UserFactory(username="jane.doe")
    with pytest.raises(CommandError, match="already exists"):
        add_account(monkeypatch)


def test_seed_demo_runs_only_in_a_demonstration() -> None:
    with pytest.raises(CommandError, match="not a demonstration"):
        call_command("seed_demo")


@override_settings(DEMO=True, DEMO_PASSWORD=PASSWORD)
def test_seed_demo_creates_one_account_per_role_and_can_run_twice() -> None:
    call_command("seed_demo")
    call_command("seed_demo")
    accounts = {user.username: roles_of(user) for user in User.objects.all()}
    assert accounts == {username: (role,) for username, role in demo.ACCOUNTS}
    assert set(Role) == {role for roles in accounts.values() for role in roles}


@override_settings(DEMO=True, DEMO_PASSWORD="another invented password")
def test_a_new_demonstration_password_is_set_for_all_accounts() -> None:
    with override_settings(DEMO_PASSWORD=PASSWORD):
        call_command("seed_demo")
    call_command("seed_demo")
    assert all(user.check_password("another invented password") for user in User.objects.all())


@override_settings(DEMO=True, DEMO_PASSWORD=PASSWORD)
def test_seed_demo_refuses_a_database_with_real_accounts() -> None:
    UserFactory(username="jane.doe")
    with pytest.raises(CommandError, match="no demonstration created"):
        call_command("seed_demo")
    assert User.objects.count() == 1


def test_seed_demo_refuses_a_database_with_real_screenings(edition: object) -> None:
    ScreeningFactory(by=UserFactory(is_demo=True))
    assert demo.foreign_rows() is None
    ScreeningFactory(by=UserFactory())
    assert Screening.objects.count() == 2
    assert "no demonstration created" in str(demo.foreign_rows())
