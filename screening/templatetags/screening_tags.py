"""Template tags of the look: the shapes that stand beside words, and names for a list of errors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from uuid import UUID

from django import template
from django.forms import BoundField, CheckboxInput, RadioSelect
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from screening.clinical.report.findings import LabelledText
from screening.clinical.report.record import short_id_of
from screening.clinical.rules import labels
from screening.clinical.rules.definition import Definition, Item, Source
from screening.clinical.rules.reviews import ReviewStatus
from screening.clinical.rules.text_diff import Piece
from screening.clinical.text import wording
from screening.clinical.text.phrases import in_sentence
from screening.web.icons import drawing

register = template.Library()

_NEXT = SafeString(' class="next"')


@register.simple_tag
def rows(told: Iterable[LabelledText]) -> SafeString:
    """Words under their labels, as rows of a list; what to do next stands out."""
    row = "<div{}><dt>{}</dt> <dd>{}</dd></div>"
    return format_html_join("\n", row, ((_NEXT if each.is_next else "", each.label, each.words) for each in told))


@register.simple_tag
def lines(told: Iterable[LabelledText]) -> SafeString:
    """Who the patient is, or who screened when and by which rules."""
    return format_html('<dl class="lines">{}</dl>', rows(told))


@register.filter
def marked(pieces: Iterable[Piece]) -> SafeString:
    """What changed in a text: removed words are struck, added ones underlined, and both said in words too.

    The space around words is not marked. Where nothing but space came or went, it is, with its line ends visible.
    """
    return format_html('<span class="told-words">{}</span>', format_html_join("", "{}", map(_marked, pieces)))


def _marked(piece: Piece) -> tuple[str]:
    if piece.kind == "same":
        return (piece.words,)
    words = piece.words.strip() or piece.words.replace("\n", "¶\n")
    before, _, after = piece.words.partition(words) if piece.words.strip() else ("", "", "")
    mark = format_html(
        '{}<{tag}><span class="visually-hidden">{}: </span>{}</{tag}>{}',
        *(before, piece.kind, words, after),
        tag="ins" if piece.kind == "added" else "del",
    )
    return (format_html(" {}", mark) if piece.replaces else mark,)


@register.simple_tag
@lru_cache
def shape(name: str) -> SafeString:
    """A shape by its own name or by the state that it stands for; hidden from assistive technology."""
    return format_html(
        '<svg class="shape" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{}</svg>',
        SafeString(drawing(name)),
    )


@register.filter
def first_control(field: BoundField) -> str:
    """The id of a field's first control; a group of choices has none of its own name."""
    if isinstance(field.field.widget, RadioSelect):
        return field.field.widget.id_for_label(str(field.auto_id), "0")
    return str(field.id_for_label or field.auto_id)


@register.filter
def name_in(field: BoundField, definition: Definition) -> str:
    """A field's short name in a list of errors: the rule's own name and its follow-up's, not the question.

    Empty for a box to tick, whose error says all of it.
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
    return f"{words}, {in_sentence(detail)}" if part else words


@register.filter
def source_kind(source: Source) -> str:
    """The kind of a source, with the region of a label."""
    return labels.source_kind(source)


@register.filter
def source_words(source: Source) -> str:
    """Title, identifier and the part relied on."""
    return labels.source_words(source)


@register.filter
def review_in(item: Item, reviews: Mapping[str, ReviewStatus]) -> ReviewStatus:
    """What is said of the review of a rule."""
    return reviews[item.link_id]


@register.filter
def thousands(number: int) -> str:
    """A number with a comma before each three figures."""
    return f"{number:,}"


@register.filter
def short_id(uuid: UUID) -> str:
    """The beginning of a record's uuid, as people read it."""
    return short_id_of(uuid)


@register.simple_tag
def not_known_means() -> str:
    """What the answer "not known" does to the result."""
    return wording.NOT_KNOWN_MEANS


@register.simple_tag
def trigger_words(item: Item) -> str:
    """What raises a rule's flag, in words."""
    return labels.trigger_words(item)
