"""The forms that people fill."""

from .lists import FilterForm, SearchForm
from .local_names import LocalNameForm
from .medications import MEDICATIONS, CheckedList, ListForm, ReadList
from .screening import ScreeningForm, blank_questions, without_answers_to
from .void import VoidForm

__all__ = [
    "MEDICATIONS",
    "CheckedList",
    "FilterForm",
    "ListForm",
    "LocalNameForm",
    "ReadList",
    "ScreeningForm",
    "SearchForm",
    "VoidForm",
    "blank_questions",
    "without_answers_to",
]
