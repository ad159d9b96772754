"""A demonstration: six accounts, one a role, that share a password."""

from __future__ import annotations

from .models import Screening, User
from .permissions import Role

ACCOUNTS = (
    ("clinician", Role.CLINICIAN),
    ("prescriber", Role.PRESCRIBER),
    ("editor", Role.EDITOR),
    ("approver", Role.APPROVER),
    ("auditor", Role.AUDITOR),
    ("admin", Role.ADMINISTRATOR),
)


def foreign_rows() -> str | None:
    """A sentence when the database holds accounts or screenings that no demo made, else None."""
    if User.objects.filter(is_demo=False).exists():
        return "This database holds accounts that no demonstration made; a demonstration will not touch it."
    if Screening.objects.exclude(screened_by__is_demo=True).exists():
        return "This database holds screenings that no demonstration made; a demonstration will not touch it."
    return None
