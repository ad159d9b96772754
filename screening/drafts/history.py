"""Who changed what in a draft, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from screening.clinical.rules.diff import FieldChange, diff_cases, diff_rules, diff_texts

from .models import Change, DraftChange, RuleSet

_SAID = {
    Change.STARTED: "Started the draft from {subject}",
    Change.LOADED: "Loaded the draft from a file",
    Change.TEXTS_CHANGED: "Changed the texts of the rule set",
    Change.RULE_ADDED: "Added the rule “{subject}”",
    Change.RULE_CHANGED: "Changed the rule “{subject}”",
    Change.RULE_MOVED: "Moved the rule “{subject}” {note}",
    Change.RULE_RETIRED: "Retired the rule “{subject}”",
    Change.CASE_ADDED: "Added the case “{subject}”",
    Change.CASE_CHANGED: "Changed the case “{subject}”",
    Change.CASE_REMOVED: "Removed the case “{subject}”",
    Change.PROPOSED: "Proposed it to the approver",
    Change.TAKEN_BACK: "Took it back to edit it further",
    Change.SENT_BACK: "Sent it back",
    Change.DISCARDED: "Discarded the draft",
    Change.PUBLISHED: "Published it as {subject}",
}
_WITH_NOTE = {Change.PROPOSED, Change.SENT_BACK}


class HistoryEntry(NamedTuple):
    """One change: the row, what was done in a sentence, the words that go with it, and the fields that differ."""

    change: DraftChange
    said: str
    note: str
    fields: tuple[FieldChange, ...]


def change_history(rule_set: RuleSet) -> list[HistoryEntry]:
    """Every change of a draft, the latest first."""
    names = dict(rule_set.rules.values_list("link_id", "name"))
    return [_told(change, names) for change in rule_set.changes.order_by("-pk")]


def changes_since(rule_set: int, what: Change, row: int | None, revision: int) -> list[DraftChange]:
    """The changes of one row, or of a draft's own texts, that came after a revision of it, in their order.

    The first of them holds the row as it was at that revision. There are none where the revision is the present one,
    or where the history does not go back to it without a gap.
    """
    made = DraftChange.objects.filter(rule_set=rule_set, what=what, row=row, revision__gt=revision).order_by("pk")
    later = list(made)
    return later if [each.revision for each in later] == [*range(revision + 1, revision + 1 + len(later))] else []


def _told(change: DraftChange, names: Mapping[str, str]) -> HistoryEntry:
    what = Change(change.what)
    said = _SAID[what].format(subject=change.subject, note=change.note)
    fields = changed_fields(change.before, change.after, what, names)
    return HistoryEntry(change, said, change.note if what in _WITH_NOTE else "", fields)


def changed_fields(before: Any, after: Any, what: Change, names: Mapping[str, str]) -> tuple[FieldChange, ...]:
    """What differs between a row's content before and after; ``names`` are those of the rules by link id."""
    match what:
        case Change.RULE_ADDED | Change.RULE_CHANGED | Change.RULE_RETIRED:
            return diff_rules(before, after)
        case Change.CASE_ADDED | Change.CASE_CHANGED | Change.CASE_REMOVED:
            return diff_cases(before, after, names)
        case Change.TEXTS_CHANGED:
            return diff_texts(before, after)
    return ()
