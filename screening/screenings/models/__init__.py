"""Screenings with answers, medication lists, paper forms and voids, which are insert-only, and the worklist."""

from .answers import Answer, ListOfMedicines, Transcription, Void
from .screenings import Screening, ScreeningQuerySet
from .worklist import WorklistEntry, WorklistQuerySet

__all__ = [
    "Answer",
    "ListOfMedicines",
    "Screening",
    "ScreeningQuerySet",
    "Transcription",
    "Void",
    "WorklistEntry",
    "WorklistQuerySet",
]
