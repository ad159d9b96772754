"""The models of all topics, imported here because Django loads the models of an app from this module."""

from screening.accounts.models import UnsentForm, User
from screening.audit.models import AuditEvent, Seal
from screening.drafts.models import Case, Change, DraftChange, FollowUp, Rule, RuleSet
from screening.editions.models import Edition, Review
from screening.medications.models import LocalName, StoredLexicon
from screening.operations.models import PurgeConfirmation, PurgeRequest, PurgeRun, PurgeWithdrawal
from screening.screenings.models import (
    Answer,
    Decision,
    DecisionReason,
    ListOfMedicines,
    Screening,
    ScreeningQuerySet,
    Transcription,
    Void,
    WorklistEntry,
)

__all__ = [
    "Answer",
    "AuditEvent",
    "Case",
    "Change",
    "Decision",
    "DecisionReason",
    "DraftChange",
    "Edition",
    "FollowUp",
    "ListOfMedicines",
    "LocalName",
    "PurgeConfirmation",
    "PurgeRequest",
    "PurgeRun",
    "PurgeWithdrawal",
    "Review",
    "Rule",
    "RuleSet",
    "Screening",
    "ScreeningQuerySet",
    "Seal",
    "StoredLexicon",
    "Transcription",
    "UnsentForm",
    "User",
    "Void",
    "WorklistEntry",
]
