"""Fill in the form of a rule or a case in tests, as a browser does."""

from __future__ import annotations

from typing import Any

from django.test import Client
from lxml import html

from screening.models import Case, Rule

FormData = dict[str, list[str]]


def page_of(row: Rule | Case) -> str:
    """Return the URL of the page of a rule or a case."""
    return f"/admin/screening/{type(row).__name__.lower()}/{row.pk}/change/"


ADD_RULE, ADD_CASE = "/admin/screening/rule/add/", "/admin/screening/case/add/"


def form_data_on(response: Any) -> FormData:
    """Return the data that the form of a page would submit."""
    (form,) = html.fromstring(response.content.decode()).xpath("//form[.//*[@name='_save']]")
    without_choice = {each.get("name") for each in form.xpath(".//input[@type='radio'][@value=''][@checked]")}
    data: FormData = {}
    for name, value in form.form_values():
        if name == "csrfmiddlewaretoken":
            continue
        text = "" if name in without_choice else value  # lxml reads value="" as a missing value
        data.setdefault(name, []).append(text.removeprefix("\n"))
    return data


def changed(data: FormData, **changes: Any) -> dict[str, Any]:
    """Return form data with changes; ``__`` in a name stands for a dash, None removes a field."""
    named = {name.replace("__", "-"): value for name, value in changes.items()}
    return {name: value for name, value in ({**data, **named}).items() if value is not None}


def save(client: Client, address: str, **changes: Any) -> Any:
    """Open a page, change fields and save."""
    return client.post(address, changed(form_data_on(client.get(address)), **changes))
