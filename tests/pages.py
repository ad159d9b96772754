"""Submit forms and read pages in tests."""

from __future__ import annotations

import re
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
PAPER_FORM = CLEAR_FORM | {
    "paper_completed_at": "20 Nov 2026 14:30",
    "paper_completed_by": "Sample Nurse",
    "paper_edition": "1",
}
WRONG_OWNER = {"form_owner": "no signature of ours"}
"""The hidden field of a form, as somebody may make it up."""
NEW = "/screenings/new/"
TRANSCRIBE = "/screenings/transcribe/"
HIDDEN_FIELDS = {"form_ticket", "csrfmiddlewaretoken", "form_owner"}


class PageForm(NamedTuple):
    """A form on a page: its action URL, its ticket and its field values."""

    action: str
    ticket: str
    fields: dict[str, list[str]]


def address_of(screening: Screening, page: str = "") -> str:
    """Return the URL of a page of a record."""
    return f"/screenings/{screening.uuid}/{page}"


def form_on(response: Any) -> PageForm:
    """Return the screening form of a page with its non-empty fields."""
    (form,) = html.fromstring(response.content.decode()).xpath("//form[@data-screening-form]")
    fields: dict[str, list[str]] = {}
    for name, value in form.form_values():
        text = value.removeprefix("\n")  # browsers ignore the first line break of a text area
        if text and name not in HIDDEN_FIELDS:
            fields.setdefault(name, []).append(text)
    return PageForm(form.action, form.fields["form_ticket"], fields)


def ticket(client: Client, address: str = NEW) -> str:
    """Open the form and return its ticket."""
    return form_on(client.get(address)).ticket


def owner(client: Client, address: str = NEW) -> dict[str, str]:
    """Open a form and return the field that says who opened it."""
    page = html.fromstring(client.get(address).content.decode())
    return {"form_owner": str(page.xpath("//main//input[@name='form_owner']/@value")[0])}


def send(client: Client, form: Mapping[str, Any], address: str = NEW, **changes: Any) -> Any:
    """Open the form and submit it with these values; ``__`` in a name stands for a dot."""
    data = {**form, **{name.replace("__", "."): value for name, value in changes.items()}}
    return client.post(address, {"form_ticket": ticket(client, address)} | data)


def box(response: Any, name: str) -> str:
    """Return the value of an unticked checkbox on a page."""
    (found,) = html.fromstring(response.content.decode()).xpath(f"//input[@type='checkbox'][@name='{name}']")
    assert found.get("checked") is None
    return str(found.get("value"))


def as_filled(form: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return submitted values in the form of ``form_on(...).fields``."""
    return {name: [value] if isinstance(value, str) else list(value) for name, value in form.items()}


def without_reference(response: Any) -> str:
    """Return a page without the reference of its request, to compare pages."""
    return re.sub(r"Reference: <strong>[0-9a-f-]{14}</strong>", "", response.content.decode())


def words(response: Any, xpath: str = "//main") -> str:
    """Return the text of a part of a page, or a whole plain text, with white space collapsed."""
    if response.headers["Content-Type"].startswith("text/plain"):
        return " ".join(response.content.decode().split())
    parts = html.fromstring(response.content.decode()).xpath(xpath)
    return " ".join(" ".join(part.text_content() for part in parts).split())


def messages(response: Any) -> list[str]:
    """Return the lines of the error summary."""
    page = html.fromstring(response.content.decode())
    return [" ".join(each.text_content().split()) for each in page.xpath("//*[contains(@class,'errors')]//li")]


def beside(response: Any, name: str) -> list[str]:
    """Return the notes and errors shown beside a field."""
    page = html.fromstring(response.content.decode())
    (field,) = page.xpath(f"//*[@name='{name}'][1]")
    return [words(response, f"//*[@id='{each}']") for each in (field.get("aria-describedby") or "").split()]


def links(response: Any, part: str = "//main") -> list[str]:
    """Return the resolved links in a part of a page."""
    here = response.request["PATH_INFO"]
    return [urljoin(here, each) for each in html.fromstring(response.content.decode()).xpath(f"{part}//@href")]


def listed(page: Any) -> list[str]:
    """Return the UUIDs of the rows of a list."""
    return [str(each) for each in html.fromstring(page.content.decode()).xpath("//tr/@data-screening")]
