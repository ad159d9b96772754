"""People who work on rules, and their draft."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from screening.accounts.permissions import Role
from screening.models import Edition, RuleSet, User
from tests.drafts import started
from tests.factories import UserFactory

ClientOf = Callable[[User], Client]


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
