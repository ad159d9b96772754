"""What tests send to pages and read from them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urljoin

from django.test import Client
from lxml import html

from screening.models import Screening

CLEAR_FORM: dict[str, Any] = {
    "patient_name": "Sample Patient",
    "birth_date": "12 Apr 1961",
    "record_number": "DEMO-0001",
    "dose_mg": "4.5",
    "indication": "Fibromyalgia",
    "opioid-use": "no",
    "severe-liver-disease": "no",
    "pregnancy": "no",
    "breastfeeding": "no",
}
OPIOID_FORM = CLEAR_FORM | {
    "opioid-use": "yes",
    "opioid-use.agent": "Tramadol 50 mg, as needed",
    "opioid-use.kind": ["short-acting"],
    "opioid-use.last-dose": "19 Nov 2026",
    "opioid-use.urine-screen": "none",
}
AMENDMENT = CLEAR_FORM | {"amendment_reason": "The opioid was stopped a month ago."}
NEW = "/screenings/new/"
OF_THE_PAGE = {"form_ticket", "csrfmiddlewaretoken"}


class Form(NamedTuple):
    """A form as it stands on a page: where it is sent, under which ticket, and what it holds."""

    action: str
    ticket: str
    fields: dict[str, list[str]]


def address_of(screening: Screening, page: str = "") -> str:
    """Where a page of a record is."""
    return f"/screenings/{screening.uuid}/{page}"


def form_on(response: Any) -> Form:
    """The screening form on a page, with what is filled in and chosen in it."""
    (form,) = html.fromstring(response.content.decode()).xpath("//form[@data-screening-form]")
    fields: dict[str, list[str]] = {}
    for name, value in form.form_values():
        typed = value.removeprefix("\n")  # browsers drop the line end with which the content of a box begins
        if typed and name not in OF_THE_PAGE:
            fields.setdefault(name, []).append(typed)
    return Form(form.action, form.fields["form_ticket"], fields)


def ticket(client: Client, address: str = NEW) -> str:
    """Open the form and return the ticket that it carries."""
    return form_on(client.get(address)).ticket


def send(client: Client, form: Mapping[str, Any], address: str = NEW, **changes: Any) -> Any:
    """Open the form and send it filled in, as a browser would; ``__`` in a name stands for a dot."""
    data = {**form, **{name.replace("__", "."): value for name, value in changes.items()}}
    return client.post(address, {"form_ticket": ticket(client, address)} | data)


def box(response: Any, name: str) -> str:
    """What a tick in a box on a page sends; the box is not ticked yet."""
    (found,) = html.fromstring(response.content.decode()).xpath(f"//input[@type='checkbox'][@name='{name}']")
    assert found.get("checked") is None
    return str(found.get("value"))


def as_filled(form: Mapping[str, Any]) -> dict[str, list[str]]:
    """What was sent, in the way in which ``form_on`` tells it."""
    return {name: [value] if isinstance(value, str) else list(value) for name, value in form.items()}


def words(response: Any, xpath: str = "//main") -> str:
    """The text of a part of a page, with each run of space made one; of plain text all of it."""
    if response.headers["Content-Type"].startswith("text/plain"):
        return " ".join(response.content.decode().split())
    parts = html.fromstring(response.content.decode()).xpath(xpath)
    return " ".join(" ".join(part.text_content() for part in parts).split())


def messages(response: Any) -> list[str]:
    """The lines of the error summary."""
    page = html.fromstring(response.content.decode())
    return [" ".join(each.text_content().split()) for each in page.xpath("//*[contains(@class,'errors')]//li")]


def beside(response: Any, name: str) -> list[str]:
    """The sentences that stand beside a field which came back."""
    page = html.fromstring(response.content.decode())
    (field,) = page.xpath(f"//*[@name='{name}'][1]")
    return [words(response, f"//*[@id='{each}']") for each in (field.get("aria-describedby") or "").split()]


def links(response: Any, part: str = "//main") -> list[str]:
    """Where a part of a page leads, as the browser resolves it."""
    here = response.request["PATH_INFO"]
    return [urljoin(here, each) for each in html.fromstring(response.content.decode()).xpath(f"{part}//@href")]


def listed(page: Any) -> list[str]:
    """The uuids of the rows of a list, in their order."""
    return [str(each) for each in html.fromstring(page.content.decode()).xpath("//tr/@data-screening")]
