"""The text of a summary about the prescriber's decisions: what was decided, by whom, when and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from screening.clinical.evaluation.evaluate import Finding
from screening.clinical.rules.deciding import DecisionCode
from screening.clinical.rules.definition import Definition
from screening.clinical.rules.labels import ANSWER_WORDS, DECISION_WORDS
from screening.clinical.text import wording
from screening.clinical.text.local_dates import format_date, format_datetime
from screening.clinical.text.phrases import format_number, in_sentence
from screening.clinical.text.translation import gettext, join_with_and

from .findings import state_of
from .record import Decided, Record
from .to_decide import answers_that_expire


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionLine:
    """One line of a decision. ``shape`` is the shape of the finding; it is empty where there is none."""

    label: str
    words: str
    shape: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionText:
    """One decision: the decision itself, who made it and when, and its reasons."""

    code: DecisionCode
    title: str
    by: str
    lines: tuple[DecisionLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionsText:
    """All decisions on a record: the latest one, and the earlier ones, newest first.

    ``heading`` says whether the latest decision counts; ``warning`` says why it does not. ``count`` is ``Latest of 2
    decisions``, or empty for a single one.
    """

    heading: str
    latest: DecisionText
    earlier: tuple[DecisionText, ...] = ()
    count: str = ""
    warning: str = ""


def decisions_text(record: Record, decisions: Sequence[Decided], no_decision: str = "") -> DecisionsText | None:
    """Write the text about the decisions on a record, oldest first; None when there are none.

    ``no_decision`` says why nothing may be decided on the record; it is empty while the record is current.
    """
    if not decisions:
        return None
    *earlier, latest = [_decision_text(record, each) for each in decisions]
    return DecisionsText(
        heading=gettext(wording.SUPERSEDED_DECISION if no_decision else wording.DECISION),
        latest=latest,
        earlier=tuple(reversed(earlier)),
        count=gettext("Latest of {count} decisions").format(count=len(decisions)) if earlier else "",
        warning=f"{gettext(wording.DO_NOT_ACT_ON_DECISION)} {no_decision}" if no_decision else "",
    )


def decision_title(code: DecisionCode, defer_until: date | None) -> str:
    """Name a decision: ``Refer``, ``Defer until 13 December 2026``."""
    title = gettext(DECISION_WORDS[code])
    return f"{title} {format_date(defer_until)}" if defer_until else title


def _decision_text(record: Record, decided: Decided) -> DecisionText:
    return DecisionText(
        code=decided.code,
        title=decision_title(decided.code, decided.defer_until),
        by=f"{decided.by}, {gettext(decided.role)}, {format_datetime(decided.at)}",
        lines=tuple(_lines(record, decided)),
    )


def _lines(record: Record, decided: Decided) -> Iterator[DecisionLine]:
    findings = {finding.link_id: finding for finding in record.evaluation.findings}
    for reason in decided.reasons:
        words = " ".join(f"{part.rstrip('.')}." for part in (reason.label, reason.text) if part)
        shape = state_of(findings[reason.link_id])
        yield DecisionLine(label=_name(record.definition, reason.link_id), words=words, shape=shape)
    if decided.overrides:
        yield DecisionLine(label=gettext(wording.OVERRIDE), words=gettext(wording.OVERRIDE_CONFIRMED))
    if decided.asked_again:
        yield DecisionLine(label=gettext(wording.ASKED_AGAIN), words=_asked_again(record, decided, findings))
    if product := _product(decided):
        words = f"{product.rstrip('.')}. {gettext(wording.NOTHING_PRESCRIBED)}"
        yield DecisionLine(label=gettext(wording.DECIDED_ON), words=words)


def _asked_again(record: Record, decided: Decided, findings: Mapping[str, Finding]) -> str:
    answers = [
        f"{_name(record.definition, link_id)}: {in_sentence(gettext(ANSWER_WORDS[findings[link_id].answer]))}"
        for link_id in decided.asked_again
    ]
    unchanged = gettext("Unchanged on {date}.").format(date=format_datetime(decided.at))
    return f"{'; '.join(answers)}. {unchanged}"


def _product(decided: Decided) -> str:
    dose = (
        gettext("{dose} mg a day").format(dose=format_number(decided.dose_mg)) if decided.dose_mg is not None else ""
    )
    return ", ".join(filter(None, (dose, decided.product)))


def _name(definition: Definition, link_id: str) -> str:
    name = definition.item(link_id).name
    return name[:1].upper() + name[1:]


def asked_again_on(decisions: Sequence[Decided]) -> dict[str, date]:
    """Return the day, by link id, on which an answer was last asked again; ``decisions`` are oldest first."""
    return {link_id: each.at.date() for each in decisions for link_id in each.asked_again}


def shelf_life(record: Record, shown_on: date, decisions: Sequence[Decided] = ()) -> str:
    """Return the sentence about how long the answers hold, the earliest day first; empty when none expires."""
    names = dict[date, list[str]]()
    held_answers = sorted(answers_that_expire(record, asked_again_on(decisions)), key=lambda held: held.until)
    for each in held_answers:
        names.setdefault(each.until, []).append(each.item.name)
    if not names:
        return ""
    days = [
        gettext("{date} ({names})").format(date=_ended(until, shown_on), names=join_with_and(of))
        for until, of in names.items()
    ]
    is_expired = any(each.is_expired(shown_on) for each in held_answers)
    ask_again = f" {gettext(wording.ASK_EXPIRED_AGAIN)}" if is_expired and not decisions else ""
    return f"{gettext(wording.ANSWERS_HOLD)} {'; '.join(days)}.{ask_again}"


def _ended(until: date, shown_on: date) -> str:
    day = format_date(until)
    return gettext("{date}, ended").format(date=day) if shown_on > until else day
