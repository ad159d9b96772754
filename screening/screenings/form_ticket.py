"""What a form carries so that it is known again when it is sent."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid4

from django.core import signing

from screening.editions.models import Edition

TICKET_FIELD = "form_ticket"


@dataclass(frozen=True)
class FormTicket:
    """The edition that a form was built from, a key of the form's own, and the key of the user who began it."""

    edition_number: int
    key: UUID
    begun_by: int | None = None

    @classmethod
    def issue(cls, edition: Edition, begun_by: int | None) -> FormTicket:
        """A ticket for a form that is opened now, or was begun by somebody before."""
        return cls(edition.number, uuid4(), begun_by)

    @classmethod
    def read(cls, text: str) -> FormTicket | None:
        """The ticket that was signed; None when there is none or it was tampered with."""
        try:
            number, key, *begun_by = signing.loads(text, salt=TICKET_FIELD)  # nobody in those of earlier releases
            return cls(int(number), UUID(key), *begun_by)
        except (signing.BadSignature, ValueError, TypeError):
            return None

    def signed(self) -> str:
        """The ticket as the form's hidden field carries it."""
        return signing.dumps([self.edition_number, self.key.hex, self.begun_by], salt=TICKET_FIELD, compress=False)
