"""Screenings with their answers, medication lists and voids, which are insert-only, and the worklist."""

from .answers import Answer, ListOfMedicines, Void
from .screenings import Screening, ScreeningQuerySet
from .worklist import WorklistEntry, WorklistQuerySet

__all__ = ["Answer", "ListOfMedicines", "Screening", "ScreeningQuerySet", "Void", "WorklistEntry", "WorklistQuerySet"]
