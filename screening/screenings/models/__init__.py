"""What was asked, answered and found. Every row is insert-only."""

from .answers import Answer, ListOfMedicines, Void
from .screenings import Screening, ScreeningQuerySet

__all__ = ["Answer", "ListOfMedicines", "Screening", "ScreeningQuerySet", "Void"]
