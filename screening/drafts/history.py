"""The change history of a draft, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from screening.clinical.rules.diff import FieldChange, diff_cases, diff_rules, diff_texts

from .models import Change, DraftChange, RuleSet

_SENTENCES = {
    Change.STARTED: "Started the draft from {subject}",
    Change.LOADED: "Imported the draft from a file",
    Change.TEXTS_CHANGED: "Changed the general texts",
    Change.RULE_ADDED: "Added the rule “{subject}”",
    Change.RULE_CHANGED: "Changed the rule “{subject}”",
    Change.RULE_MOVED: "Moved the rule “{subject}” {note}",
    Change.RULE_RETIRED: "Retired the rule “{subject}”",
    Change.CASE_ADDED: "Added the case “{subject}”",
    Change.CASE_CHANGED: "Changed the case “{subject}”",
    Change.CASE_REMOVED: "Removed the case “{subject}”",
    Change.PROPOSED: "Proposed the draft",
    Change.TAKEN_BACK: "Took the draft back",
    Change.SENT_BACK: "Sent the draft back",
    Change.DISCARDED: "Discarded the draft",
    Change.PUBLISHED: "Published the draft as {subject}",
}
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
    sentence = _SENTENCES[what].format(subject=change.subject, note=change.note)
    fields = changed_fields(change.before, change.after, what, names)
    return HistoryEntry(change, sentence, change.note if what in _WITH_NOTE else "", fields)


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
