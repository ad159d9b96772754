"""Template tag for the open draft, for pages of other topics."""

from __future__ import annotations

from django import template

from screening.drafts.models import RuleSet

register = template.Library()


@register.simple_tag
def open_draft() -> RuleSet | None:
    """Return the open draft, or None."""
    return RuleSet.objects.draft()
