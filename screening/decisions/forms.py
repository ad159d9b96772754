"""The form on which a prescriber decides. Nothing in it is preselected."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from crispy_forms.layout import Field, Layout, LayoutObject
from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext, gettext_noop

from screening.clinical.evaluation.decision import DecisionFault, Fault, NewDecision, Reason
from screening.clinical.evaluation.evaluate import Finding, FindingStatus
from screening.clinical.report.findings import FindingText
from screening.clinical.report.record import is_short_id
from screening.clinical.report.summary import Summary
from screening.clinical.report.to_decide import ToDecide
from screening.clinical.rules.deciding import DecisionCode
from screening.clinical.rules.labels import ANSWER_WORDS, DECISION_WORDS, RULE_LABELS
from screening.clinical.text.local_dates import format_date, format_datetime
from screening.clinical.text.phrases import in_sentence
from screening.clinical.text.wording import DECIDED_ON
from screening.screenings.forms.screening_fields import DOSE_DECIMALS, DOSE_LIMITS_MG
from screening.web.date_fields import DateField
from screening.web.fields import Confirmation, NumberField, PlainText
from screening.web.forms import LONGEST_TEXT, StrictForm, Uploads
from screening.web.languages import as_rule_text
from screening.web.layout import TemplatePart, WithUnit

from .shipped_reasons import shipped_reasons

SEEN = "seen"
"""The hidden field with the number of the latest decision that the page showed."""
UNCHANGED = "unchanged"
EARLIEST_DAY = date(1900, 1, 1)
LONGEST_DEFERRAL = timedelta(days=3653)

HINTS = {
    DecisionCode.PRESCRIBE: gettext_noop("LDN Screen notes it and does not write a prescription"),
    DecisionCode.DO_NOT_PRESCRIBE: gettext_noop("LDN is not started"),
    DecisionCode.DEFER: gettext_noop("Returns to the worklist on that day"),
    DecisionCode.MORE_INFORMATION: gettext_noop("Something must be found out first"),
    DecisionCode.REFER: gettext_noop("To another service or prescriber"),
}
FAULT_FIELDS = {
    Fault.DECISION_MISSING: "decision",
    Fault.TEXT_MISSING: "{link_id}.reason-text",
    Fault.NOT_ASKED_AGAIN: "{link_id}.reconfirmed",
    Fault.OVERRIDE_NOT_CONFIRMED: "override_confirmation",
    Fault.DATE_MISSING: "defer_until",
    Fault.DATE_NOT_AFTER_TODAY: "defer_until",
    Fault.DATE_UNEXPECTED: "defer_until",
    Fault.PRODUCT_UNEXPECTED: "decided_product",
}
"""The field beside which a fault is shown; that of the reason if it is not here."""
FAULT_WORDS = {
    Fault.DECISION_MISSING: gettext_noop("Choose your decision."),
    Fault.REASON_MISSING: gettext_noop("Choose a reason for this flag."),
    Fault.REASON_UNLISTED: gettext_noop("Choose one of the listed reasons for this flag."),
    Fault.FOLLOWED_BUT_PRESCRIBED: gettext_noop(
        "“Followed” does not go with “Prescribe”. Choose why it is not followed, or another decision."
    ),
    Fault.TEXT_MISSING: gettext_noop("Say the reason in your own words."),
    Fault.NOT_ASKED_AGAIN: gettext_noop(
        "Ask the patient again and tick the box, or screen again if the answer has changed."
    ),
    Fault.OVERRIDE_NOT_CONFIRMED: gettext_noop(
        "Type {short_id}, the id of this record, to confirm what you override."
    ),
    Fault.DATE_MISSING: gettext_noop("Enter the day until which you defer, as in 27 Mar 2026."),
    Fault.DATE_NOT_AFTER_TODAY: gettext_noop("Enter a day after today, {today}."),
    Fault.DATE_UNEXPECTED: gettext_noop(
        "A day to defer until goes only with “Defer until a date”. Clear it, or choose that."
    ),
    Fault.PRODUCT_UNEXPECTED: gettext_noop("{decided_on} go only with “Prescribe”. Clear both, or choose that."),
}
FAULT_WORDS_IF_UNRESOLVED = {
    Fault.REASON_MISSING: gettext_noop("Choose a reason for this unresolved answer."),
    Fault.REASON_UNLISTED: gettext_noop("Choose one of the listed reasons for this unresolved answer."),
}
"""The words of faults of a reason that is not for a flag."""


class DecisionForm(StrictForm):
    """One reason for each finding, a tick for each answer that no longer holds, and the decision.

    ``to_decide`` says what the decision must contain. ``summary`` has the texts of the findings; only rendering the
    form needs it.
    """

    summary: Summary

    not_fields = {*StrictForm.not_fields, SEEN}

    def __init__(
        self,
        to_decide: ToDecide,
        summary: Summary | None = None,
        data: QueryDict | None = None,
        files: Uploads | None = None,
    ) -> None:
        super().__init__(data, files)
        self.to_decide, self.faults = to_decide, tuple[DecisionFault, ...]()
        if summary:
            self.summary = summary
        for held in to_decide.expired:
            label = gettext("{name}, asked again").format(name=self._name(held.item.link_id))
            self.fields[f"{held.item.link_id}.reconfirmed"] = Confirmation(label=label, confirms=UNCHANGED)
        for finding in to_decide.findings:
            self.fields.update(self._reason_fields(finding))
        self.fields.update(_decision_fields(self._about_the_date(), to_decide.on))

    def _reason_fields(self, finding: Finding) -> dict[str, forms.Field]:
        name = self._name(finding.link_id)
        labels = shipped_reasons().labels(is_flag=finding.status is FindingStatus.FLAGGED)
        unlisted = self._words(DecisionFault(Fault.REASON_UNLISTED, finding.link_id))
        return {
            f"{finding.link_id}.reason": _radio(as_rule_text(name), labels, unlisted),
            f"{finding.link_id}.reason-text": PlainText(
                label=gettext("{name}, more about this reason").format(name=name),
                max_length=LONGEST_TEXT,
                required=False,
            ),
        }

    def _name(self, link_id: str) -> str:
        name = self.to_decide.record.definition.item(link_id).name
        return name[:1].upper() + name[1:]

    def _about_the_date(self) -> str:
        ran = gettext("The opioid-free interval ran until {date}. Reaching that day does not lift the flag.")
        runs = gettext("The opioid-free interval runs until {date}. Reaching that day does not lift the flag.")
        ends = [
            (ran if end < self.to_decide.on else runs).format(date=format_date(end))
            for end in self.to_decide.interval_ends
        ]
        return " ".join([gettext("A day after today, as in 27 Mar 2026."), *ends])

    @property
    def plainly_optional(self) -> frozenset[str]:  # type: ignore[override]
        """The fields that are not optional although the form's own check, and not the field, requires them."""
        return frozenset(name for name in self.fields if name in ("decision", "defer_until", "override_confirmation"))

    @property
    def layout(self) -> Layout:
        """The answers to ask again, the findings with their reasons, and the decision."""
        return Layout(
            *([self._asked_again_part()] if self.to_decide.expired else []),
            *([self._findings_part()] if self.to_decide.findings else []),
            self._decision_part(),
        )

    def _asked_again_part(self) -> LayoutObject:
        ticks = [
            {
                "box": self[f"{held.item.link_id}.reconfirmed"],
                "name": self._name(held.item.link_id),
                "answer": in_sentence(gettext(ANSWER_WORDS[held.answer])),
                "given_on": format_date(held.given_on),
                "is_dated_after_today": held.given_on > self.to_decide.on,
                "until": format_date(held.until),
            }
            for held in self.to_decide.expired
        ]
        screened = format_datetime(self.to_decide.record.screened_at)
        return TemplatePart("screening/decisions/form/asked_again.html", ticks=ticks, screened=screened)

    def _findings_part(self) -> LayoutObject:
        entries = (*self.summary.flagged, *self.summary.unresolved)
        return TemplatePart("screening/decisions/form/findings.html", *map(self._finding_part, entries))

    def _finding_part(self, entry: FindingText) -> LayoutObject:
        return TemplatePart(
            "screening/decisions/form/finding.html",
            Field(f"{entry.link_id}.reason-text", wrapper_class="reason-text"),
            entry=entry,
            is_flag=_is_flag(entry),
            lines=[line for line in entry.lines if line.label != gettext(RULE_LABELS["why"])],
            reason=self[f"{entry.link_id}.reason"],
        )

    def _decision_part(self) -> LayoutObject:
        return TemplatePart(
            "screening/decisions/form/decision.html",
            decision=self["decision"],
            options=list(zip(self["decision"], map(gettext, HINTS.values()), strict=True)),
            short_id=self.to_decide.record.short_id,
            override=Layout("override_confirmation") if self.to_decide.needs_override else None,
            overridden=[(each, _is_flag(each)) for each in (*self.summary.flagged, *self.summary.unresolved)],
            product=Layout(WithUnit("decided_dose_mg", gettext("mg a day")), "decided_product"),
            defer_until=Layout(Field("defer_until", list="defer-until-days")),
            days=[end for end in self.to_decide.interval_ends if end > self.to_decide.on],
        )

    def clean(self) -> dict[str, Any]:
        """Check the decision as a whole; a fault of a field that is wrong by itself is not repeated."""
        super().clean()
        self.faults = self.to_decide.faults(self.decision, shipped_reasons().codes)
        for each in self.faults:
            field = FAULT_FIELDS.get(each.fault, "{link_id}.reason").format(link_id=each.link_id)
            if field not in self.errors:
                self.add_error(field, self._words(each))
        return self.cleaned_data

    def _words(self, fault: DecisionFault) -> str:
        record = self.to_decide.record
        flagged = {finding.link_id for finding in record.evaluation.with_status(FindingStatus.FLAGGED)}
        words = FAULT_WORDS if fault.link_id in flagged else FAULT_WORDS | FAULT_WORDS_IF_UNRESOLVED
        today, decided_on = format_date(self.to_decide.on), gettext(DECIDED_ON)
        return gettext(words[fault.fault]).format(short_id=record.short_id, today=today, decided_on=decided_on)

    @property
    def decision(self) -> NewDecision:
        """The decision as it was entered, complete or not."""
        data, record = self.cleaned_data, self.to_decide.record
        code = data.get("decision")
        return NewDecision(
            code=DecisionCode(code) if code else None,
            reasons=dict(self._reasons()),
            defer_until=data.get("defer_until"),
            asked_again=frozenset(self._asked_again()),
            is_override_confirmed=is_short_id(data.get("override_confirmation", ""), record.short_id),
            dose_mg=data.get("decided_dose_mg"),
            product=data.get("decided_product", ""),
        )

    def _reasons(self) -> Iterator[tuple[str, Reason]]:
        for finding in self.to_decide.findings:
            code, text = (
                self.cleaned_data.get(f"{finding.link_id}.{part}", "") for part in ("reason", "reason-text")
            )
            yield finding.link_id, Reason(code, text)

    def _asked_again(self) -> Iterator[str]:
        for held in self.to_decide.expired:
            if self.cleaned_data.get(f"{held.item.link_id}.reconfirmed") == UNCHANGED:
                yield held.item.link_id

    @property
    def entered(self) -> list[tuple[str, str]]:
        """The labels and values of the fields that were filled in, in words, to be copied."""
        filled = [(field, str(field.data)) for field in self if field.data]
        return [
            (str(field.label), dict(getattr(field.field, "choices", ())).get(value, value)) for field, value in filled
        ]

    @cached_property
    def refused_for(self) -> str:
        """Short codes of what is wrong, for the audit trail; they name rules and fields, no values."""
        faults = [f"{each.link_id} {each.fault}".strip() for each in self.faults]
        return ", ".join(faults or ["other-field" if name == NON_FIELD_ERRORS else name for name in self.errors])


