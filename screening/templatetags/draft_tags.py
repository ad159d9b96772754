"""Template tags and filters for drafts, also on pages of other topics."""

from __future__ import annotations

from django import template

from screening.clinical.rules import fault_words
from screening.drafts.models import RuleSet

register = template.Library()


@register.simple_tag
def open_draft() -> RuleSet | None:
    """Return the open draft, or None."""
    return RuleSet.objects.draft()


@register.filter
def place_in_words(place: str) -> str:
    """Return the place of a fault in the language of the page."""
    return fault_words.place_in_words(place)
