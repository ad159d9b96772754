"""How tests fill in the page of a rule or a case: as a browser does, from what stands on it."""

from __future__ import annotations

from typing import Any

from django.test import Client
from lxml import html

from screening.models import Case, Rule

Sent = dict[str, list[str]]


def page_of(row: Rule | Case) -> str:
    """The address of the page of a row."""
    return f"/admin/screening/{type(row).__name__.lower()}/{row.pk}/change/"


ADD_RULE, ADD_CASE = "/admin/screening/rule/add/", "/admin/screening/case/add/"


def typed_on(response: Any) -> Sent:
    """What the form of a page would send."""
    (form,) = html.fromstring(response.content.decode()).xpath("//form[.//*[@name='_save']]")
    nothing_chosen = {each.get("name") for each in form.xpath(".//input[@type='radio'][@value=''][@checked]")}
    sent: Sent = {}
    for name, value in form.form_values():
        if name == "csrfmiddlewaretoken":
            continue
        typed = "" if name in nothing_chosen else value  # which lxml takes for a box without a value
        sent.setdefault(name, []).append(typed.removeprefix("\n"))
    return sent


def changed(sent: Sent, **changes: Any) -> dict[str, Any]:
    """The same with other values; ``__`` in a name stands for a dash, None takes a field out."""
    named = {name.replace("__", "-"): value for name, value in changes.items()}
    return {name: value for name, value in ({**sent, **named}).items() if value is not None}


def save(client: Client, address: str, **changes: Any) -> Any:
    """Open a page, change fields and save."""
    return client.post(address, changed(typed_on(client.get(address)), **changes))
