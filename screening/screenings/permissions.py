"""Permission checks for single records."""

from __future__ import annotations

from screening.accounts.permissions import Permission, Person

from .models import Screening


def may_correct(person: Person, screening: Screening) -> bool:
    """True for the person who recorded the screening, and for those who may correct other people's records."""
    screened_it = screening.screened_by_id == person.pk
    return person.has_perm(Permission.CORRECT) and (screened_it or person.has_perm(Permission.CORRECT_OTHERS))
