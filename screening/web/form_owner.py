"""The signed hidden field that says who was signed in when a form was opened.

It is part of every form in which somebody types. If the session has ended when the form is sent, the form can be
stored for that person. Forms with a password do not have it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from django.core import signing
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

OWNER_FIELD = "form_owner"
CONTINUE = "continue_form"
"""The button that shows a stored form filled in. Sent with it, a form is never valid, so nothing is recorded."""
VALID_FOR = timedelta(days=3)  # a form may stay open over a weekend


class FormOwner(NamedTuple):
    """The primary key of a user, and the id of the stored form that they continue; empty for a new form."""

    user_id: int
    unsent_form: str = ""

    @classmethod
    def read(cls, text: str) -> FormOwner | None:
        """Return the owner from the field's value; None if its signature is wrong or too old."""
        try:
            user_id, unsent_form = signing.loads(text, salt=OWNER_FIELD, max_age=VALID_FOR)
            return cls(int(user_id), str(unsent_form))
        except (signing.BadSignature, ValueError, TypeError):
            return None

    def signed(self) -> str:
        """Return the value of the hidden field."""
        return signing.dumps([self.user_id, self.unsent_form], salt=OWNER_FIELD, compress=False)


def sent_owner(request: HttpRequest) -> FormOwner | None:
    """Return the owner of the form that was sent; None if none is sent, or not a valid one."""
    return FormOwner.read(request.POST.get(OWNER_FIELD, ""))


def owner_input(request: HttpRequest) -> SafeString:
    """Return the hidden field for a form that is shown to the user of the request."""
    sent = sent_owner(request)
    continued = sent.unsent_form if sent and sent.user_id == request.user.pk else ""
    owner = FormOwner(request.user.pk or 0, continued)
    return format_html('<input type="hidden" name="{}" value="{}">', OWNER_FIELD, owner.signed())
