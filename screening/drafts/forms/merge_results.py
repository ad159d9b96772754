"""The result of merging submitted data with what other editors saved since the page was opened."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from django.http import QueryDict

from screening.web.forms import OtherVersion


class MergeConflict(NamedTuple):
    """A conflict that the editor has to resolve: the HTML id to link to, its label, and the other version."""

    target_id: str
    label: str
    theirs: OtherVersion


class MergedChanges(NamedTuple):
    """One other editor's changes that were merged without a conflict.

    ``labels`` are phrases: ``“Next step”``, ``“Hint” of the detail “Status”``.
    """

    who: str
    labels: list[str]

    @property
    def sentence(self) -> str:
        """For example ``Other Person changed “Why it matters” and “Next step”``."""
        *first, last = self.labels
        return f"{self.who} changed {' and '.join([*([', '.join(first)] if first else []), last])}"


@dataclass
class FollowUpMergeResult:
    """The conflicts of one follow-up: ``theirs`` by field name, and the whole follow-up if one side removed it."""

    theirs: dict[str, OtherVersion]
    removed_by_them: OtherVersion | None = None
    removed_by_me: OtherVersion | None = None

    @property
    def has_conflicts(self) -> bool:
        """True if the editor has to resolve a conflict in it."""
        return bool(self.theirs or self.removed_by_them or self.removed_by_me)


@dataclass
class MergeResult:
    """Submitted data from a page of an earlier revision, merged with the stored row.

    ``data`` is the merged data for a bound form. ``theirs`` has the other version of each conflicting field by name,
    ``follow_ups`` the conflicts of each follow-up in page order, ``order`` the other order if both changed it.
    ``conflicts`` lists them all for the summary, ``merged_changes`` what was merged without one. ``lost`` are
    submitted changes to fields that the row no longer has.
    """

    data: QueryDict
    theirs: dict[str, OtherVersion] = field(default_factory=dict)
    conflicts: list[MergeConflict] = field(default_factory=list)
    merged_changes: list[MergedChanges] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    follow_ups: list[FollowUpMergeResult] = field(default_factory=list)
    order: OtherVersion | None = None

    @property
    def has_conflicts(self) -> bool:
        """True if the merged data cannot be saved before the editor resolves something."""
        return bool(self.conflicts or self.lost)

    @property
    def sentence(self) -> str:
        """The message about the other editors' changes that were merged; empty if there were none."""
        changes = "; ".join(each.sentence for each in self.merged_changes)
        return f"Merged with changes made after you opened the page: {changes}." if changes else ""
