"""The fields of rules, cases and rule sets as labelled lines of text, for diffs and for showing stored versions.

The input is plain JSON or the rows of an unfinished draft. Missing fields, unknown fields and values of any type are
accepted, and nothing is left out: an unknown field gets its own name as label, an unknown value is shown as entered.
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
from screening.clinical.text.local_dates import format_date
from screening.clinical.text.phrases import format_number
from screening.clinical.text.translation import gettext, gettext_noop, ngettext

from . import labels
from .definition import FOLLOW_UP_WORDS, Interval
from .labels import AnyCode

Plain: TypeAlias = "str | list[Plain] | dict[str, Plain]"
"""JSON after ``normalised``."""

_MOST_LEVELS = 12
"""Deeper nested values are replaced by an ellipsis."""
_FIGURES = re.compile(r"[+-]?[0-9]{1,20}(\.[0-9]{1,20})?")
_COUNT = re.compile(r"[0-9]{1,9}")
_NUMBERS = frozenset({"dose_low_mg", "dose_high_mg", "minimum", "maximum"})
_COUNTED_FROM = Interval(words="-").counted_from
_SPACES = "".join(each for each in map(chr, range(0x3001)) if each.isspace() and not "\x1c" <= each <= "\x1f")
"""The white space that a definition strips from texts; ``str.strip`` also removes four control characters."""


class FieldLine(NamedTuple):
    """One line under a label: ``words`` show ``value``, ``lead`` names the line where there are several.

    ``place`` is its place in a list, from 1, or 0 outside a list. ``is_rule_text`` is true if ``words`` are an
    editor's, so that they are in the language of the rules; ``name`` is rule text at the end of ``lead``, such as a
    code or the name of a rule.
    """

    key: str
    lead: str
    words: str
    value: Plain
    place: int = 0
    is_rule_text: bool = False
    name: str = ""

    @property
    def lead_without_name(self) -> str:
        """The part of the lead that is not rule text."""
        return self.lead.removesuffix(self.name).strip()


class LabelledField(NamedTuple):
    """A label with its lines. ``place`` is the place of a follow-up among the follow-ups, from 1, or 0 for others.

    ``name`` is rule text at the end of the label, such as the name of a follow-up.
    """

    key: str
    label: str
    lines: tuple[FieldLine, ...]
    place: int = 0
    name: str = ""

    @property
    def label_without_name(self) -> str:
        """The part of the label that is not rule text."""
        return self.label.removesuffix(self.name).strip()


# Values -------------------------------------------------------------------------------------------------------


def normalised(value: object, depth: int = 0) -> Plain:
    """Return a value in a form in which equal content is equal.

    Empty fields are left out, numbers and dates become texts, and an interval gets its default ``counted_from``.
    Apply it once only: a second time would add that default where it was deliberately empty.
    """
    if depth > _MOST_LEVELS:
        return "…"
    if isinstance(value, dict):
        fields = ((str(name), _normalised_field(str(name), each, depth + 1)) for name, each in value.items())
        return {name: each for name, each in fields if each}
    if isinstance(value, list | tuple):
        return [normalised(each, depth + 1) for each in value]
    return "" if value is None else str(value).strip(_SPACES)


def _normalised_field(name: str, value: object, depth: int) -> Plain:
    if name == "interval" and isinstance(value, dict):
        return normalised({"counted_from": _COUNTED_FROM, **value}, depth)
    plain = normalised(value, depth)
    is_number = name in _NUMBERS and isinstance(plain, str) and _FIGURES.fullmatch(plain)
    return format_number(Decimal(str(plain))) if is_number else plain


def part(value: Plain) -> dict[str, Plain]:
    """Return a value as a mapping of fields; anything but a mapping becomes the field ``entry``."""
    if isinstance(value, dict):
        return value
    return {"entry": value} if value else {}


def parts(value: Plain) -> Sequence[Plain]:
    """Return a value as a list; anything but a list becomes its only entry."""
    if isinstance(value, list):
        return value
    return [value] if value else []


# Formatting values --------------------------------------------------------------------------------------------

Formatter: TypeAlias = Callable[[Plain], str]


def as_text(value: Plain) -> str:
    """Return a text unchanged, an empty value as an empty text, and anything else as JSON."""
    if isinstance(value, str):
        return value
    return as_json(value) if value else ""


def as_json(value: Plain) -> str:
    """Return a value as JSON: different values have different texts."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _label_of(words: Mapping[AnyCode, str]) -> Formatter:
    """Format the codes of an enumeration by their labels, and unknown codes as entered."""
    by_code = labels.by_code(words)

    def label(value: Plain) -> str:
        text = as_text(value)
        return gettext(by_code[text]) if text in by_code else text

    return label


