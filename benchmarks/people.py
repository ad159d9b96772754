"""Users and their form data, for the application and the floor over HTTP."""

from datetime import timedelta

from django.conf import settings
from django.test import Client
from django.utils import timezone
from django.utils.crypto import get_random_string

from screening.models import User
from tests.factories import ScreeningFactory, UserFactory
from tests.pages import CLEAR_FORM, NEW, OPIOID_FORM

PEOPLE = 8


def main() -> dict[str, object]:
    """Return form path, cookies and forms for each server, and the record that the floor copies."""
    sample, people = ScreeningFactory(taking_opioid=True), [UserFactory() for _ in range(PEOPLE)]
    forms, app = [CLEAR_FORM, opioid_form()], [cookies(client_for(person)) for person in people]
    floor = [cookies(client_for(person, "django.contrib.auth.backends.ModelBackend")) for person in people]
    return {"app": [NEW, app, forms], "floor": ["/form/", floor, forms], "sample": str(sample.uuid)}


def client_for(person: User, backend: str | None = None) -> Client:
    """Return the client of a signed-in user behind the proxy that ends TLS."""
    client = Client(headers={"x-forwarded-proto": "https"})
    client.force_login(person, backend)
    client.cookies[settings.CSRF_COOKIE_NAME] = get_random_string(32)
    return client


def cookies(client: Client) -> dict[str, str]:
    """Return the cookies of a client."""
    return {name: cookie.value for name, cookie in client.cookies.items()}


def opioid_form() -> dict[str, object]:
    """Return a form with an opioid and all details, last taken four days ago."""
    return OPIOID_FORM | {"opioid-use.last-dose": (timezone.now().date() - timedelta(days=4)).isoformat()}
