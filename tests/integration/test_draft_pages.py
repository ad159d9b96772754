"""The draft's pages: begun, looked at, ordered, told, proposed, published."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from screening.models import Edition, RuleSet, User
from screening.permissions import Role
from tests.factories import UserFactory
from tests.pages import words

pytestmark = pytest.mark.django_db

DRAFT = "/admin/screening/ruleset/"
SignIn = Callable[[User], Client]


@pytest.fixture
def editor(client_of: SignIn, edition: Edition) -> Client:
    """A client on which an editor is signed in."""
    return client_of(UserFactory(role=Role.EDITOR))


@pytest.fixture
def approver(client_of: SignIn) -> Client:
    """A client on which an approver is signed in."""
    return client_of(UserFactory(role=Role.APPROVER))


def test_a_draft_is_started_from_an_edition(editor: Client) -> None:
    response = editor.post(f"{DRAFT}start/", {"edition": "1"}, follow=True)
    draft = RuleSet.objects.get(is_open=True)
    assert response.redirect_chain[-1][0] == f"{DRAFT}{draft.pk}/change/"
    assert "Started from Edition 1" in words(response)
    assert "Ready to be proposed" in words(response)
