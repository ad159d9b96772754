"""The forms that people fill."""

from .lists import SearchForm
from .local_names import LocalNameForm
from .medications import MEDICATIONS, CheckedList, ListForm, ReadList
from .reviews import ReviewForm
from .screening import ScreeningForm, Takeover, as_typed, without_answers_to
from .void import VoidForm

__all__ = [
    "MEDICATIONS",
    "CheckedList",
    "ListForm",
    "LocalNameForm",
    "ReadList",
    "ReviewForm",
    "ScreeningForm",
    "SearchForm",
    "Takeover",
    "VoidForm",
    "as_typed",
    "without_answers_to",
]
