"""The project's widget templates render the same HTML as Django's."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates, TemplatesSetting
from lxml import etree, html

TEXT = forms.TextInput({"spellcheck": "false"})
TALL = forms.Textarea({"rows": 3})
SELECT = forms.Select(choices=[("", "None"), ("a&b", "A & <b>"), (3, "3")])


def canonical(markup: str) -> bytes:
    """Return the HTML with sorted attributes and without blank lines between elements."""
    element = html.fromstring(markup, parser=html.HTMLParser(remove_blank_text=True))
    return etree.tostring(element, method="c14n")


@pytest.mark.parametrize("attrs", [{}, {"id": "id_x", "required": True, "aria-describedby": "“a” & <b>"}])
@pytest.mark.parametrize(
    ("widget", "value"),
    [
        *((TEXT, value) for value in (None, "", '"><b>')),
        *((TALL, value) for value in (None, "", "\n two lines\n</textarea>")),
        *((SELECT, value) for value in (None, "a&b", 3)),
    ],
)
def test_a_widget_is_rendered_as_by_djangos_template(
    widget: forms.Widget, value: object, attrs: dict[str, Any]
) -> None:
    ours, djangos = (
        widget.render("x.y", value, attrs, renderer=each()) for each in (TemplatesSetting, DjangoTemplates)
    )
    assert canonical(ours) == canonical(djangos)
