"""The form of a case of the draft: answers to its questions, and the expected result."""

from __future__ import annotations

from typing import Any

from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from screening.clinical.rules.definition import AnswerCode
from screening.clinical.rules.labels import ANSWER_WORDS, OUTCOME_SHORT
from screening.drafts.models import Case, Rule, RuleSet
from screening.web.fields import OneOf, RuleText
from screening.web.languages import as_rule_text
from screening.web.layout import wide

from .rows import DraftRowForm, duplicate

ANSWER = "answer-"
"""The prefix of the field names of answers; the rule's link id follows."""
SAME_AS_OTHERS = _("Same as every other question")
_ANSWERS_OF_EVERY_RULE = (AnswerCode.YES, AnswerCode.NO, AnswerCode.UNKNOWN)


class CaseForm(DraftRowForm):
    """The form of a case, with an answer field for each question of the draft."""

    words = RuleText(
        label=_("The case in words"),
        rows=3,
        help_text=_("For example: “Takes tramadol as needed; no other findings.”"),
        error_messages={"required": _("Describe the case in a sentence.")},
    )
    otherwise = OneOf(
        {code.value: _(ANSWER_WORDS[code]) for code in AnswerCode},
        label=_("Answer to every other question"),
        sentence=_("Choose the answer to every other question."),
    )
    outcome = OneOf(
        {code.value: _(words) for code, words in OUTCOME_SHORT.items()},
        label=_("Expected outcome"),
        sentence=_("Choose the outcome that you expect from these answers."),
    )
    flagged = forms.MultipleChoiceField(
        label=_("Expected flags"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Tick every rule that you expect these answers to flag."),
        error_messages={"invalid_choice": _("This rule is not in the draft.")},
    )

    plainly_optional = ("flagged",)

    class Meta:
        model = Case
        fields = ["words", "otherwise", "outcome", "flagged"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rules = asked_rules(self.instance.rule_set)
        for rule in self.rules:
            self.fields[f"{ANSWER}{rule.link_id}"] = _answer_field(rule)
            self.initial.setdefault(f"{ANSWER}{rule.link_id}", self.instance.answers.get(rule.link_id))
        flagged = self.fields["flagged"]
        if isinstance(flagged, forms.MultipleChoiceField):
            flagged.choices = [(rule.link_id, as_rule_text(heading_of(rule))) for rule in self.rules]

    def label_of(self, name: str) -> str:
        """Return the label of a field; of an answer, the name of its rule."""
        names = {f"{ANSWER}{rule.link_id}": heading_of(rule) for rule in self.rules}
        return names.get(name) or super().label_of(name)

    @property
    def layout(self) -> Layout:
        """The case in words, its answers, and the expected result."""
        answers = [f"{ANSWER}{rule.link_id}" for rule in self.rules]
        return Layout(
            Fieldset(gettext("The case"), *wide("words"), css_id="case", css_class="edits"),
            Fieldset(gettext("Answers"), *answers, *wide("otherwise"), css_id="answers", css_class="edits"),
            Fieldset(gettext("Expected result"), *wide("outcome", "flagged"), css_id="expected", css_class="edits"),
        )

    @property
    def unknown_link_ids(self) -> list[str]:
        """The link ids in the stored case's answers and expected flags that the draft does not ask about."""
        stored = Case.objects.filter(pk=self.instance.pk).first()
        link_ids = dict.fromkeys([*stored.answers, *stored.flagged]) if stored else {}
        asked = {rule.link_id for rule in self.rules}
        return [each for each in link_ids if each not in asked]

    def clean(self) -> dict[str, Any]:
        """Set the answers. Refuse an answer to a question that is no longer asked, and a copy of another case."""
        cleaned = super().clean()
        for name in self.data:
            if name.startswith(ANSWER) and name not in self.fields and self.data[name]:
                self.add_error(None, _not_asked_message(name.removeprefix(ANSWER), self.data[name]))
        answers = {rule.link_id: cleaned.get(f"{ANSWER}{rule.link_id}") for rule in self.rules}
        self.instance.answers = {link_id: answer for link_id, answer in answers.items() if answer}
        if set(cleaned.get("flagged", ())) == set(self.initial.get("flagged") or ()):
            cleaned["flagged"] = self.initial.get("flagged") or []
        if not self.instance.pk and self.find_duplicate(cleaned):
            self.add_error(None, duplicate(gettext("The draft already has this case.")))
        return cleaned

    def find_duplicate(self, cleaned: dict[str, Any]) -> Case | None:
        """Return a case of the draft with the same content, if there is one."""
        content = (
            cleaned.get("otherwise"),
            cleaned.get("outcome"),
            set(cleaned.get("flagged", ())),
            self.instance.answers,
        )
        for case in self.instance.rule_set.cases.filter(words=cleaned.get("words", "")):
            if (case.otherwise, case.outcome, set(case.flagged), case.answers) == content:
                return case
        return None


def asked_rules(draft: RuleSet) -> list[Rule]:
    """Return the rules of a draft that are asked as a question, in their order."""
    return [rule for rule in draft.rules.all() if not rule.is_raised_by_list]


def heading_of(rule: Rule) -> str:
    """Return the name of a rule with a capital first letter."""
    return rule.name[:1].upper() + rule.name[1:]


def case_as_entered(data: QueryDict) -> dict[str, Any]:
    """Return the submitted case in the shape of its JSON, without validation."""
    answers = {name.removeprefix(ANSWER): data[name] for name in data if name.startswith(ANSWER) and data[name]}
    texts = {name: data.get(name, "") for name in ("words", "otherwise", "outcome")}
    return {**texts, "answers": answers, "flagged": data.getlist("flagged")}


def _answer_field(rule: Rule) -> OneOf:
    codes = [*_ANSWERS_OF_EVERY_RULE, *([AnswerCode.NOT_APPLICABLE] if rule.not_applicable_reasons else [])]
    return OneOf(
        {code.value: gettext(ANSWER_WORDS[code]) for code in codes},
        label=as_rule_text(heading_of(rule)),
        sentence=_("Choose from the list."),
        empty_label=SAME_AS_OTHERS,
    )


def _not_asked_message(link_id: str, answer: str) -> str:
    words = gettext(ANSWER_WORDS[AnswerCode(answer)]) if answer in set(AnswerCode) else answer
    return gettext("The draft no longer asks “{link_id}”. Your answer to it, “{answer}”, cannot be saved.").format(
        link_id=link_id[:60], answer=words[:60]
    )
