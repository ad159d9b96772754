"""Forms of the accounts admin in tests."""

from __future__ import annotations

from typing import Any

from django.test import Client
from lxml import html

from screening.models import User

ACCOUNTS = "/admin/screening/user/"
ADD = f"{ACCOUNTS}add/"
NEW_ACCOUNT: dict[str, Any] = {
    "username": "jane.doe",
    "first_name": "Jane",
    "last_name": "Doe",
    "roles": ["clinician"],
}
NEW_PASSWORD = "nine invented words for tests"


def page_of(account: User, page: str = "change/") -> str:
    """Return the URL of a page of an account."""
    return f"{ACCOUNTS}{account.pk}/{page}"


def fresh(account: User) -> User:
    """Return the account as it is stored now."""
    return User.objects.get(pk=account.pk)


def shown(response: Any, form_id: str = "user_form") -> dict[str, list[str]]:
    """Return the values of the form of an account, as a browser would send them."""
    (form,) = html.fromstring(response.content.decode()).xpath(f"//form[@id='{form_id}']")
    found: dict[str, list[str]] = {}
    for name, value in form.form_values():
        found.setdefault(name, []).append(value)
    return found


def change(client: Client, account: User, **changes: Any) -> Any:
    """Open the page of an account, change values and save. None leaves a value out."""
    form = {**shown(client.get(page_of(account))), **changes}
    return client.post(page_of(account), {name: value for name, value in form.items() if value is not None})


def errors_on(response: Any) -> str:
    """Return the error messages of a form of the admin."""
    found = html.fromstring(response.content.decode()).xpath("//*[contains(@class, 'errorlist')]")
    return " ".join(" ".join(each.text_content() for each in found).split())


def link_on(response: Any) -> str:
    """Return the path of the link on the page that shows it."""
    (value,) = html.fromstring(response.content.decode()).xpath("//textarea[@id='id_link']/text()")
    return str(value).removeprefix("http://testserver")


def new_link(client: Client, account: User) -> Any:
    """Open the page of an account and use the button for a new link."""
    (seen,) = html.fromstring(client.get(page_of(account)).content.decode()).xpath(
        "//input[@name='links_seen']/@value"
    )
    return client.post(page_of(account, "link/"), {"links_seen": seen})


def set_password(link: str, password: str = NEW_PASSWORD, again: str | None = None) -> Any:
    """Follow a link in another browser and set a password. Return the last page."""
    client = Client()
    page = client.get(link, follow=True)
    if b'name="password1"' not in page.content:
        return page
    form = {"password1": password, "password2": password if again is None else again}
    return client.post(page.request["PATH_INFO"], form, follow=True)
