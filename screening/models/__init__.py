"""What is stored. Rows only: verbs live in ``actions``, clinical logic in ``clinical``.

``Edition``, ``Screening``, ``Answer``, ``Void`` and ``AuditEvent`` are insert-only: the database itself refuses to
change or delete them (see ``append_only``).
"""

from .accounts import User
from .audit import AuditEvent
from .editions import Edition
from .rules import Case, FollowUp, Rule, RuleSet
from .screenings import Answer, Screening, ScreeningQuerySet, Void

__all__ = [
    "Answer",
    "AuditEvent",
    "Case",
    "Edition",
    "FollowUp",
    "Rule",
    "RuleSet",
    "Screening",
    "ScreeningQuerySet",
    "User",
    "Void",
]
