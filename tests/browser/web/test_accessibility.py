"""Accessibility of every page in every state."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.urls import Resolver404, resolve

from screening.models import User
from tests.browser.access import barriers
from tests.browser.conftest import OpenContext
from tests.browser.states import STATES
from tests.factories import UserFactory

pytestmark = [pytest.mark.browser, pytest.mark.look]


def page_at(address: str) -> str:
    """Return the name of the URL, or the last part of an address that is none of the app."""
    path = urlsplit(address).path
    try:
        return resolve(path).view_name
    except Resolver404:
        return path.rpartition("/")[2]


@pytest.mark.parametrize("name", STATES)
def test_no_page_has_a_barrier_in_any_state(
    open_context: OpenContext, clinician: User, settings: Any, name: str
) -> None:
    state = STATES[name]
    for setting, value in state.settings.items():
        setattr(settings, setting, value)
    others = [state.role] if state.role and state.role != clinician.username else []
    people = {role: UserFactory(role=role, username=role.value) for role in others}
    page = open_context(people.get(state.role, clinician) if state.role else None).new_page()
    state.open(page)
    assert page_at(page.url) == state.page
    assert barriers(page) == {}
