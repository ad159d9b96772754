"""What the claims of an ID token say of a person: a user name, a name and roles. A claim may be of any type."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from screening.clinical.text.printable import first_unprintable, shows_nothing

from .models import LONGEST_NAME, LONGEST_USER_NAME
from .roles import Role

NO_USER_NAME = "account"
_NOT_IN_USER_NAMES = re.compile(r"[^\w.@+-]")


def username_of(claims: Mapping[str, object]) -> str:
    """Return the user name that the person has with the provider, as far as a user name here may be written so."""
    wanted = _line(claims.get("preferred_username")) or _line(claims.get("name")).lower().replace(" ", ".")
    return _NOT_IN_USER_NAMES.sub("", unicodedata.normalize("NFKC", wanted))[:LONGEST_USER_NAME] or NO_USER_NAME


def names_of(claims: Mapping[str, object]) -> tuple[str, str]:
    """Return first and last name; both may be empty. A name in one piece is divided at its first space."""
    first, last = _line(claims.get("given_name")), _line(claims.get("family_name"))
    if not (first or last):
        first, _, last = _line(claims.get("name")).partition(" ")
    return first[:LONGEST_NAME].strip(), last[:LONGEST_NAME].strip()


def roles_of_groups(groups: object, mapping: Mapping[str, frozenset[Role]]) -> frozenset[Role]:
    """Return the roles to which a claim maps: a list of groups, or one group. Anything else is no group."""
    named = groups if isinstance(groups, list) else [groups]
    return frozenset[Role]().union(*(mapping.get(each, frozenset()) for each in named if isinstance(each, str)))


def _line(value: object) -> str:
    """Return a claim as one line of visible characters; empty if it is not a text."""
    text = value if isinstance(value, str) else ""
    line = " ".join("".join(each for each in text if not first_unprintable(each)).split())
    return "" if shows_nothing(line) else line
