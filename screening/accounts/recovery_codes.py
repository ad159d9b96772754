"""Recovery codes: made once, shown once, stored as hashes.

allauth computes its recovery codes from a stored seed, so that they can be shown again. Here only hashes are stored,
where allauth keeps the codes that were migrated from another app (``migrated_codes``). allauth compares a code with
that list and removes it from there, so a form passes the stored text of a code instead of the code.
"""

from __future__ import annotations

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import check_password, make_password
from django.utils.crypto import get_random_string

from .models import User

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Letters and digits that are not mistaken for each other."""
HOW_MANY = 10
LENGTH = 10


def new_codes() -> list[str]:
    """Return new codes. Each begins with another letter, so that a code is compared with one hash only."""
    return [letter + get_random_string(LENGTH - 1, LETTERS) for letter in LETTERS[:HOW_MANY]]


def in_groups(code: str) -> str:
    """Return a code as people read it: ``abcde-fghjk``."""
    return f"{code[:5]}-{code[5:]}"


def as_stored(code: str) -> str:
    """Return the text to store for a code: its first letter and its hash."""
    return code[0] + make_password(code)


def to_compare(code: str, user: User) -> str:
    """Return what allauth is to compare for a code that somebody typed: the stored text of their recovery code.

    Any other code is returned without punctuation, so that nobody can enter a stored text, which contains ``$``.
    """
    typed = "".join(filter(str.isalnum, code)).lower()
    if len(typed) == LENGTH:
        for stored in _stored(user):
            if stored[0] == typed[0] and check_password(typed, stored[1:]):
                return stored
    return typed


def codes_left(user: User) -> int:
    """Return how many recovery codes of an account are not used yet."""
    return len(_encrypted(user))


def _stored(user: User) -> list[str]:
    return [get_adapter().decrypt(each) for each in _encrypted(user)]


def _encrypted(user: User) -> list[str]:
    kept = Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).first()
    return list(kept.data["migrated_codes"]) if kept else []
