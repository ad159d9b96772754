"""The models of every topic, where Django looks for those of an app."""

from screening.accounts.models import User
from screening.audit.models import AuditEvent
from screening.drafts.models import Case, Change, DraftChange, FollowUp, Rule, RuleSet
from screening.editions.models import Edition, Review
from screening.medications.models import LocalName, StoredLexicon
from screening.screenings.models import Answer, ListOfMedicines, Screening, ScreeningQuerySet, Void

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
