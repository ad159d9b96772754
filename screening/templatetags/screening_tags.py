"""Template tags and filters shared by all pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Protocol
from uuid import UUID

from django import template
from django.forms import BoundField, CheckboxInput, RadioSelect
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import get_default_timezone
from django.utils.translation import gettext_noop

from screening.clinical.report.findings import LabelledText
from screening.clinical.report.record import short_id_of
from screening.clinical.report.stored_words import headline_parts, tally_in_words
from screening.clinical.rules import labels
from screening.clinical.rules.definition import AnswerCode, Definition, Item, Source
from screening.clinical.rules.reviews import ReviewStatus
from screening.clinical.rules.text_diff import Piece
from screening.clinical.text import wording
from screening.clinical.text.local_dates import (
    format_date,
    format_datetime,
    format_short_date,
    format_short_datetime,
)
from screening.clinical.text.phrases import in_sentence
from screening.clinical.text.printable import visible
from screening.clinical.text.translation import gettext
from screening.web.icons import drawing
from screening.web.languages import as_rule_text, format_count, language_of_rules

register = template.Library()

_NEXT_STEP = SafeString(' class="next"')
_CHANGES = {"added": gettext_noop("added:"), "removed": gettext_noop("removed:")}


class WithHeadline(Protocol):
    """A summary, or a stored screening."""

    outcome: str
    headline: str


@register.simple_tag
def rows(texts: Iterable[LabelledText]) -> SafeString:
    """Render labelled texts as rows of a description list; the next step is highlighted."""
    row = "<div{}><dt>{}</dt> <dd{}>{}</dd></div>"
    of_rules = rule_lang()
    return format_html_join(
        "\n",
        row,
        (
            (_NEXT_STEP if each.is_next else "", each.label, of_rules if each.is_rule_text else "", each.words)
            for each in texts
        ),
    )


@register.simple_tag
def rule_lang() -> SafeString:
    """Render the ``lang`` attribute of an element with rule text, if the page has another language than the rules."""
    language = language_of_rules()
    return format_html(' lang="{}"', language) if language else SafeString("")


@register.simple_tag
def lines(texts: Iterable[LabelledText]) -> SafeString:
    """Render labelled texts as a description list, such as the patient's data or who screened, and when."""
    return format_html('<dl class="lines">{}</dl>', rows(texts))


@register.filter
def marked(pieces: Iterable[Piece]) -> SafeString:
    """Mark changes in a text: removed words with ``<del>``, added words with ``<ins>``, both also with hidden text.

    White space around words is not marked. If only white space changed, it is marked, with its line ends visible.
    """
    return format_html('<span class="diff-text">{}</span>', format_html_join("", "{}", map(_marked, pieces)))


def _marked(piece: Piece) -> tuple[str]:
    if piece.kind == "same":
        return (piece.words,)
    words = piece.words.strip() or piece.words.replace("\n", "¶\n")
    before, _, after = piece.words.partition(words) if piece.words.strip() else ("", "", "")
    mark = format_html(
        '{}<{tag}><span class="visually-hidden">{} </span>{}</{tag}>{}',
        *(before, gettext(_CHANGES[piece.kind]), words, after),
        tag="ins" if piece.kind == "added" else "del",
    )
    return (format_html(" {}", mark) if piece.replaces else mark,)


@register.simple_tag
@lru_cache
def shape(name: str) -> SafeString:
    """Render a shape, by its own name or by the state it represents, hidden from assistive technology."""
    return format_html(
        '<svg class="shape" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{}</svg>',
        SafeString(drawing(name)),
    )


@register.filter
def first_control(field: BoundField) -> str:
    """Return the id of a field's first control; a group of radio buttons has no id for the group."""
    if isinstance(field.field.widget, RadioSelect):
        return field.field.widget.id_for_label(str(field.auto_id), "0")
    return str(field.id_for_label or field.auto_id)


