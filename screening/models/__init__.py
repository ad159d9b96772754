"""What is stored. Rows only: verbs live in ``actions``, clinical logic in ``clinical``.

``Edition``, ``StoredLexicon``, ``Review``, ``DraftChange``, ``Screening``, ``ListOfMedicines``, ``Answer``, ``Void``
and ``AuditEvent`` are insert-only: the database itself refuses to change or delete them (see ``append_only``).
"""

from .accounts import User
from .answers import Answer, ListOfMedicines, Void
from .audit import AuditEvent
from .editions import Edition, StoredLexicon
from .local_names import LocalName
from .reviews import Review
from .rules import Case, Change, DraftChange, FollowUp, Rule, RuleSet
from .screenings import Screening, ScreeningQuerySet

__all__ = [
    "Answer",
    "AuditEvent",
    "Case",
    "Change",
    "DraftChange",
    "Edition",
    "FollowUp",
    "ListOfMedicines",
    "LocalName",
    "Review",
    "Rule",
    "RuleSet",
    "Screening",
    "ScreeningQuerySet",
    "StoredLexicon",
    "User",
    "Void",
]
