"""Forms on which a prescriber decides, built without a database."""

from __future__ import annotations

from datetime import date, timedelta

from crispy_forms.utils import render_crispy_form
from django.http import QueryDict
from lxml import html

from screening.clinical.report.record import Record
from screening.clinical.report.summary import summarise
from screening.clinical.report.to_decide import ToDecide
from screening.clinical.rules.definition import Severity
from screening.decisions.forms import DecisionForm
from tests.rules import shipped_rules
from tests.unit.builders import NO, NOT_KNOWN, TODAY, YES, all_answered, definition, item, record

FormValue = str | list[str] | None

RULES = shipped_rules()
TOMORROW, DAY_AFTER = TODAY + timedelta(days=1), TODAY + timedelta(days=2)
MIXED = record(RULES, all_answered(RULES, NO, opioid_use=YES, pregnancy=NOT_KNOWN))
"""A flag that is a contraindication and an unresolved rule; a day later two of its answers no longer hold."""
CLEAR = record(RULES, all_answered(RULES, NO))
CAUTION = record(definition(item("one", severity=Severity.CAUTION)), {"one": YES})

COMPLETE: dict[str, FormValue] = {
    "decision": "refer",
    "opioid-use.reason": "followed",
    "pregnancy.reason": "need-more-info",
    "opioid-use.reconfirmed": "unchanged",
    "breastfeeding.reconfirmed": "unchanged",
}
"""The shortest complete form for ``MIXED`` on the next day."""
PRESCRIBED: dict[str, FormValue] = {
    **COMPLETE,
    "decision": "prescribe",
    "opioid-use.reason": "risk-benefit-ratio",
    "override_confirmation": "5d3a-91c7",
}


def blank(
    screened: Record = MIXED, *, on: date = TOMORROW, asked_again: dict[str, date] | None = None
) -> DecisionForm:
    """The form for a record on a day, not submitted."""
    return DecisionForm(ToDecide(record=screened, asked_again=asked_again or {}, on=on), summarise(screened, on))


def submitted(
    changes: dict[str, FormValue] | None = None, *, base: dict[str, FormValue] = COMPLETE, screened: Record = MIXED
) -> DecisionForm:
    """A validated form, with some fields changed, repeated (a list) or left out (None)."""
    data = QueryDict(mutable=True)
    for name, value in (base | (changes or {})).items():
        if value is not None:
            data.setlist(name, value if isinstance(value, list) else [value])
    to_decide = ToDecide(record=screened, asked_again={}, on=TOMORROW)
    form = DecisionForm(to_decide, summarise(screened, TOMORROW), data)
    form.full_clean()
    return form


def errors_of(
    changes: dict[str, FormValue], *, base: dict[str, FormValue] = COMPLETE, screened: Record = MIXED
) -> dict[str, list[str]]:
    """The messages by field name; those of the whole form under ``__all__``."""
    form = submitted(changes, base=base, screened=screened)
    return {name: [str(each) for each in messages] for name, messages in form.errors.items()}


def page_of(form: DecisionForm) -> html.HtmlElement:
    """The form as it is rendered."""
    return html.fromstring(f"<form>{render_crispy_form(form)}</form>")
