"""Who may change which record."""

from __future__ import annotations

from screening.accounts.permissions import Permission, Person

from .models import Screening


def may_correct(person: Person, screening: Screening) -> bool:
    """True for the one who screened, and for those who may correct what others recorded."""
    screened_it = screening.screened_by_id == person.pk
    return person.has_perm(Permission.CORRECT) and (screened_it or person.has_perm(Permission.CORRECT_OTHERS))
