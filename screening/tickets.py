"""What a form carries so that it is known again when it is sent."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid4

from django.core import signing

from .models import Edition

TICKET_FIELD = "form_ticket"


@dataclass(frozen=True)
class Ticket:
    """The edition that a form was built from, and a key of the form's own."""

    edition_number: int
    key: UUID

    @classmethod
    def issue(cls, edition: Edition) -> Ticket:
        """A ticket for a form that is opened now."""
        return cls(edition.number, uuid4())

    @classmethod
    def read(cls, text: str) -> Ticket | None:
        """The ticket that was signed; None when there is none or it was tampered with."""
        try:
            number, key = signing.loads(text, salt=TICKET_FIELD)
            return cls(int(number), UUID(key))
        except (signing.BadSignature, ValueError, TypeError):
            return None

    def signed(self) -> str:
        """The ticket as the form's hidden field carries it."""
        return signing.dumps([self.edition_number, self.key.hex], salt=TICKET_FIELD, compress=False)
