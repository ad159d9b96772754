"""The forms that people fill."""

from .lists import FilterForm, SearchForm
from .screening import ScreeningForm, blank_questions, without_answers_to
from .void import VoidForm

__all__ = ["FilterForm", "ScreeningForm", "SearchForm", "VoidForm", "blank_questions", "without_answers_to"]
