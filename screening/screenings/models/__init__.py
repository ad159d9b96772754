"""Screenings with their answers, medication lists, paper forms and voids. All rows are insert-only."""

from .answers import Answer, ListOfMedicines, Transcription, Void
from .screenings import Screening, ScreeningQuerySet

__all__ = ["Answer", "ListOfMedicines", "Screening", "ScreeningQuerySet", "Transcription", "Void"]
