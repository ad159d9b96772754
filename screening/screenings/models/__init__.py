"""Screenings and the rows that belong to them, which are insert-only, and the worklist, which is not."""

from .answers import Answer, ListOfMedicines, Transcription, Void
from .decisions import Decision, DecisionReason
from .screenings import Screening, ScreeningQuerySet
from .worklist import WorklistEntry, WorklistQuerySet

__all__ = [
    "Answer",
    "Decision",
    "DecisionReason",
    "ListOfMedicines",
    "Screening",
    "ScreeningQuerySet",
    "Transcription",
    "Void",
    "WorklistEntry",
    "WorklistQuerySet",
]
