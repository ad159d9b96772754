"""What people fill in: half of them nothing to flag, half an opioid with all its details."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta

from django.utils import timezone

from tests.pages import CLEAR_FORM, OPIOID_FORM

PASSWORD = "an invented password of some length"  # noqa: S105
USERNAMES = [f"clinician{number}" for number in range(1, 9)]
DAYS_SINCE_LAST_DOSE = 4


def forms() -> list[list[tuple[str, str]]]:
    """The kinds of forms, as names and values in the order of the page."""
    last_dose = timezone.now().date() - timedelta(days=DAYS_SINCE_LAST_DOSE)
    opioid = OPIOID_FORM | {"opioid-use.last-dose": last_dose.isoformat()}
    return [list(_pairs(CLEAR_FORM)), list(_pairs(opioid))]


def _pairs(form: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for name, value in form.items():
        values: Iterable[object] = value if isinstance(value, list) else [value]
        yield from ((name, str(each)) for each in values)
