"""Template tags about the open draft, for pages of other topics."""

from __future__ import annotations

from django import template

from screening.drafts.models import RuleSet

register = template.Library()


@register.simple_tag
def open_draft() -> RuleSet | None:
    """The draft that is open, if any."""
    return RuleSet.objects.draft()
