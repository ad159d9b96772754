"""The signed hidden field by which a form is recognised when it is submitted."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid4

from django.core import signing

from screening.editions.models import Edition

TICKET_FIELD = "form_ticket"


@dataclass(frozen=True)
class FormTicket:
    """The edition a form was built from, the form's own key, and the primary key of the user who began it."""

    edition_number: int
    key: UUID
    begun_by: int | None = None

    @classmethod
    def issue(cls, edition: Edition, begun_by: int | None) -> FormTicket:
        """Return a ticket with a new key."""
        return cls(edition.number, uuid4(), begun_by)

    @classmethod
    def read(cls, text: str) -> FormTicket | None:
        """Return the ticket from the field's value; None when the value is empty or its signature is wrong."""
        try:
            number, key, *begun_by = signing.loads(text, salt=TICKET_FIELD)  # earlier releases stored no user
            return cls(int(number), UUID(key), *begun_by)
        except (signing.BadSignature, ValueError, TypeError):
            return None

    def signed(self) -> str:
        """Return the value of the form's hidden field."""
        return signing.dumps([self.edition_number, self.key.hex, self.begun_by], salt=TICKET_FIELD, compress=False)
