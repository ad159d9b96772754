"""Messages appear once, on the next page."""

from __future__ import annotations

import pytest
from django.contrib import messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpResponse
from django.test import Client, RequestFactory

from screening.models import Edition, User
from tests.factories import ScreeningFactory
from tests.pages import NEW, address_of, words

pytestmark = pytest.mark.django_db

MESSAGE = "A message for the next page."


def add_message(client: Client) -> None:
    """Add a message, as a view that redirects does."""
    request = RequestFactory().get("/")
    storage = CookieStorage(request)
    storage.add(messages.SUCCESS, MESSAGE)
    response = HttpResponse()
    storage.update(response)
    client.cookies.update(response.cookies)


@pytest.mark.parametrize("page", ["new form", "result", "list"])
def test_a_message_appears_only_on_the_next_page(
    client: Client, clinician: User, edition: Edition, page: str
) -> None:
    screening = ScreeningFactory(by=clinician)
    address = {"new form": NEW, "result": address_of(screening), "list": "/screenings/"}[page]
    assert MESSAGE not in words(client.get(address))
    add_message(client)
    assert MESSAGE in words(client.get(address))
    assert MESSAGE not in words(client.get(address))
