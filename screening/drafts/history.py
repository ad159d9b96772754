"""The change history of a draft, in words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext, gettext_noop

from screening.clinical.rules.diff import FieldChange, diff_cases, diff_rules, diff_texts

from .models import Change, DraftChange, RuleSet

_SENTENCES = {
    Change.STARTED: gettext_noop("Started the draft from {edition}"),
    Change.LOADED: gettext_noop("Imported the draft from a file"),
    Change.TEXTS_CHANGED: gettext_noop("Changed the general texts"),
    Change.RULE_ADDED: gettext_noop("Added the rule “{subject}”"),
    Change.RULE_CHANGED: gettext_noop("Changed the rule “{subject}”"),
    Change.RULE_MOVED: gettext_noop("Moved the rule “{subject}” {position}"),
    Change.RULE_RETIRED: gettext_noop("Retired the rule “{subject}”"),
    Change.CASE_ADDED: gettext_noop("Added the case “{subject}”"),
    Change.CASE_CHANGED: gettext_noop("Changed the case “{subject}”"),
    Change.CASE_REMOVED: gettext_noop("Removed the case “{subject}”"),
    Change.PROPOSED: gettext_noop("Proposed the draft"),
    Change.TAKEN_BACK: gettext_noop("Took the draft back"),
    Change.SENT_BACK: gettext_noop("Sent the draft back"),
    Change.DISCARDED: gettext_noop("Discarded the draft"),
    Change.PUBLISHED: gettext_noop("Published the draft as {edition}"),
}
_STORED_EDITION = re.compile(r"Edition (?P<number>\d+)")
_STORED_POSITION = re.compile(r"to position (?P<place>\d+) of (?P<count>\d+)")
_WITH_NOTE = {Change.PROPOSED, Change.SENT_BACK}


class HistoryEntry(NamedTuple):
    """A change in words: a sentence, the note or comment added to it, and the fields that differ."""

    change: DraftChange
    sentence: str
    note: str
    fields: tuple[FieldChange, ...]


def change_history(rule_set: RuleSet) -> list[HistoryEntry]:
    """Return every change of a draft, newest first."""
    names = dict(rule_set.rules.values_list("link_id", "name"))
    return [_entry(change, names) for change in rule_set.changes.order_by("-pk")]


def changes_since(rule_set: int, what: Change, row: int | None, revision: int) -> list[DraftChange]:
    """Return the changes of a row, or of the general texts (``row=None``), after a revision, oldest first.

    The first one holds the content at that revision in ``before``. The list is empty if the revision is the current
    one, or if the history between them has a gap.
    """
    changes = DraftChange.objects.filter(rule_set=rule_set, what=what, row=row, revision__gt=revision)
    later = list(changes.order_by("pk"))
    return later if [each.revision for each in later] == [*range(revision + 1, revision + 1 + len(later))] else []


def _entry(change: DraftChange, names: Mapping[str, str]) -> HistoryEntry:
    what = Change(change.what)
    sentence = gettext(_SENTENCES[what]).format(
        subject=change.subject,
        edition=_translated(change.subject, _STORED_EDITION, gettext("Edition {number}")),
        position=_translated(change.note, _STORED_POSITION, gettext("to position {place} of {count}")),
    )
    fields = changed_fields(change.before, change.after, what, names)
    return HistoryEntry(change, sentence, change.note if what in _WITH_NOTE else "", fields)


def _translated(stored: str, pattern: re.Pattern[str], words: str) -> str:
    """Translate words that are stored in English; others, of an earlier release, stay as they are."""
    found = pattern.fullmatch(stored)
    return words.format(**found.groupdict()) if found else stored


def changed_fields(before: Any, after: Any, what: Change, names: Mapping[str, str]) -> tuple[FieldChange, ...]:
    """Return the fields that differ between two versions of a row; ``names`` are the rule names by link id."""
    match what:
        case Change.RULE_ADDED | Change.RULE_CHANGED | Change.RULE_RETIRED:
            return diff_rules(before, after)
        case Change.CASE_ADDED | Change.CASE_CHANGED | Change.CASE_REMOVED:
            return diff_cases(before, after, names)
        case Change.TEXTS_CHANGED:
            return diff_texts(before, after)
    return ()
