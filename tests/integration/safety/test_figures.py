"""The safety figures of a random mixture of records, against a count in plain Python."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest

from screening.accounts.permissions import Role
from screening.clinical.evaluation.evaluate import Answer
from screening.clinical.rules.deciding import DecisionCode
from screening.clinical.rules.definition import AnswerCode
from screening.models import Decision, Edition, Screening, User
from screening.safety.figures import RuleFigures, SafetyFigures, figures_by_edition, safety_figures
from screening.safety.selection import Selection
from screening.screenings import actions
from tests.decisions import decided
from tests.factories import CURRENT_OPIOID, NALTREXONE, NO, NOT_KNOWN, EditionFactory, ScreeningFactory, UserFactory
from tests.rules import rules_with_two_more

pytestmark = pytest.mark.django_db

ZONE = ZoneInfo("Europe/London")
TODAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 22, tzinfo=UTC)
REASONS = ["risk-benefit-ratio", "expert-contradicts", "other"]
ANSWERS = {AnswerCode.UNKNOWN: NOT_KNOWN, AnswerCode.NO: NO, AnswerCode.YES: Answer(AnswerCode.YES)}
SPANS = [range(1), range(1, 2), range(2, 4), range(4, 8), range(8, 10_000)]


@pytest.fixture
def editions(settings: Any, edition: Edition) -> tuple[Edition, ...]:
    """Two editions, the second with two more rules, and a hundred records with amendments, voids and decisions."""
    settings.TIME_ZONE = str(ZONE)
    both = (edition, EditionFactory(definition=rules_with_two_more()))
    dice, by = random.Random(20), UserFactory(role=Role.PRESCRIBER)
    current = [recorded(dice, dice.choice(both), by) for _ in range(60)]
    for _ in range(100):
        place = dice.randrange(len(current))
        change(dice, current, place, by)
    return both


def recorded(dice: random.Random, edition: Edition, by: User, amends: Screening | None = None) -> Screening:
    """Record a screening of the last two weeks with random answers and list."""
    codes = {item.link_id: dice.choice(item.answer_codes) for item in edition.definition.items}
    given = {link_id: ANSWERS.get(code, Answer(code, "other")) for link_id, code in codes.items()}
    return ScreeningFactory(
        edition=edition,
        by=by,
        given=given | ({"opioid-use": NO} if dice.random() < 0.7 else {}),
        listed=dice.choice(["", "", CURRENT_OPIOID, NALTREXONE]),
        amends=amends,
        at=NOW - timedelta(hours=dice.randrange(24 * 14)),
    )


def change(dice: random.Random, current: list[Screening], place: int, by: User) -> None:
    """Decide on a record, amend it or mark it as entered in error."""
    screening = current[place]
    match dice.choice(["decide", "decide", "decide", "amend", "void"]):
        case "decide":
            at = screening.screened_at + timedelta(hours=dice.randrange(24 * 12))
            decided(
                screening,
                dice.choice([*DecisionCode, DecisionCode.PRESCRIBE]),
                by=by,
                at=at,
                reason=dice.choice(REASONS),
            )
        case "amend":
            current[place] = recorded(dice, screening.edition, by, screening)
        case "void":
            actions.void_screening(screening, by=by, role=Role.PRESCRIBER, at=NOW, reason="Wrong patient")
            del current[place]


class Expected(NamedTuple):
    """What the figures should be, counted record by record."""

    screenings: int
    amended: int
    in_error: int
    flagged: int
    spans: tuple[int, ...]
    undecided: int
    undecided_long: int
    overridden_for: dict[str, int]
    decided_on_old_answers: int


def selected(selection: Selection) -> list[Screening]:
    """Return all versions of the selected screenings."""
    everything = list(Screening.objects.with_status().select_related("edition"))
    return [each for each in everything if _is_selected(each, selection)]


def _is_selected(screening: Screening, selection: Selection) -> bool:
    day = screening.screened_at.astimezone(ZONE).date()
    of_edition = selection.edition is None or screening.edition == selection.edition
    return of_edition and (selection.first or day) <= day <= (selection.last or day)


def is_flagged(screening: Screening) -> bool:
    return screening.outcome in {"contraindication_flagged", "caution_flagged"}


def days_to_decision(screening: Screening) -> int | None:
    """Return the calendar days to the first decision; None if there is none."""
    days = [each.at.astimezone(ZONE).date() for each in screening.decisions.all() if each.number == 1]
    return (days[0] - screening.screened_at.astimezone(ZONE).date()).days if days else None


def overriding(screening: Screening) -> Decision | None:
    """Return the latest decision if it is to prescribe."""
    last = max(screening.decisions.all(), key=lambda each: each.number, default=None)
    return last if last and last.code == "prescribe" else None


def overridden_reasons(screening: Screening, link_id: str) -> list[str]:
    """Return the reason for which the flag of a rule was overridden, if it was."""
    decision = overriding(screening)
    is_flag = screening.answers.filter(link_id=link_id, status="flagged").exists()
    return [each.code for each in decision.reasons.filter(link_id=link_id)] if decision and is_flag else []


def expected(selection: Selection) -> Expected:
    """Count record by record."""
    versions = selected(selection)
    current, old = [each for each in versions if each.is_current], [each for each in versions if not each.is_current]
    flagged = [each for each in current if is_flagged(each)]
    waited = [days_to_decision(each) for each in flagged]
    undecided = [each for each, days in zip(flagged, waited, strict=True) if days is None]
    links = {link_id for each in current for link_id in each.answers.values_list("link_id", flat=True)}
    return Expected(
        screenings=len(current),
        amended=sum(each.successor_uuid is not None for each in versions),
        in_error=sum(each.is_void for each in versions),
        flagged=len(flagged),
        spans=tuple(sum(days is not None and days in span for days in waited) for span in SPANS),
        undecided=len(undecided),
        undecided_long=sum((TODAY - each.screened_at.astimezone(ZONE).date()).days > 7 for each in undecided),
        overridden_for=dict(
            Counter(code for each in current for link_id in links for code in overridden_reasons(each, link_id))
        ),
        decided_on_old_answers=sum(each.decisions.exists() for each in old),
    )


def counted(figures: SafetyFigures) -> Expected:
    """Return what the figures say."""
    of_figures = {name: getattr(figures, name) for name in Expected._fields}
    return Expected(**of_figures | {"overridden_for": {each.code: each.flags for each in figures.overridden_for}})


def expected_of_rule(screenings: list[Screening], link_id: str, *, is_asked: bool) -> tuple[Any, ...]:
    """Count the answers to a rule one by one."""
    rows = [row for each in screenings for row in each.answers.all() if row.link_id == link_id]
    statuses = Counter(row.status for row in rows)
    not_applicable = sum((row.status, row.code) == ("not_flagged", "not_applicable") for row in rows)
    no = sum((row.status, row.code) == ("not_flagged", "no") for row in rows)
    return (
        len(rows) if is_asked else None,
        statuses["flagged"],
        statuses["unresolved"],
        not_applicable,
        no if is_asked else None,
        sum((row.status, row.code) == ("flagged", "no") for row in rows),
        dict(Counter(code for each in screenings for code in overridden_reasons(each, link_id))),
    )


def counted_of_rule(rule: RuleFigures) -> tuple[Any, ...]:
    found = (rule.asked, rule.flagged, rule.not_known, rule.not_applicable, rule.no, rule.conflicts)
    return (*found, dict(rule.reasons))


SELECTIONS: dict[str, Callable[[tuple[Edition, ...]], Selection]] = {
    "everything": lambda both: Selection(both, ZONE),
    "first edition": lambda both: Selection(both, ZONE, both[0]),
    "second edition": lambda both: Selection(both, ZONE, both[1]),
    "a week": lambda both: Selection(both, ZONE, None, date(2026, 11, 9), date(2026, 11, 15)),
    "second edition since a day": lambda both: Selection(both, ZONE, both[1], date(2026, 11, 11)),
    "until a day": lambda both: Selection(both, ZONE, None, None, date(2026, 11, 14)),
    "nothing": lambda both: Selection(both, ZONE, None, date(2020, 1, 1), date(2020, 1, 2)),
}


def test_the_figures_are_those_of_a_count_record_by_record(editions: tuple[Edition, ...]) -> None:
    for select in SELECTIONS.values():
        selection = select(editions)
        figures, current = safety_figures(selection, TODAY), [each for each in selected(selection) if each.is_current]
        assert counted(figures) == expected(selection)
        for rule in figures.rules:
            is_asked = any(rule.link_id in each.definition.by_link_id for each in selection.editions)
            assert counted_of_rule(rule) == expected_of_rule(current, rule.link_id, is_asked=is_asked), rule.name


def test_the_rows_by_edition_are_those_of_a_count_record_by_record(editions: tuple[Edition, ...]) -> None:
    for select in SELECTIONS.values():
        selection = select(editions)
        current = [each for each in selected(selection) if each.is_current]
        rows = figures_by_edition(selection, TODAY)
        assert {row.edition for row in rows} == {each.number for each in selection.editions}
        for row in rows:
            own = [each for each in current if each.edition.number == row.edition]
            definition = editions[(row.edition or 0) - 1].definition
            is_asked = row.link_id in definition.by_link_id
            assert counted_of_rule(row) == expected_of_rule(own, row.link_id, is_asked=is_asked), row


def test_the_mixture_has_something_of_everything(editions: tuple[Edition, ...]) -> None:
    figures = safety_figures(Selection(editions, ZONE), TODAY)
    assert all(value for value in counted(figures))
    assert all(figures.spans)
    assert figures.conflicts
