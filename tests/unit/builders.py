"""Builders of minimal rule sets, medication lists and records for tests. Every field has a valid default."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from screening.clinical.evaluation.evaluate import Answer, evaluate
from screening.clinical.evaluation.follow_up_values import FollowUpValue
from screening.clinical.medications.lexicon import OpioidGroup
from screening.clinical.medications.reader import NO_LIST, ListedMedicine, MedicationList, MentionStatus
from screening.clinical.report.chart_copy import ChartCopy, DecisionForm
from screening.clinical.report.record import Decided, GivenReason, Patient, Record
from screening.clinical.report.summary import Summary, summarise
from screening.clinical.rules.deciding import DecisionCode
from screening.clinical.rules.definition import (
    FORMAT,
    AnswerCode,
    Case,
    Choice,
    Definition,
    Feeds,
    FollowUp,
    FollowUpKind,
    Interval,
    Item,
    Listed,
    Outcome,
    Severity,
    Source,
    SourceKind,
    Trigger,
)
from screening.clinical.rules.reviews import NO_REVIEWS, ReviewConfirmation, Reviews
from screening.clinical.text.birth_dates import BirthDate

TODAY = date(2026, 11, 23)
CLINIC_ZONE = ZoneInfo("America/New_York")

YES, NO = Answer(AnswerCode.YES), Answer(AnswerCode.NO)
NOT_KNOWN, NOT_APPLICABLE = Answer(AnswerCode.UNKNOWN), Answer(AnswerCode.NOT_APPLICABLE)

Answers = Mapping[str, Answer]


# Rules --------------------------------------------------------------------------------------------------------


def source(**changes: Any) -> Source:
    """A source of the kind opinion."""
    return Source(**{"kind": SourceKind.OPINION, "title": "This rule set"} | changes)


def choice(code: str, **changes: Any) -> Choice:
    """A choice with its code as label."""
    return Choice(**{"code": code, "label": code.replace("-", " ").capitalize()} | changes)


def follow_up(link_id: str, kind: FollowUpKind = FollowUpKind.TEXT, /, **changes: Any) -> FollowUp:
    """A follow-up with its link id as name; kinds with choices get two."""
    name = link_id.replace("-", " ").capitalize()
    lists = (FollowUpKind.ONE, FollowUpKind.SEVERAL)
    choices = (choice("first"), choice("second")) if kind in lists else ()
    return FollowUp(**{"link_id": link_id, "label": name, "name": name, "kind": kind, "choices": choices} | changes)


def interval_kind(**changes: Any) -> FollowUp:
    """A follow-up for the kind of opioid, with one choice that has a date and one without."""
    dated = choice("dated", interval=Interval(words="at least 10 days", days=10))
    undated = choice("undated", interval=Interval(words="Count in months."))
    return follow_up(
        "kind", FollowUpKind.SEVERAL, **{"feeds": Feeds.INTERVAL_KIND, "choices": (dated, undated)} | changes
    )


def interval_start(**changes: Any) -> FollowUp:
    """A follow-up for the start date of an interval."""
    return follow_up("last-dose", FollowUpKind.DATE, **{"feeds": Feeds.INTERVAL_START} | changes)


def band(link_id: str, **changes: Any) -> FollowUp:
    """A follow-up for one of the five Child-Pugh point bands. The codes of its choices are the points."""
    points = tuple(choice(str(number), points=number) for number in (1, 2, 3))
    return follow_up(link_id, FollowUpKind.ONE, **{"feeds": Feeds.CHILD_PUGH, "choices": points} | changes)


BANDS = ("bilirubin", "albumin", "inr", "ascites", "encephalopathy")


def item(link_id: str = "first-rule", **changes: Any) -> Item:
    """A rule of severity contraindicated whose texts repeat its link id."""
    name = link_id.replace("-", " ")
    plain: dict[str, Any] = {
        "link_id": link_id,
        "name": name,
        "question": f"Is there {name}?",
        "help": "",
        "why": f"Why {name} matters.",
        "trigger": Trigger.ANSWERED_YES,
        "severity": Severity.CONTRAINDICATED,
        "severity_words": "Contraindicated",
        "finding": f"There is {name}",
        "next_step": f"Act on {name}.",
        "find_out": f"Ask about {name}.",
        "sources": (source(),),
        "holds_days": 0,
        "authored_by": "An author",
        "checked_by": "",
        "next_review": date(2027, 11, 1),
    }
    return Item(**plain | changes)


def allowing_not_applicable(link_id: str = "first-rule", **changes: Any) -> Item:
    """A rule that allows the answer "not applicable"."""
    return item(link_id, not_applicable_reasons=(choice("a-reason"),), **changes)


def listed_item(link_id: str = "listed-rule", listed: Listed = Listed.NALTREXONE, **changes: Any) -> Item:
    """A caution without a question, raised by a medication list."""
    plain: dict[str, Any] = {"trigger": Trigger.FOUND_IN_LIST, "severity": Severity.CAUTION, "listed": listed}
    return item(link_id, **plain | changes)


def case(**changes: Any) -> Case:
    """A case that answers no to every question."""
    plain: dict[str, Any] = {
        "words": "Every question is answered no.",
        "answers": {},
        "otherwise": AnswerCode.NO,
        "outcome": Outcome.NONE_IDENTIFIED,
    }
    return Case(**plain | changes)


def enough_cases(*items: Item) -> tuple[Case, ...]:
    """The cases that validation requires: yes, no and not known for each rule."""
    yes = case(
        words="All yes.",
        otherwise=AnswerCode.YES,
        outcome=Outcome.CONTRAINDICATION_FLAGGED,
        flagged=tuple(each.link_id for each in items),
    )
    return (case(), yes, case(words="No idea.", otherwise=AnswerCode.UNKNOWN, outcome=Outcome.CANNOT_CONCLUDE))


def definition(*items: Item, **changes: Any) -> Definition:
    """A rule set of these rules, or of one rule, with the required cases."""
    items = items or (item(),)
    plain: dict[str, Any] = {
        "format": FORMAT,
        "title": "Rules",
        "basis": "The basis.",
        "dose_low_mg": Decimal("0.5"),
        "dose_high_mg": Decimal("4.5"),
        "dose_note": "The intended dose is outside the low range.",
        "not_covered": ("What was not asked",),
        "counselling": ("What to tell the patient",),
        "indications": ("Chronic pain",),
        "items": items,
        "cases": enough_cases(*items),
    }
    return Definition(**plain | changes)


@st.composite
def rule_sets(draw: st.DrawFn, most: int = 30) -> Definition:
    """A strategy for rule sets with any severities, with and without "not applicable"."""
    kinds = draw(st.lists(st.tuples(st.sampled_from(Severity), st.booleans()), min_size=1, max_size=most))
    return definition(
        *(
            (allowing_not_applicable if may_not_apply else item)(f"rule-{number}", severity=severity)
            for number, (severity, may_not_apply) in enumerate(kinds, start=1)
        ),
        cases=(),
    )


# Medication lists ---------------------------------------------------------------------------------------------


def medicine(ingredient: str = "codeine", line: int = 1, **changes: Any) -> ListedMedicine:
    """An opioid in use, named at the start of a line."""
    plain: dict[str, Any] = {
        "line": line,
        "start": 0,
        "end": len(ingredient),
        "term": ingredient,
        "ingredient": ingredient,
        "product": "",
        "group": OpioidGroup.AGONIST,
        "interval": "short-acting",
        "status": MentionStatus.CURRENT,
        "why": f"“{ingredient}” is an opioid.",
    }
    return ListedMedicine(**plain | changes)


def mentioned(ingredient: str = "codeine", line: int = 1, **changes: Any) -> ListedMedicine:
    """An opioid that is only mentioned."""
    plain = {"status": MentionStatus.MENTIONED, "why": "Named as an allergy."}
    return medicine(ingredient, line, **plain | changes)


def naltrexone(line: int = 1, **changes: Any) -> ListedMedicine:
    """A naltrexone product in use."""
    plain = {"group": OpioidGroup.ANTAGONIST, "interval": "", "why": "“naltrexone” is naltrexone."}
    return medicine("naltrexone", line, **plain | changes)


def medication_list(*found: ListedMedicine, text: str = "") -> MedicationList:
    """A list with one line for each medicine, unless a text is given."""
    lines = [""] * max([1, *(each.line for each in found)])
    for each in found:
        lines[each.line - 1] = lines[each.line - 1] or each.term
    return MedicationList(text or "\n".join(lines) or "Metformin 500 mg", found)


# Records and summaries ----------------------------------------------------------------------------------------


def all_answered(rules: Definition, answer: Answer = NO, /, **changes: Answer) -> dict[str, Answer]:
    """One answer to every rule except those given by link id (with ``_`` for ``-``)."""
    named = {name.replace("_", "-"): given for name, given in changes.items()}
    return {each.link_id: answer for each in rules.items} | named


def yes(**details: FollowUpValue) -> Answer:
    """A yes with follow-up values by link id (with ``_`` for ``-``)."""
    return Answer(AnswerCode.YES, details={name.replace("_", "-"): value for name, value in details.items()})


PATIENT = Patient(
    name="Sample Patient", birth_date=BirthDate(1961, 4, 12), record_number="DEMO-0001", dose_mg=Decimal("4.5")
)


def record(rules: Definition, answers: Answers, **changes: Any) -> Record:
    """A screening on the afternoon of ``TODAY``."""
    screened_at = changes.pop("screened_at", datetime(2026, 11, 23, 14, 32, tzinfo=CLINIC_ZONE))
    overdue = changes.pop("overdue", ())
    plain: dict[str, Any] = {
        "uuid": UUID("5d3a91c7-0000-4000-8000-000000000001"),
        "patient": PATIENT,
        "definition": rules,
        "edition_number": 3,
        "answers": answers,
        "evaluation": evaluate(rules, answers, screened_at.date(), changes.get("listed", NO_LIST), overdue),
        "screened_at": screened_at,
        "screened_by": "Ada Example",
        "role": "clinician",
    }
    return Record(**plain | changes)


def summary(
    rules: Definition,
    answers: Answers,
    *,
    shown_on: date = TODAY,
    reviews: Reviews = NO_REVIEWS,
    **changes: Any,
) -> Summary:
    """The summary of a screening as shown on a day, with these confirmations of review."""
    return summarise(record(rules, answers, **changes), shown_on, reviews=reviews)


def decided(code: DecisionCode = DecisionCode.REFER, /, **changes: Any) -> Decided:
    """A decision made an hour after the screening, with a reason for the rule called one."""
    plain: dict[str, Any] = {
        "code": code,
        "by": "Sample Prescriber",
        "role": "prescriber",
        "at": datetime(2026, 11, 23, 15, 31, tzinfo=CLINIC_ZONE),
        "reasons": (GivenReason("one", "A specialist advised otherwise"),),
    }
    return Decided(**plain | changes)


def to_fill_in(copy: ChartCopy) -> DecisionForm:
    """The part of a copy to fill in by hand; it has one while no decision is recorded."""
    assert copy.decision is not None
    return copy.decision


def signed(**changes: Any) -> ReviewConfirmation:
    """A confirmation of review made on ``TODAY`` for two years."""
    plain: dict[str, Any] = {"by": "Ada Example", "role": "clinician", "on": TODAY, "next_review": date(2028, 11, 1)}
    return ReviewConfirmation(**plain | changes)


def with_patient(**changes: Any) -> Patient:
    """The sample patient with changed fields."""
    return replace(PATIENT, **changes)


def words_of(part: object) -> str:
    """Every text of a summary or of a part of it, one per line."""
    return "\n".join(_texts(part))


def _texts(part: object) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, tuple):
        for each in part:
            yield from _texts(each)
    elif is_dataclass(part):
        for field in fields(part):
            yield from _texts(getattr(part, field.name))
