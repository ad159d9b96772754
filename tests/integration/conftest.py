"""People who work on rules, their draft, and the role of the application in the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from django.test import Client

from screening.accounts.permissions import Role
from screening.models import Edition, RuleSet, User
from tests.conftest import commits
from tests.drafts import started
from tests.factories import UserFactory
from tests.roles import APP, create_roles

ClientOf = Callable[[User], Client]


@pytest.fixture(autouse=True)
def _as_the_application(request: pytest.FixtureRequest) -> Iterator[None]:
    """Run a test marked ``app_role`` with the rights that the web processes have on PostgreSQL, its factories too."""
    is_marked = request.node.get_closest_marker("app_role") and not request.node.get_closest_marker("as_owner")
    if (
        not is_marked or connection.vendor != "postgresql" or commits(request)
    ):  # the roles are undone with the transaction of the test
        yield
        return
    request.getfixturevalue("db")
    create_roles()
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {APP}")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


@pytest.fixture
def person(edition: Edition) -> User:
    """An editor."""
    return UserFactory(role=Role.EDITOR, username="editor")


@pytest.fixture
def draft(person: User) -> RuleSet:
    """A draft that was started from edition 1."""
    return started(person)


@pytest.fixture
def editor(client_of: ClientOf, person: User) -> Client:
    """A test client on which the editor is signed in."""
    return client_of(person)


@pytest.fixture
def second(client_of: ClientOf, edition: Edition) -> Client:
    """A test client on which another editor is signed in."""
    return client_of(UserFactory(role=Role.EDITOR, first_name="Other", last_name="Person"))


@pytest.fixture
def approver(client_of: ClientOf, edition: Edition) -> Client:
    """A test client on which an approver is signed in."""
    return client_of(UserFactory(role=Role.APPROVER))
