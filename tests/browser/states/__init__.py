"""Every state of every page, for the checks of accessibility.

A new page gets a state here; ``tests/unit/web/test_every_page_has_a_state.py`` names the pages that have none.
"""

from __future__ import annotations

from . import (
    accounts,
    decisions,
    drafts,
    editions,
    errors,
    forms,
    oversight,
    purges,
    results,
    rules,
    second_factors,
    sessions,
    single_sign_on,
)
from .state import State

TOPICS = (
    accounts,
    decisions,
    drafts,
    editions,
    errors,
    forms,
    oversight,
    purges,
    results,
    rules,
    second_factors,
    sessions,
    single_sign_on,
)
STATES: dict[str, State] = {name: state for topic in TOPICS for name, state in topic.STATES.items()}
