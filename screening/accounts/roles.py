"""The roles. Settings name them too, so this module imports nothing of Django."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """A role, by the name of its group. If several roles permit an action, the first in this order acts."""

    PRESCRIBER = "prescriber"
    CLINICIAN = "clinician"
    EDITOR = "editor"
    APPROVER = "approver"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
