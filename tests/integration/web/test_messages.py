"""A message that a page leaves for the next one appears there, whichever page that is."""

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

LEFT = "This was left for the next page."


def leave(client: Client) -> None:
    """Leave a message as a view that redirects does."""
    request = RequestFactory().get("/")
    storage = CookieStorage(request)
    storage.add(messages.SUCCESS, LEFT)
    response = HttpResponse()
    storage.update(response)
    client.cookies.update(response.cookies)


@pytest.mark.parametrize("page", ["new form", "result", "list"])
def test_a_message_appears_on_the_page_that_follows_and_on_no_other(
    client: Client, clinician: User, edition: Edition, page: str
) -> None:
    screening = ScreeningFactory(by=clinician)
    address = {"new form": NEW, "result": address_of(screening), "list": "/screenings/"}[page]
    assert LEFT not in words(client.get(address))
    leave(client)
    assert LEFT in words(client.get(address))
    assert LEFT not in words(client.get(address))
