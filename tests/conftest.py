"""Fixtures that integration and browser tests share, and how Hypothesis runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, settings

from screening.accounts.permissions import Role
from screening.audit import append_only
from screening.models import Edition, User
from tests.factories import EditionFactory, UserFactory

# The same examples each time, so that a run depends on the code alone; a slow machine is no failure.
settings.register_profile("repeatable", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("explore", parent=settings.get_profile("repeatable"), derandomize=False)
settings.load_profile("repeatable")


@pytest.fixture(autouse=True)
def _flushable(request: pytest.FixtureRequest, _django_db_helper: None) -> Iterator[None]:
    """The flush after a test with real commits deletes rows, which the triggers refuse; post_migrate restores them.

    It asks for pytest-django's helper only to be torn down before it.
    """
    yield
    if _commits(request):
        append_only.remove(connection)


def _commits(request: pytest.FixtureRequest) -> bool:
    marker = request.node.get_closest_marker("django_db")
    marked = marker is not None and marker.kwargs.get("transaction", False)
    return marked or bool({"transactional_db", "live_server"} & set(request.fixturenames))


@pytest.fixture
def edition(db: None) -> Edition:
    """Edition 1, as shipped."""
    return EditionFactory()


@pytest.fixture
def clinician(db: None) -> User:
    """A clinician."""
    return UserFactory(role=Role.CLINICIAN, username="clinician")


@pytest.fixture
def client_of() -> Callable[[User], Client]:
    """A test client on which a person is signed in."""

    def sign_in(person: User) -> Client:
        client = Client()
        client.force_login(person)
        return client

    return sign_in


@pytest.fixture
def client(clinician: User, client_of: Callable[[User], Client]) -> Client:
    """A test client on which a clinician is signed in."""
    return client_of(clinician)


@contextmanager
def guards_lifted() -> Iterator[None]:
    """Let a test change what the database would refuse."""
    append_only.remove(connection)
    try:
        yield
    finally:
        append_only.install(connection)
