"""A screening recorded in this process, through the page."""

from __future__ import annotations

from urllib.parse import urlencode

from django.test import Client

from benchmarks.markup import FORM_TYPE, hidden_fields
from benchmarks.pages import NEW
from screening.models import User


def clinician() -> Client:
    """A client on which the first clinician is signed in, over a connection that counts as HTTPS."""
    client = Client(headers={"x-forwarded-proto": "https"})
    client.force_login(User.objects.get(username="clinician1"))
    return client


def fill(client: Client, fields: list[tuple[str, str]], record_number: str) -> dict[str, list[str]]:
    """Open the form and fill it in."""
    form: dict[str, list[str]] = {}
    for name, value in fields:
        form.setdefault(name, []).append(value)
    hidden = hidden_fields(client.get(NEW).content.decode())
    return form | {name: [value] for name, value in hidden.items()} | {"record_number": [record_number]}


def send(client: Client, form: dict[str, list[str]]) -> str:
    """Send a form; the address of the result."""
    response = client.post(NEW, urlencode(form, doseq=True), content_type=FORM_TYPE)
    assert response.status_code == 302, response.content.decode()
    return response["Location"]
