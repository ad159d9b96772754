"""An auditor who reads the audit trail."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from screening.accounts.permissions import Role
from screening.models import Edition, Screening, User
from tests.factories import ScreeningFactory, UserFactory


@pytest.fixture
def person(edition: Edition) -> User:
    """An auditor."""
    return UserFactory(role=Role.AUDITOR, username="auditor")


@pytest.fixture
def auditor(client_of: Callable[[User], Client], person: User) -> Client:
    """A test client on which the auditor is signed in."""
    return client_of(person)


@pytest.fixture
def screening(edition: Edition, clinician: User) -> Screening:
    """A record of the clinician."""
    return ScreeningFactory(by=clinician)
