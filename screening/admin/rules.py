"""One page a rule, with its follow-ups."""

from __future__ import annotations

from .site import DraftAdmin


class RuleAdmin(DraftAdmin):
    """A rule of the draft."""
