"""A prescriber who decides."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from screening.accounts.permissions import Role
from screening.models import Edition, User
from tests.factories import UserFactory
from tests.queries import capture_queries

ClientOf = Callable[[User], Client]


@pytest.fixture
def person(edition: Edition) -> User:
    """A prescriber."""
    return UserFactory(role=Role.PRESCRIBER, username="prescriber")


@pytest.fixture
def prescriber(client_of: ClientOf, person: User) -> Client:
    """A test client on which the prescriber is signed in."""
    return client_of(person)


@pytest.fixture
def other_person(edition: Edition) -> User:
    """Another prescriber."""
    return UserFactory(role=Role.PRESCRIBER, first_name="Other", last_name="Person")


@pytest.fixture
def other_prescriber(client_of: ClientOf, other_person: User) -> Client:
    """A test client on which the other prescriber is signed in."""
    return client_of(other_person)


@pytest.fixture
def count_statements(client: Client) -> Callable[[str], int]:
    """Return a function that opens a page as a clinician and counts the statements that it sends."""

    def count(address: str) -> int:
        with capture_queries() as captured:
            assert client.get(address).status_code == 200
        return len(captured.on_data)

    return count
