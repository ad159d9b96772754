"""What a page says about the changes that others saved while it was open."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from django.http import QueryDict

from screening.web.forms import OtherVersion


class MergeQuestion(NamedTuple):
    """Something that both changed: the id of the place where it is asked, and what it is called."""

    at: str
    label: str
    theirs: OtherVersion


class OtherChange(NamedTuple):
    """What one other person changed and this one did not, as phrases: ``“Hint” of the detail “Status”``."""

    who: str
    labels: list[str]

    @property
    def sentence(self) -> str:
        """Such as ``Other Person changed “Why” and “Next step”``."""
        *first, last = self.labels
        return f"{self.who} changed {' and '.join([*([', '.join(first)] if first else []), last])}"


@dataclass
class FollowUpMerge:
    """What is said of a detail of a rule: within its fields, and of the detail as a whole."""

    theirs: dict[str, OtherVersion]
    removed_by_them: OtherVersion | None = None
    removed_by_me: OtherVersion | None = None

    @property
    def asks(self) -> bool:
        """True when something is to be chosen in it."""
        return bool(self.theirs or self.removed_by_them or self.removed_by_me)


@dataclass
class MergeResult:
    """What was sent from a page of an earlier revision, merged. ``data`` is for a form as if it had been sent.

    ``theirs`` is to be shown beside the fields that both changed, ``details`` beside those of each detail in turn,
    ``order`` where both put the details in another order. ``lost`` are sent fields that have no place any more.
    """

    data: QueryDict
    theirs: dict[str, OtherVersion] = field(default_factory=dict)
    questions: list[MergeQuestion] = field(default_factory=list)
    taken: list[OtherChange] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    details: list[FollowUpMerge] = field(default_factory=list)
    order: OtherVersion | None = None

    @property
    def has_conflicts(self) -> bool:
        """True when somebody has to choose."""
        return bool(self.questions or self.lost)

    @property
    def sentence(self) -> str:
        """What of others was saved together with what was sent; empty when that is nothing."""
        changes = "; ".join(each.sentence for each in self.taken)
        return f"{changes} meanwhile: all changes are merged and saved." if changes else ""
