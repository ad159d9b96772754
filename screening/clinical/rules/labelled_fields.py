"""What the parts of a rule set say of themselves, in words under labels: what is compared between two of them.

The parts are plain JSON, or rows of an unfinished draft: they may lack fields, hold unknown ones and values of any
kind. Nothing here raises for that, and nothing is left out: what has no words is told as it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple, TypeAlias

from screening.clinical.text import wording
from screening.clinical.text.dates import format_date
from screening.clinical.text.phrases import counted, format_number

from . import labels
from .definition import FOLLOW_UP_WORDS, Interval
from .labels import AnyCode

Plain: TypeAlias = "str | list[Plain] | dict[str, Plain]"
"""JSON after ``normalised``."""

DEEPEST = 12
_TOO_DEEP = "…"
_FIGURES = re.compile(r"[+-]?[0-9]{1,20}(\.[0-9]{1,20})?")
_COUNT = re.compile(r"[0-9]{1,9}")
_NUMBERS = frozenset({"dose_low_mg", "dose_high_mg", "minimum", "maximum"})
_COUNTED_FROM = Interval(words="-").counted_from
_SPACES = "".join(each for each in map(chr, range(0x3001)) if each.isspace() and not "\x1c" <= each <= "\x1f")
"""What a definition takes away around a text; to Python alone four control characters are spaces too."""


class FieldLine(NamedTuple):
    """Words under a label: ``lead`` says which of several, ``value`` is what they tell.

    ``place`` is where it stands in a list, from 1; 0 where there is no list.
    """

    key: str
    lead: str
    words: str
    value: Plain
    place: int = 0


class LabelledField(NamedTuple):
    """A label with its lines; ``place`` is where it stands among its like, from 1; 0 where there are none."""

    key: str
    label: str
    lines: tuple[FieldLine, ...]
    place: int = 0


# Values -------------------------------------------------------------------------------------------------------


def normalised(value: object, depth: int = 0) -> Plain:
    """A value without what makes no difference: what is left out is empty, and numbers and dates are texts.

    To be done once: what an interval counts from by itself is told, what was taken away from it is not.
    """
    if depth > DEEPEST:
        return _TOO_DEEP
    if isinstance(value, dict):
        fields = ((str(name), _reduced_field(str(name), each, depth + 1)) for name, each in value.items())
        return {name: each for name, each in fields if each}
    if isinstance(value, list | tuple):
        return [normalised(each, depth + 1) for each in value]
    return "" if value is None else str(value).strip(_SPACES)


def _reduced_field(name: str, value: object, depth: int) -> Plain:
    if name == "interval" and isinstance(value, dict):
        return normalised({"counted_from": _COUNTED_FROM, **value}, depth)
    plain = normalised(value, depth)
    is_number = name in _NUMBERS and isinstance(plain, str) and _FIGURES.fullmatch(plain)
    return format_number(Decimal(str(plain))) if is_number else plain


def part(value: Plain) -> dict[str, Plain]:
    """A part of a rule set by its fields; what has none is one field."""
    if isinstance(value, dict):
        return value
    return {"entry": value} if value else {}


def parts(value: Plain) -> Sequence[Plain]:
    """The entries of a list; what is no list is its only entry."""
    if isinstance(value, list):
        return value
    return [value] if value else []


# Words of values ----------------------------------------------------------------------------------------------

Words: TypeAlias = Callable[[Plain], str]


def as_typed(value: Plain) -> str:
    """A text as it is, nothing for what is empty, anything else as JSON."""
    if isinstance(value, str):
        return value
    return spelled_out(value) if value else ""


def spelled_out(value: Plain) -> str:
    """A value as JSON: other values have other words."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _known(words: Mapping[AnyCode, str]) -> Words:
    """Words for the values of an enumeration; a value that it does not have stands as it was typed."""
    known = labels.by_code(words)
    return lambda value: known.get(as_typed(value), as_typed(value))


def _counted(one: str, several: str) -> Words:
    def words(value: Plain) -> str:
        text = as_typed(value)
        return counted(int(text), one, several) if _COUNT.fullmatch(text) else text

    return words


def _holds(value: Plain) -> str:
    return wording.ASK_EVERY_TIME if value == "0" else _DAYS(value)


def _date(value: Plain) -> str:
    try:
        return format_date(date.fromisoformat(as_typed(value)))
    except ValueError:
        return as_typed(value)


def _dose(value: Plain) -> str:
    return f"{as_typed(value)} mg a day" if value else ""