def _days(value: Plain) -> str:
    text = as_text(value)
    return ngettext("{} day", "{} days", int(text)) if _COUNT.fullmatch(text) else text


def _points(value: Plain) -> str:
    text = as_text(value)
    return ngettext("{} point", "{} points", int(text)) if _COUNT.fullmatch(text) else text


def _holds(value: Plain) -> str:
    return gettext(wording.ASK_EVERY_TIME) if value == "0" else _days(value)


def _date(value: Plain) -> str:
    try:
        return format_date(date.fromisoformat(as_text(value)))
    except ValueError:
        return as_text(value)


def _dose(value: Plain) -> str:
    return gettext("{dose} mg a day").format(dose=as_text(value)) if value else ""


def _checked_by(value: Plain) -> str:
    return as_text(value) or gettext("nobody yet")


def _hash(value: Plain) -> str:
    return " ".join(re.findall(".{1,4}", as_text(value)[:12])) or gettext("none")


def _source(value: Plain) -> str:
    fields = part(value)
    kind = (_SOURCES(fields.get("kind", "")), as_text(fields.get("region", "")))
    texts = [as_text(fields.get(name, "")) for name in ("title", "identifier", "supports")]
    others = _other_fields(fields, "kind", "region", "title", "identifier", "supports")
    return _sentences(", ".join(filter(None, kind)), *texts, *others)


def _choice(value: Plain) -> str:
    fields = part(value)
    label, next_step = as_text(fields.get("label", "")), as_text(fields.get("next_step", ""))
    others = _other_fields(fields, "code", "label", "interval", "points", "next_step")
    return _sentences(
        label, *_interval(fields.get("interval", "")), _points(fields.get("points", "")), next_step, *others
    )


def _interval(value: Plain) -> Iterator[str]:
    fields = part(value)
    days, counted_from = _days(fields.get("days", "")), as_text(fields.get("counted_from", ""))
    if fields.get("words"):
        yield f"{gettext(wording.INTERVAL)}: {as_text(fields['words'])}"
    if days and counted_from:
        yield gettext("{days}, counted from {event}").format(days=days, event=counted_from)
    elif days:
        yield days
    yield from _other_fields(fields, "words", "days", "counted_from")


def _other_fields(fields: Mapping[str, Plain], *shown: str) -> Iterator[str]:
    return (f"{name}: {as_text(fields[name])}" for name in sorted(fields.keys() - set(shown)))


def _sentences(*texts: str) -> str:
    sentences = [text for text in texts if text]
    return " ".join(f"{text.rstrip('.')}." for text in sentences) if len(sentences) > 1 else "".join(sentences)


_SEVERITIES = _label_of(labels.SEVERITY_WORDS)
_TRIGGERS = _label_of(labels.TRIGGER_WORDS)
_LISTED = _label_of(labels.IN_A_LIST)
_SOURCES = _label_of(labels.SOURCE_WORDS)
_KINDS = _label_of(FOLLOW_UP_WORDS)
_FEEDS = _label_of(labels.FEEDS_WORDS)
_ANSWERS = _label_of(labels.ANSWER_WORDS)
_OUTCOMES = _label_of(labels.OUTCOME_SHORT)


# Lines --------------------------------------------------------------------------------------------------------

LineBuilder: TypeAlias = Callable[[str, Plain], Iterable[FieldLine]]
"""Makes the lines of a field from its name and its value."""


def _one(formatted: Formatter = as_text, lead: str = "") -> LineBuilder:
    """Make the line of a single value."""
    is_text = formatted is as_text
    return lambda field, value: [FieldLine(field, gettext(lead), formatted(value), value, is_rule_text=is_text)]


def _texts(formatted: Formatter = as_text) -> LineBuilder:
    """Make a line for each entry of a list; the key of an entry is its whole content."""
    return lambda _, value: [
        FieldLine(as_json(each), "", formatted(each), each, place, is_rule_text=True)
        for place, each in enumerate(parts(value), start=1)
    ]


def _choices(name: str) -> LineBuilder:
    """Make a line for each choice of a list; the key of a choice is its code."""

    def lines(_: str, value: Plain) -> Iterator[FieldLine]:
        for place, each in enumerate(parts(value), start=1):
            code = as_text(part(each).get("code", ""))
            lead = f"{gettext(name)} {code}".strip()
            yield FieldLine(f"{name} {code}", lead, _choice(each), each, place, is_rule_text=True, name=code)

    return lines


