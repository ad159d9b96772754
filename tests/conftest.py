"""Fixtures for integration and browser tests, and the Hypothesis profiles."""

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

# The same examples in every run, and no failures on slow machines.
settings.register_profile("repeatable", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("explore", parent=settings.get_profile("repeatable"), derandomize=False)
settings.load_profile("repeatable")


FEW_REQUESTS = 66
"""How many hostile requests each of three seeds sends in a run of all tests."""
FEW_ROUNDS = 1
"""How often a run of all tests makes each fault of ``tests/reliability``."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let ``./test hostile`` and ``./test reliability`` do more than a run of all tests."""
    text = "hostile requests of each seed (default: %(default)s)"
    parser.addoption("--hostile-requests", type=int, default=FEW_REQUESTS, help=text)
    text = "how often each fault of the real server is made (default: %(default)s)"
    parser.addoption("--reliability-rounds", type=int, default=FEW_ROUNDS, help=text)
    text = "the page whose tables get the figures of tests/reliability"
    parser.addoption("--reliability-page", metavar="FILE", help=text)


@pytest.fixture(autouse=True)
def _removed_triggers(request: pytest.FixtureRequest, _django_db_helper: None) -> Iterator[None]:
    """Remove the append-only triggers before the flush after a transactional test; post_migrate creates them again.

    Depends on pytest-django's helper only to be torn down before it.
    """
    yield
    if commits(request):
        append_only.remove(connection)


def commits(request: pytest.FixtureRequest) -> bool:
    """Return True for a test whose changes are committed, so that the database is flushed after it."""
    marker = request.node.get_closest_marker("django_db")
    marked = marker is not None and marker.kwargs.get("transaction", False)
    return marked or bool({"transactional_db", "live_server"} & set(request.fixturenames))


@pytest.fixture
def edition(db: None) -> Edition:
    """Edition 1: the shipped rules."""
    return EditionFactory()


@pytest.fixture
def clinician(db: None) -> User:
    """A clinician."""
    return UserFactory(role=Role.CLINICIAN, username="clinician")


@pytest.fixture
def client_of() -> Callable[[User], Client]:
    """Return a function that makes a test client with a signed-in user."""

    def sign_in(person: User) -> Client:
        client = Client()
        client.force_login(person)
        return client

    return sign_in


@pytest.fixture
def client(clinician: User, client_of: Callable[[User], Client]) -> Client:
    """A test client with a signed-in clinician."""
    return client_of(clinician)


@contextmanager
def guards_lifted() -> Iterator[None]:
    """Remove the append-only triggers, so that a test can change stored rows."""
    append_only.remove(connection)
    try:
        yield
    finally:
        append_only.install(connection)