@register.filter
def name_in(field: BoundField, definition: Definition) -> str:
    """Return a field's short name for the error summary: the names of rule and follow-up, not the question.

    Empty for a checkbox, whose error message needs no name.
    """
    if isinstance(field.field.widget, CheckboxInput):
        return ""
    link_id, _, part = field.name.partition(".")
    item = definition.by_link_id.get(link_id)
    if item is None:
        return str(field.label).rstrip("?")
    follow_up = item.follow_up(part)
    words = item.name[:1].upper() + item.name[1:]
    detail = follow_up.name if follow_up else str(field.label).rstrip("?")
    return as_rule_text(f"{words}, {in_sentence(detail)}" if part else words)


@register.filter
def source_kind(source: Source) -> str:
    """Return the kind of a source; for a label with its region."""
    return labels.source_kind(source)


@register.filter
def source_words(source: Source) -> str:
    """Return title, identifier and cited part of a source."""
    return labels.source_words(source)


@register.filter
def review_in(item: Item, reviews: Mapping[str, ReviewStatus]) -> ReviewStatus:
    """Return the review texts of a rule."""
    return reviews[item.link_id]


@register.filter
def headline(of: WithHeadline) -> str:
    """Return the headline of a result in the language of the page, with the names of rules marked as rule text."""
    if not (language := language_of_rules()):
        return of.headline
    parts = headline_parts(of.outcome, of.headline)
    if not parts.reason:
        return parts.outcome
    reason = format_html('<span lang="{}">{}</span>', language, parts.reason) if parts.names_rules else parts.reason
    return format_html("{}: {}", parts.outcome, reason)


@register.filter
def tally(stored: str) -> str:
    """Return a stored tally in the language of the page."""
    return tally_in_words(stored) if language_of_rules() else stored


@register.filter
def short_date(moment: datetime) -> str:
    """Format the day of a moment: ``12 Apr 1961``."""
    return format_short_date(moment)


@register.filter
def short_datetime(moment: datetime) -> str:
    """Format a moment in its own time zone: ``12 Apr 1961, 11:30``; the zone is named only where it matters."""
    return format_short_datetime(moment, get_default_timezone())


@register.filter
def long_date(moment: datetime) -> str:
    """Format the day of a moment in its own time zone, which Django's ``date`` would change: ``12 April 1961``."""
    return format_date(moment)


@register.filter
def long_datetime(moment: datetime) -> str:
    """Format a moment in its own time zone, which Django's ``date`` would change: ``12 April 1961, 11:30 GMT``."""
    return format_datetime(moment)


@register.filter
def thousands(number: int) -> str:
    """Format a number with thousands separators."""
    return format_count(number)


@register.filter(name="visible")
def with_codes(text: str) -> str:
    """Show a text that was refused: with the codes of its invisible characters and direction controls."""
    return visible(str(text))


@register.filter
def short_id(uuid: UUID) -> str:
    """Return the short id of a record."""
    return short_id_of(uuid)


@register.simple_tag(name="wording")
def fixed_text(name: str) -> str:
    """Return a heading or fixed sentence by its name in ``wording``: ``{% wording "REMINDER" %}``."""
    return gettext(getattr(wording, name))


@register.simple_tag
def answer_label(code: str) -> str:
    """Return the label of an answer: ``{% answer_label "not_applicable" %}``."""
    return gettext(labels.ANSWER_WORDS[AnswerCode(code)])


@register.simple_tag
def answer_tally(code: str) -> str:
    """Return the label used after a count of answers: ``{% answer_tally "no" %}``."""
    return gettext(labels.ANSWER_TALLY[AnswerCode(code)])


@register.simple_tag
def rule_label(field: str) -> str:
    """Return the label of a field of a rule: ``{% rule_label "next_step" %}``."""
    return gettext(labels.RULE_LABELS[field])


@register.simple_tag
def raised_by_list_alone() -> str:
    """Return the label of rules that are not asked."""
    return gettext(labels.RAISED_BY_LIST_ALONE)


@register.simple_tag
def trigger_words(item: Item) -> str:
    """Return the text of a rule's trigger."""
    return labels.trigger_words(item)