class _Row(NamedTuple):
    """The label of a field and how its lines are made. Adjacent fields with the same label are shown together."""

    label: str
    field: str
    lines: LineBuilder = _one()


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
    _Row(gettext_noop("Asked as"), "label"),
    _Row(gettext_noop("Short name"), "name"),
    _Row(gettext_noop("Kind"), "kind", _one(_KINDS)),
    _Row(labels.RULE_LABELS["help"], "help"),
    _Row(gettext_noop("Unit"), "unit"),
    _Row(gettext_noop("Lowest"), "minimum"),
    _Row(gettext_noop("Highest"), "maximum"),
    _Row(gettext_noop("Used for"), "feeds", _one(_FEEDS)),
    _Row(gettext_noop("Choices"), "choices", _choices(gettext_noop("Choice"))),
    _Row(gettext_noop("Code"), "link_id"),
)
_SET = (
    _Row(gettext_noop("Title"), "title"),
    _Row(gettext_noop("Basis"), "basis"),
    _Row(gettext_noop("Dose range"), "dose_low_mg", _one(_dose, gettext_noop("From"))),
    _Row(gettext_noop("Dose range"), "dose_high_mg", _one(_dose, gettext_noop("To"))),
    _Row(gettext_noop("Dose note"), "dose_note"),
    _Row(wording.NOT_COVERED, "not_covered", _texts()),
    _Row(wording.COUNSELLING, "counselling", _texts()),
    _Row(gettext_noop("Indications"), "indications", _texts()),
    _Row(gettext_noop("Names of medicines"), "lexicon", _one(_hash)),
    _Row(gettext_noop("Format"), "format"),
)


# Parts --------------------------------------------------------------------------------------------------------


def labelled_rule(rule: Plain) -> tuple[LabelledField, ...]:
    """Return all fields of a rule, in the order of an edition's page."""
    fields = part(rule)
    labelled = _labelled(_RULE, fields, but=("follow_ups",))
    details = [_detail(each, place) for place, each in enumerate(parts(fields.get("follow_ups", "")), start=1)]
    after_find_out = [each.key for each in labelled].index("find_out") + 1
    return (*labelled[:after_find_out], *details, *labelled[after_find_out:])


def labelled_rule_set(rules: Plain) -> tuple[LabelledField, ...]:
    """Return all fields of a rule set except its rules and cases."""
    return _labelled(_SET, part(rules), but=("items", "listed", "cases"))


def labelled_case(case: Plain, names: Mapping[str, str]) -> tuple[LabelledField, ...]:
    """Return all fields of a case; ``names`` are the names of the rules by link id."""

    def name(link_id: Plain) -> str:
        return names.get(as_text(link_id)) or as_text(link_id)

    def answers(_: str, value: Plain) -> list[FieldLine]:
        given = sorted(part(value).items())
        return [
            FieldLine(f"answer {each}", name(each), _ANSWERS(answer), answer, name=name(each))
            for each, answer in given
        ]

    specs = (
        _Row(gettext_noop("Case"), "words"),
        _Row(gettext_noop("Answers"), "answers", answers),
        _Row(gettext_noop("Answers"), "otherwise", _one(_ANSWERS, gettext_noop("Every other question"))),
        _Row(gettext_noop("Expected"), "outcome", _one(_OUTCOMES)),
        _Row(wording.FLAGGED, "flagged", _texts(name)),
    )
    return _labelled(specs, part(case))


def _detail(follow_up: Plain, place: int) -> LabelledField:
    fields = part(follow_up)
    name, link_id = as_text(fields.get("name", "")), as_text(fields.get("link_id", ""))
    labelled = _labelled(_FOLLOW_UP, fields)
    lines = tuple(line._replace(lead=line.lead or each.label) for each in labelled for line in each.lines)
    label = f"{gettext(labels.RULE_LABELS['follow_ups'])}: {name or link_id}"
    return LabelledField(f"detail {link_id}", label, lines, place, name or link_id)


def _labelled(
    specs: Sequence[_Row], fields: Mapping[str, Plain], but: Sequence[str] = ()
) -> tuple[LabelledField, ...]:
    """Label the fields. Unknown fields come last, under their own names; those in ``but`` are left out."""
    unknown = sorted(fields.keys() - {spec.field for spec in specs} - set(but))
    every = (*specs, *(_Row(field.replace("_", " ").capitalize(), field) for field in unknown))
    by_label = [(label, tuple(group)) for label, group in groupby(every, key=lambda spec: spec.label)]
    return tuple(
        LabelledField(
            group[0].field,
            gettext(label),
            tuple(line for spec in group for line in spec.lines(spec.field, fields.get(spec.field, ""))),
        )
        for label, group in by_label
    )