def _is_flag(entry: FindingText) -> bool:
    """The heading of a flag is rule text."""
    return entry.finding is FindingStatus.FLAGGED


def _decision_fields(about_the_date: str, today: date) -> dict[str, forms.Field]:
    least, most = DOSE_LIMITS_MG
    words = {code.value: gettext(label) for code, label in DECISION_WORDS.items()}
    words[DecisionCode.DEFER.value] = gettext("Defer until a date")
    return {
        "decision": _radio(gettext("Your decision"), words, gettext(FAULT_WORDS[Fault.DECISION_MISSING])),
        "override_confirmation": PlainText(
            label=gettext("Type the record id to confirm"), max_length=60, required=False
        ),
        "decided_dose_mg": NumberField(
            label=gettext("Dose decided on"),
            required=False,
            minimum=least,
            maximum=most,
            unit="mg",
            decimals=DOSE_DECIMALS,
        ),
        "decided_product": PlainText(label=gettext("Product"), max_length=200, required=False),
        "defer_until": DateField(
            label=gettext("Defer until"),
            help_text=about_the_date,
            required=False,
            earliest=EARLIEST_DAY,
            latest=today + LONGEST_DEFERRAL,
            error_messages={"too_late": gettext("This date is after {limit}. Check the year.")},
        ),
    }


def _radio(label: str, labels: dict[str, str], unlisted: str) -> forms.ChoiceField:
    """Return a choice with radio buttons; that one is chosen is checked by the form as a whole."""
    return forms.ChoiceField(
        label=label,
        choices=list(labels.items()),
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": unlisted},
    )
