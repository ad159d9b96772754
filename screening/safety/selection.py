"""Which screenings the safety figures count: those of an edition and a period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.translation import gettext

from screening.clinical.text.local_dates import format_date
from screening.editions.models import Edition


@dataclass(frozen=True)
class Selection:
    """The screenings of ``edition`` (None for all) screened from ``first`` to ``last``, days in ``zone``.

    ``published`` are all editions. Without a day the period is open at that end.
    """

    published: tuple[Edition, ...]
    zone: ZoneInfo
    edition: Edition | None = None
    first: date | None = None
    last: date | None = None

    @property
    def editions(self) -> tuple[Edition, ...]:
        """The edition, or all."""
        return self.published if self.edition is None else (self.edition,)

    def of(self, screening: str = "") -> Q:
        """Return the condition on screenings; ``screening`` is the path to them, such as ``decision__screening``."""
        path = f"{screening}__" if screening else ""
        condition = Q()
        if self.edition:
            condition &= Q((f"{path}edition", self.edition))
        if self.first:
            condition &= Q((f"{path}screened_at__gte", self.start_of(self.first)))
        if self.last:
            condition &= Q((f"{path}screened_at__lt", self.start_of(self.last + timedelta(days=1))))
        return condition

    def start_of(self, day: date) -> datetime:
        """Return the local midnight with which a day begins."""
        return datetime.combine(day, time.min, self.zone)

    @property
    def words(self) -> str:
        """The edition and the period, for the head of the page: ``Edition 1, 1 September to 29 November 2026``."""
        edition = gettext("All editions")
        if self.edition:
            edition = gettext("Edition {number}").format(number=self.edition.number)
        return f"{edition}, {self._period}"

    @property
    def _period(self) -> str:
        if self.first and self.last:
            is_one_day, is_one_year = self.first == self.last, self.first.year == self.last.year
            first = format_date(self.first).removesuffix(f" {self.last.year}" if is_one_year else "")
            to = gettext("{first} to {last}").format(first=first, last=format_date(self.last))
            return format_date(self.last) if is_one_day else to
        if self.first:
            return gettext("from {date}").format(date=format_date(self.first))
        return gettext("until {date}").format(date=format_date(self.last)) if self.last else gettext("all days")

    @property
    def filters(self) -> dict[str, str]:
        """What is chosen, for links, file names and the audit trail: ``{"edition": "1", "from": "2026-09-01"}``."""
        chosen = {
            "edition": str(self.edition.number) if self.edition else "",
            "from": self.first.isoformat() if self.first else "",
            "to": self.last.isoformat() if self.last else "",
        }
        return {name: value for name, value in chosen.items() if value}
