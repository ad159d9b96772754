"""Administrators."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from screening.accounts.permissions import Role
from screening.models import User
from tests.factories import UserFactory


@pytest.fixture
def administrator(db: None) -> User:
    """An administrator."""
    return UserFactory(role=Role.ADMINISTRATOR, username="admin")


@pytest.fixture
def admin(client_of: Callable[[User], Client], administrator: User) -> Client:
    """A test client with a signed-in administrator."""
    return client_of(administrator)
