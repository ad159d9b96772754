"""A case of the draft: answers to its questions, and what they should give."""

from __future__ import annotations

from typing import Any

from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from screening.clinical.rules.definition import AnswerCode
from screening.clinical.rules.labels import ANSWER_WORDS, OUTCOME_SHORT
from screening.drafts.models import Case, Rule, RuleSet
from screening.web.fields import OneOf, RuleText
from screening.web.layout import wide

from .draft_row import TAKEN, DraftRowForm

ANSWER = "answer-"
"""What the name of a question's field begins with; its link id follows."""
AS_EVERY_OTHER = "As every other"
_EVERY_RULE = (AnswerCode.YES, AnswerCode.NO, AnswerCode.UNKNOWN)


class CaseForm(DraftRowForm):
    """A case, with a field for each question of its draft."""

    words = RuleText(
        label="The case in words",
        rows=3,
        help_text="As a clinician would tell it: “Takes tramadol as needed, and nothing else is found.”",
        error_messages={"required": "Tell the case in a sentence."},
    )
    otherwise = OneOf(
        {code.value: ANSWER_WORDS[code] for code in AnswerCode},
        label="Every other question is answered",
        sentence="Choose how every other question is answered.",
    )
    outcome = OneOf(
        {code.value: words for code, words in OUTCOME_SHORT.items()},
        label="Expected outcome",
        sentence="Choose the outcome that these answers should give.",
    )
    flagged = forms.MultipleChoiceField(
        label="Expected flags",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Tick every rule that these answers should flag.",
        error_messages={"invalid_choice": "The draft does not ask this."},
    )

    plainly_optional = ("flagged",)

    class Meta:
        model = Case
        fields = ["words", "otherwise", "outcome", "flagged"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        draft = self.instance.rule_set if self.instance.pk else RuleSet.objects.draft()
        self.rules = asked_in(draft) if draft else []
        self.known = {rule.link_id for rule in self.rules}
        for rule in self.rules:
            self.fields[f"{ANSWER}{rule.link_id}"] = _answer_field(rule)
            if self.instance.pk:
                self.initial[f"{ANSWER}{rule.link_id}"] = self.instance.answers.get(rule.link_id)
        flagged = self.fields["flagged"]
        if isinstance(flagged, forms.MultipleChoiceField):
            flagged.choices = [(rule.link_id, heading_of(rule)) for rule in self.rules]

    @property
    def layout(self) -> Layout:
        """The case in words, its answers, and what they should give."""
        answers = [f"{ANSWER}{rule.link_id}" for rule in self.rules]
        return Layout(
            Fieldset("The case", *wide("words"), css_id="told", css_class="edits"),
            Fieldset("Answers", *answers, *wide("otherwise"), css_id="answers", css_class="edits"),
            Fieldset("What they should give", *wide("outcome", "flagged"), css_id="expected", css_class="edits"),
        )

    @property
    def unknown(self) -> list[str]:
        """What the stored case answers or expects although its draft does not ask it."""
        stored = Case.objects.filter(pk=self.instance.pk).first()
        named = dict.fromkeys([*stored.answers, *stored.flagged]) if stored else {}
        return [each for each in named if each not in self.known]

    def clean(self) -> dict[str, Any]:
        """The answers as the case holds them; the same case twice says nothing more."""
        typed = super().clean()
        for name in self.data:
            if name.startswith(ANSWER) and name not in self.fields and self.data[name]:
                self.add_error(None, self._not_asked(name.removeprefix(ANSWER), self.data[name]))
        answers = {rule.link_id: typed.get(f"{ANSWER}{rule.link_id}") for rule in self.rules}
        self.instance.answers = {link_id: answer for link_id, answer in answers.items() if answer}
        if set(typed.get("flagged", ())) == set(self.initial.get("flagged") or ()):
            typed["flagged"] = self.initial.get("flagged") or []
        if not self.instance.pk and self.twin(typed):
            self.add_error(None, ValidationError("The draft has this very case already.", code=TAKEN))
        return typed

    def _not_asked(self, link_id: str, answer: str) -> str:
        words = ANSWER_WORDS[AnswerCode(answer)] if answer in set(AnswerCode) else answer
        return f"The draft asks no “{link_id[:60]}” any more, so your answer to it, “{words[:60]}”, cannot be saved."

    def twin(self, typed: dict[str, Any]) -> Case | None:
        """A case of the draft that holds the same."""
        alike = Case.objects.filter(rule_set__is_open=True, words=typed.get("words", ""))
        wanted = (typed.get("otherwise"), typed.get("outcome"), set(typed.get("flagged", ())), self.instance.answers)
        for each in alike:
            if (each.otherwise, each.outcome, set(each.flagged), each.answers) == wanted:
                return each
        return None


def asked_in(draft: RuleSet) -> list[Rule]:
    """The rules of a draft that are asked, in their order."""
    return [rule for rule in draft.rules.all() if not rule.is_raised_by_list]


def heading_of(rule: Rule) -> str:
    """The name of a rule as it begins a line."""
    return rule.name[:1].upper() + rule.name[1:]


def case_as_sent(sent: QueryDict) -> dict[str, Any]:
    """A case as JSON would hold it, whatever was typed."""
    answers = {name.removeprefix(ANSWER): sent[name] for name in sent if name.startswith(ANSWER) and sent[name]}
    own = {name: sent.get(name, "") for name in ("words", "otherwise", "outcome")}
    return {**own, "answers": answers, "flagged": sent.getlist("flagged")}


def _answer_field(rule: Rule) -> OneOf:
    codes = [*_EVERY_RULE, AnswerCode.NOT_APPLICABLE] if rule.not_applicable_reasons else [*_EVERY_RULE]
    return OneOf(
        {code.value: ANSWER_WORDS[code] for code in codes},
        label=heading_of(rule),
        sentence="Choose from the list.",
        empty_label=AS_EVERY_OTHER,
    )
