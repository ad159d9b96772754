"""What tests send to pages and read from them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.test import Client
from lxml import html

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
NEW = "/screenings/new/"


def ticket(client: Client) -> str:
    """Open the form and return the ticket that it carries."""
    page = html.fromstring(client.get(NEW).content)
    return str(page.xpath("//input[@name='form_ticket']/@value")[0])


def send(client: Client, form: Mapping[str, Any], **changes: Any) -> Any:
    """Open the form and send it filled in, as a browser would; ``__`` in a name stands for a dot."""
    data = {**form, **{name.replace("__", "."): value for name, value in changes.items()}}
    return client.post(NEW, {"form_ticket": ticket(client)} | data)


def words(response: Any, xpath: str = "//main") -> str:
    """The text of a part of a page, with each run of space made one."""
    parts = html.fromstring(response.content.decode()).xpath(xpath)
    return " ".join(" ".join(part.text_content() for part in parts).split())


def messages(response: Any) -> list[str]:
    """The lines of the error summary."""
    page = html.fromstring(response.content.decode())
    return [" ".join(each.text_content().split()) for each in page.xpath("//*[contains(@class,'errors')]//li")]