def _checked_by(value: Plain) -> str:
    return as_typed(value) or "nobody yet"


def _hash(value: Plain) -> str:
    return " ".join(re.findall(".{1,4}", as_typed(value)[:12])) or "none"


def _source(value: Plain) -> str:
    known = part(value)
    kind = (_SOURCES(known.get("kind", "")), as_typed(known.get("region", "")))
    own = [as_typed(known.get(name, "")) for name in ("title", "identifier", "supports")]
    others = _others(known, "kind", "region", "title", "identifier", "supports")
    return _sentences(", ".join(filter(None, kind)), *own, *others)


def _choice(value: Plain) -> str:
    known = part(value)
    label, next_step = as_typed(known.get("label", "")), as_typed(known.get("next_step", ""))
    others = _others(known, "code", "label", "interval", "points", "next_step")
    return _sentences(
        label, *_interval(known.get("interval", "")), _POINTS(known.get("points", "")), next_step, *others
    )


def _interval(value: Plain) -> Iterator[str]:
    known = part(value)
    days, counted_from = _DAYS(known.get("days", "")), as_typed(known.get("counted_from", ""))
    if known.get("words"):
        yield f"{wording.INTERVAL}: {as_typed(known['words'])}"
    if days:
        yield f"{days}, counted from {counted_from}" if counted_from else days
    yield from _others(known, "words", "days", "counted_from")


def _others(known: Mapping[str, Plain], *told: str) -> Iterator[str]:
    """The fields that have no words of their own."""
    return (f"{name}: {as_typed(known[name])}" for name in sorted(known.keys() - set(told)))


def _sentences(*told: str) -> str:
    sentences = [words for words in told if words]
    return " ".join(f"{words.rstrip('.')}." for words in sentences) if len(sentences) > 1 else "".join(sentences)


_DAYS, _POINTS = _counted("day", "days"), _counted("point", "points")
_SEVERITIES = _known(labels.SEVERITY_WORDS)
_TRIGGERS = _known(labels.TRIGGER_WORDS)
_LISTED = _known(labels.IN_A_LIST)
_SOURCES = _known(labels.SOURCE_WORDS)
_KINDS = _known(FOLLOW_UP_WORDS)
_FEEDS = _known(labels.FEEDS_WORDS)
_ANSWERS = _known(labels.ANSWER_WORDS)
_OUTCOMES = _known(labels.OUTCOME_SHORT)


# Lines --------------------------------------------------------------------------------------------------------

Lines: TypeAlias = Callable[[str, Plain], Iterable[FieldLine]]


def _one(words: Words = as_typed, lead: str = "") -> Lines:
    """A field of one value."""
    return lambda field, value: [FieldLine(field, lead, words(value), value)]


def _texts(words: Words = as_typed) -> Lines:
    """A field that is a list: an entry is known by all of its content."""
    return lambda _, value: [
        FieldLine(spelled_out(each), "", words(each), each, place) for place, each in enumerate(parts(value), start=1)
    ]


def _choices(name: str) -> Lines:
    """A field that is a list of choices, each known by its code."""

    def lines(_: str, value: Plain) -> Iterator[FieldLine]:
        for place, each in enumerate(parts(value), start=1):
            code = as_typed(part(each).get("code", ""))
            yield FieldLine(f"{name} {code}", f"{name} {code}".strip(), _choice(each), each, place)

    return lines


class _Row(NamedTuple):
    """The label under which a field is told; fields with one label, side by side, are told together."""

    label: str
    field: str
    lines: Lines = _one()


