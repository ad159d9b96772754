"""What a program needs from a page: the form's hidden fields."""

from __future__ import annotations

import re

CSRF_FIELD = "csrfmiddlewaretoken"
TICKET_FIELD = "form_ticket"
FORM_TYPE = "application/x-www-form-urlencoded"


def hidden(page: str, name: str) -> str | None:
    """The value of the last input with this name that carries one; None when there is none."""
    found = re.findall(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', page)
    return found[-1] if found else None


def hidden_fields(page: str) -> dict[str, str]:
    """The CSRF token and, where the form has one, its ticket."""
    values = {name: hidden(page, name) for name in (CSRF_FIELD, TICKET_FIELD)}
    return {name: value for name, value in values.items() if value is not None}
