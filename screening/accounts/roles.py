"""The roles. Settings name them too, so this module imports nothing of Django."""

from __future__ import annotations

from enum import StrEnum

from screening.clinical.text.translation import gettext_noop


class Role(StrEnum):
    """A role, by the name of its group. If several roles permit an action, the first in this order acts."""

    PRESCRIBER = gettext_noop("prescriber")
    CLINICIAN = gettext_noop("clinician")
    EDITOR = gettext_noop("editor")
    APPROVER = gettext_noop("approver")
    AUDITOR = gettext_noop("auditor")
    ADMINISTRATOR = gettext_noop("administrator")