_RULE = (
    _Row(labels.RULE_LABELS["severity"], "severity", _one(_SEVERITIES)),
    _Row(labels.RULE_LABELS["name"], "name"),
    _Row(labels.RULE_LABELS["question"], "question"),
    _Row(labels.RULE_LABELS["help"], "help"),
    _Row(labels.RULE_LABELS["trigger"], "trigger", _one(_TRIGGERS)),
    _Row(labels.RULE_LABELS["listed"], "listed", _one(_LISTED)),
    _Row(labels.RULE_LABELS["severity_words"], "severity_words"),
    _Row(labels.RULE_LABELS["finding"], "finding"),
    _Row(labels.RULE_LABELS["why"], "why"),
    _Row(labels.RULE_LABELS["next_step"], "next_step"),
    _Row(labels.RULE_LABELS["find_out"], "find_out"),
    _Row(labels.RULE_LABELS["not_applicable_reasons"], "not_applicable_reasons", _choices(labels.REASON)),
    _Row(labels.RULE_LABELS["holds_days"], "holds_days", _one(_holds)),
    _Row(labels.RULE_LABELS["sources"], "sources", _texts(_source)),
    _Row(labels.RULE_LABELS["authored_by"], "authored_by"),
    _Row(labels.RULE_LABELS["checked_by"], "checked_by", _one(_checked_by)),
    _Row(labels.RULE_LABELS["next_review"], "next_review", _one(_date)),
    _Row(labels.RULE_LABELS["link_id"], "link_id"),
)
_FOLLOW_UP = (
    _Row("Asked as", "label"),
    _Row("Short name", "name"),
    _Row("Kind", "kind", _one(_KINDS)),
    _Row(labels.RULE_LABELS["help"], "help"),
    _Row("Unit", "unit"),
    _Row("Lowest", "minimum"),
    _Row("Highest", "maximum"),
    _Row("Used for", "feeds", _one(_FEEDS)),
    _Row("Choices", "choices", _choices("Choice")),
    _Row("Code", "link_id"),
)
_SET = (
    _Row("Title", "title"),
    _Row("Basis", "basis"),
    _Row("Dose range", "dose_low_mg", _one(_dose, "From")),
    _Row("Dose range", "dose_high_mg", _one(_dose, "To")),
    _Row("Dose note", "dose_note"),
    _Row(wording.NOT_COVERED, "not_covered", _texts()),
    _Row(wording.COUNSELLING, "counselling", _texts()),
    _Row("Indications", "indications", _texts()),
    _Row("Names of medicines", "lexicon", _one(_hash)),
    _Row("Format", "format"),
)


# Parts --------------------------------------------------------------------------------------------------------


def labelled_rule(rule: Plain) -> tuple[LabelledField, ...]:
    """All that a rule holds, in the order of an edition's page."""
    fields = part(rule)
    rows = _told(_RULE, fields, but=("follow_ups",))
    details = [_detail(each, place) for place, each in enumerate(parts(fields.get("follow_ups", "")), start=1)]
    behind = [row.key for row in rows].index("find_out") + 1
    return (*rows[:behind], *details, *rows[behind:])


def labelled_rule_set(rules: Plain) -> tuple[LabelledField, ...]:
    """All that a rule set holds beside its rules and cases."""
    return _told(_SET, part(rules), but=("items", "listed", "cases"))


def labelled_case(case: Plain, names: Mapping[str, str]) -> tuple[LabelledField, ...]:
    """All that a case holds; ``names`` are those of the rules by link id."""

    def name(link_id: Plain) -> str:
        return names.get(as_typed(link_id)) or as_typed(link_id)

    def answers(_: str, value: Plain) -> list[FieldLine]:
        given = sorted(part(value).items())
        return [FieldLine(f"answer {each}", name(each), _ANSWERS(answer), answer) for each, answer in given]

    rows = (
        _Row("Case", "words"),
        _Row("Answers", "answers", answers),
        _Row("Answers", "otherwise", _one(_ANSWERS, "Every other question")),
        _Row("Expected", "outcome", _one(_OUTCOMES)),
        _Row(wording.FLAGGED, "flagged", _texts(name)),
    )
    return _told(rows, part(case))


def _detail(follow_up: Plain, place: int) -> LabelledField:
    fields = part(follow_up)
    name, link_id = as_typed(fields.get("name", "")), as_typed(fields.get("link_id", ""))
    rows = _told(_FOLLOW_UP, fields)
    lines = tuple(line._replace(lead=line.lead or row.label) for row in rows for line in row.lines)
    return LabelledField(f"detail {link_id}", f"{labels.RULE_LABELS['follow_ups']}: {name or link_id}", lines, place)


def _told(rows: Sequence[_Row], fields: Mapping[str, Plain], but: Sequence[str] = ()) -> tuple[LabelledField, ...]:
    """The fields under the labels of these rows; those of no row under their own names."""
    unknown = sorted(fields.keys() - {row.field for row in rows} - set(but))
    every = (*rows, *(_Row(field.replace("_", " ").capitalize(), field) for field in unknown))
    return tuple(_together(label, tuple(group), fields) for label, group in groupby(every, key=lambda row: row.label))


def _together(label: str, rows: Sequence[_Row], fields: Mapping[str, Plain]) -> LabelledField:
    lines = tuple(line for row in rows for line in row.lines(row.field, fields.get(row.field, "")))
    return LabelledField(rows[0].field, label, lines)
