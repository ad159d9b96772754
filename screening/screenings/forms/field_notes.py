"""Notes beside fields with unlikely values. They ask to check the value and refuse nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext

from screening.clinical.evaluation.plausibility import (
    BORN_LONG_AGO,
    MOST_TIMES_UPPER_LIMIT,
    NOT_AFTER_BIRTH,
    NOT_TIMES_THE_LIMIT,
    OLDEST_YEARS,
    is_beyond_upper_limit,
    is_born_long_ago,
    is_not_after_birth,
)
from screening.clinical.rules.definition import Definition, Feeds
from screening.clinical.text.birth_dates import BirthDate
from screening.web.forms import FieldNote


def notes_on(definition: Definition, given: Mapping[str, Any], today: date) -> Iterator[tuple[str, FieldNote]]:
    """Yield field names with their notes. ``given`` holds the valid values of the form."""
    birth_date: BirthDate | None = given.get("birth_date")
    born = birth_date.latest if birth_date else None
    is_old = born is not None and is_born_long_ago(born, today)
    yield "birth_date", FieldNote(gettext(BORN_LONG_AGO), is_old, years=str(OLDEST_YEARS))
    for item in definition.items:
        for follow_up in item.follow_ups:
            name = f"{item.link_id}.{follow_up.link_id}"
            value = given.get(name)
            if follow_up.feeds is Feeds.TIMES_UPPER_LIMIT:
                is_beyond = is_beyond_upper_limit(follow_up, value)
                yield name, FieldNote(gettext(NOT_TIMES_THE_LIMIT), is_beyond, above=str(MOST_TIMES_UPPER_LIMIT))
            elif born and is_not_after_birth(follow_up, value, born):
                yield name, FieldNote(gettext(NOT_AFTER_BIRTH), is_shown=True)
