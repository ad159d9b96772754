"""Fill in and submit the page of a rule or a case as a browser does, starting from the data of its form."""

from __future__ import annotations

from typing import Any

from django.test import Client
from lxml import html

from screening.models import Case, FollowUp, Rule

FormData = dict[str, list[str]]

ADD_RULE, ADD_CASE = "/draft/add-rule/", "/draft/add-case/"


def page_of(row: Rule | FollowUp | Case) -> str:
    """Return the address of the page of a row."""
    if isinstance(row, Rule):
        return f"/draft/rules/{row.link_id}/"
    if isinstance(row, FollowUp):
        return f"/draft/rules/{row.rule.link_id}/follow-ups/{row.link_id}/"
    keys = list(Case.objects.filter(rule_set=row.rule_set).values_list("pk", flat=True))
    return f"/draft/cases/{keys.index(row.pk) + 1}/"


def form_data_of(response: Any) -> FormData:
    """Return the data that the form on a page submits if nobody edits it."""
    (form,) = html.fromstring(response.content.decode()).xpath("//form[@data-edit-form]")
    empty_radios = {each.get("name") for each in form.xpath(".//input[@type='radio'][@value=''][@checked]")}
    data: FormData = {}
    for name, value in form.form_values():
        if name == "csrfmiddlewaretoken":
            continue
        text = "" if name in empty_radios else value  # lxml gives "on" for a checked radio button without a value
        data.setdefault(name, []).append(text.removeprefix("\n"))
    return data


def changed(data: FormData, **changes: Any) -> dict[str, Any]:
    """Return the data with other values; ``__`` in a name stands for a hyphen, and None removes a field."""
    named = {name.replace("__", "-"): value for name, value in changes.items()}
    return {name: value for name, value in ({**data, **named}).items() if value is not None}


def save(client: Client, address: str, **changes: Any) -> Any:
    """Open a page, change fields and submit the form."""
    return client.post(address, changed(form_data_of(client.get(address)), **changes))
