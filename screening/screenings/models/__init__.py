"""Screenings with their answers, medication lists and voids. All rows are insert-only."""

from .answers import Answer, ListOfMedicines, Void
from .screenings import Screening, ScreeningQuerySet

__all__ = ["Answer", "ListOfMedicines", "Screening", "ScreeningQuerySet", "Void"]
