"""A question of the draft as clinicians will see it, beside the fields that change it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from crispy_forms.layout import Layout

from screening.clinical.rules.definition import AnswerCode, Definition
from screening.screenings.forms.screening_form import ScreeningForm, question_part


class QuestionPreview(ScreeningForm):
    """The clinician's form with one question, answered yes so that its details are shown.

    Its HTML ids begin with ``preview``, because the page around it has ids of its own.
    """

    def __init__(self, definition: Definition, link_id: str, today: date) -> None:
        one_question = replace(definition, items=(definition.by_link_id[link_id],), listed=(), cases=())
        super().__init__(one_question, today=today, last_use=lambda _: None)
        self.initial, self.auto_id = {link_id: AnswerCode.YES.value}, "preview_%s"

    @property
    def layout(self) -> Layout:
        """The question, without the patient and the medication list."""
        return Layout(*map(question_part, self.questions))
