"""The safety figures: what each rule found, what was overridden, and how long decisions took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from django.conf import settings
from django.utils.translation import gettext_noop

from screening.clinical.evaluation.evaluate import FindingStatus
from screening.clinical.rules.definition import AnswerCode, Item
from screening.decisions.shipped_reasons import shipped_reasons
from screening.editions.models import Edition
from screening.screenings.models.worklist import FLAGGED

from . import counting
from .selection import Selection

SPANS = (
    (gettext_noop("Same day"), 0),
    (gettext_noop("1 day"), 1),
    (gettext_noop("2 to 3 days"), 3),
    (gettext_noop("4 to 7 days"), 7),
    (gettext_noop("Over 7 days"), 10**6),
)
"""The spans of calendar days from a flag to the first decision: label and last day."""


class OverriddenFor(NamedTuple):
    """A reason for which flags were overridden, and the number of flags."""

    code: str
    label: str
    flags: int


@dataclass(frozen=True)
class RuleFigures:
    """The counts of one rule in an edition, or in all that are selected (``edition`` is then None).

    ``asked`` is None for a rule without a question, which only a medication list flags. A flag counts as flagged
    whatever the answer is, so ``flagged``, ``not_known``, ``not_applicable`` and ``no`` add up to ``asked``.
    ``conflicts`` are the flags that the medication list raised beside a no. ``reasons`` has the number of overridden
    flags by the code of the reason.
    """

    link_id: str
    name: str
    edition: int | None
    asked: int | None
    flagged: int
    not_known: int
    not_applicable: int
    conflicts: int
    reasons: Mapping[str, int]

    @property
    def no(self) -> int | None:
        """The number of answers no that raised no flag; None for a rule without a question."""
        if self.asked is None:
            return None
        return self.asked - self.flagged - self.not_known - self.not_applicable

    @property
    def overridden(self) -> int:
        """The number of flags despite which LDN was prescribed."""
        return sum(self.reasons.values())


@dataclass(frozen=True)
class SafetyFigures:
    """Everything that the page counts. ``spans`` has one number for each of ``SPANS``.

    ``dated_before`` counts decisions that are dated on a day before their screening; they are in the first span.
    """

    screenings: int
    amended: int
    in_error: int
    flagged: int
    rules: tuple[RuleFigures, ...]
    spans: tuple[int, ...]
    dated_before: int
    undecided: int
    undecided_long: int
    overridden_for: tuple[OverriddenFor, ...]
    decided_on_old_answers: int
    refused: int

    @property
    def conflicts(self) -> int:
        """The number of flags that the medication list raised beside a no."""
        return sum(rule.conflicts for rule in self.rules)

    @property
    def overridden(self) -> int:
        """The number of flags despite which LDN was prescribed."""
        return sum(rule.overridden for rule in self.rules)

    @property
    def decided(self) -> int:
        """The number of flagged screenings with a decision."""
        return sum(self.spans)


def safety_figures(selection: Selection, today: date) -> SafetyFigures:
    """Count everything for the page."""
    undecided_before = today - timedelta(days=settings.UNDECIDED_DAYS)
    with counting.one_snapshot():
        amended = counting.count_amended(selection, undecided_before)
        in_error = counting.count_in_error(selection, undecided_before)
        left_out = amended + in_error
        screenings = counting.count_screenings(selection, left_out)
        answers = counting.count_answers(selection, by_edition=False)
        overridden = counting.count_overridden(selection, by_edition=False)
        days = counting.count_days_to_decision(selection, undecided_before, left_out)
        refused = counting.count_refused(selection)
    undecided = Counter({is_old: count for (waited, is_old), count in days.items() if waited is None})
    return SafetyFigures(
        screenings=screenings.total(),
        amended=amended.total(),
        in_error=in_error.total(),
        flagged=sum(count for (_, outcome), count in screenings.items() if outcome in FLAGGED),
        rules=tuple(_rule_rows(selection.editions, None, screenings, answers, overridden)),
        spans=_spans(days),
        dated_before=sum(count for (waited, _), count in days.items() if waited is not None and waited.days < 0),
        undecided=undecided.total(),
        undecided_long=undecided[True],
        overridden_for=_overridden_for(overridden),
        decided_on_old_answers=sum(count for each, count in left_out.items() if each.days is not None),
        refused=refused,
    )


def figures_by_edition(selection: Selection, today: date) -> list[RuleFigures]:
    """Count for each rule of each selected edition, editions oldest first."""
    with counting.one_snapshot():
        left_out = counting.count_amended(selection, today) + counting.count_in_error(selection, today)
        screenings = counting.count_screenings(selection, left_out)
        answers = counting.count_answers(selection, by_edition=True)
        overridden = counting.count_overridden(selection, by_edition=True)
    return [
        row
        for edition in selection.editions
        for row in _rule_rows([edition], edition, screenings, answers, overridden)
    ]


def _rule_rows(
    editions: Iterable[Edition],
    only: Edition | None,
    screenings: Counter[tuple[int, str]],
    answers: Counter[tuple[int | None, str, str, str]],
    overridden: Counter[tuple[int | None, str, str, str]],
) -> Iterator[RuleFigures]:
    """Yield the rules in the order and with the names of the latest edition; with ``only`` its own counts."""
    latest_first = sorted(editions, key=lambda each: -each.number)
    rules: dict[str, Item] = {}
    for edition in latest_first:
        for item in (*edition.definition.items, *edition.definition.listed):
            rules.setdefault(item.link_id, item)
    for link_id, item in rules.items():
        asking = {each.pk for each in latest_first if link_id in each.definition.by_link_id}
        found, reasons = Counter[tuple[str, str]](), Counter[str]()
        for (of, rule, status, code), count in answers.items():
            if rule == link_id and (only is None or of == only.pk):
                found[status, code] += count
        for (of, rule, code, _), count in overridden.items():
            if rule == link_id and (only is None or of == only.pk):
                reasons[code] += count
        yield RuleFigures(
            link_id=link_id,
            name=item.name[:1].upper() + item.name[1:],
            edition=only.number if only else None,
            asked=sum(count for (of, _), count in screenings.items() if of in asking) if asking else None,
            flagged=sum(count for (status, _), count in found.items() if status == FindingStatus.FLAGGED),
            not_known=sum(count for (status, _), count in found.items() if status == FindingStatus.UNRESOLVED),
            not_applicable=found[FindingStatus.NOT_FLAGGED, AnswerCode.NOT_APPLICABLE],
            conflicts=found[FindingStatus.FLAGGED, AnswerCode.NO],
            reasons=reasons,
        )


def _spans(days: Counter[tuple[timedelta | None, bool]]) -> tuple[int, ...]:
    """Return the number of decided screenings in each of ``SPANS``."""
    counts = [0] * len(SPANS)
    for (waited, _), count in days.items():
        if waited is not None:
            place = next(place for place, (_, last_day) in enumerate(SPANS) if waited.days <= last_day)
            counts[place] += count
    return tuple(counts)


def _overridden_for(overridden: Counter[tuple[int | None, str, str, str]]) -> tuple[OverriddenFor, ...]:
    """Return the reasons, the most frequent first, with the label of this release or else the one recorded."""
    flags, labels = Counter[str](), dict[str, str]()
    for (_, _, code, label), count in overridden.items():
        flags[code] += count
        labels[code] = label
    labels |= shipped_reasons().labels(is_flag=True)
    by_number = sorted(flags.items(), key=lambda each: (-each[1], each[0]))
    return tuple(OverriddenFor(code, labels[code], count) for code, count in by_number)
