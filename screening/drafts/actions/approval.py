"""From a draft to an edition: proposed, sent back, published; and signed as still right."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db.models import Max

from screening.accounts.models import User
from screening.accounts.permissions import Role
from screening.audit.actions import Action, record_event
from screening.clinical.evaluation.cases import CaseResult, faults_of
from screening.clinical.medications import lexicon as lexicons
from screening.clinical.medications.lexicon import Lexicon
from screening.clinical.rules import definition as rules
from screening.clinical.rules.definition import Definition
from screening.clinical.text.json_errors import DefinitionError, Fault, content_hash
from screening.drafts.models import Change, RuleSet
from screening.editions.models import Edition
from screening.medications.actions import store_lexicon
from screening.medications.models import StoredLexicon
from screening.web.font_coverage import font_faults
from screening.web.transactions import committed

from .editing import start_draft
from .rows import Author, NotProposed, NotToBeEdited, close, locked, record_change, record_draft_event


class OwnDraft(Exception):
    """The person touched the draft, so another one has to publish it."""


class ChangedSince(Exception):
    """The draft is not the one that the approver looked at."""


# It goes to the approver --------------------------------------------------------------------------------------


@committed()
def propose(
    rule_set: RuleSet, *, by: User | None, at: datetime, change_note: str, role: Role | None = None
) -> RuleSet:
    """Hand a draft to the approver.

    Raises:
        NotOpen: it was published or discarded.
        NotToBeEdited: it is with the approver already.
        DefinitionError: it has faults, or a case gives another result than it expects; all of it is listed.
    """
    draft, author = locked(rule_set), Author(by, at, role)
    if draft.proposed_at is not None and by is not None:
        raise NotToBeEdited
    definition = draft.definition()
    if faults := publishing_faults(definition):
        raise DefinitionError(faults)
    draft.proposed_at, draft.proposed_by_name, draft.change_note = at, author.name, change_note
    draft.save(update_fields=["proposed_at", "proposed_by_name", "change_note"])
    record_change(draft, Change.PROPOSED, author, note=change_note)
    record_draft_event(Action.RULES_PROPOSED, draft, author)
    return draft


@committed()
def propose_republication(
    edition: Edition, *, by: User, at: datetime, role: Role | None, change_note: str
) -> RuleSet:
    """Hand an edition to the approver, to be published once more as it was.

    Raises:
        AnotherDraftIsOpen: a draft is open.
        DefinitionError: it does not stand up to the checks of today; all that is wrong is listed.
    """
    draft = start_draft(edition, by=by, at=at, role=role, again=True)
    return propose(draft, by=by, at=at, role=role, change_note=change_note)


@committed()
def take_back(rule_set: RuleSet, *, by: User, at: datetime, role: Role | None) -> None:
    """Take a proposed draft back to edit it further.

    Raises:
        NotOpen: it was published or discarded.
        NotProposed: it is not with the approver.
    """
    _back(rule_set, Change.TAKEN_BACK, Action.RULES_TAKEN_BACK, Author(by, at, role))


@committed()
def send_back(rule_set: RuleSet, *, by: User, at: datetime, role: Role | None, comment: str) -> None:
    """Give a proposed draft back to its editors, with what to mend.

    Raises:
        NotOpen: it was published or discarded.
        NotProposed: it was taken back or sent back before.
    """
    _back(rule_set, Change.SENT_BACK, Action.RULES_SENT_BACK, Author(by, at, role), comment)


def _back(rule_set: RuleSet, what: Change, action: Action, author: Author, comment: str = "") -> None:
    draft = locked(rule_set)
    if draft.proposed_at is None:
        raise NotProposed
    draft.proposed_at, draft.proposed_by_name = None, ""
    draft.save(update_fields=["proposed_at", "proposed_by_name"])
    record_change(draft, what, author, note=comment)
    record_draft_event(action, draft, author)


@committed()
def publish(
    rule_set: RuleSet,
    *,
    by: User | None,
    at: datetime,
    change_note: str,
    lexicon: Lexicon | None = None,
    role: Role | None = None,
    seen: str | None = None,
) -> Edition:
    """Freeze a rule set as the next edition, with the names by which it reads medication lists, if any.

    One that is published again keeps the names that it had. ``seen`` is the hash of the draft that the approver
    looked at. The command line needs no proposal and no second person.

    Raises:
        NotOpen: it was published or discarded.
        NotProposed: nobody proposed it, or it was taken back.
        OwnDraft: the one who publishes touched it, and the installation asks for a second person.
        ChangedSince: it is another draft than the one that was seen.
        DefinitionError: rules or names have faults, or a case gives another result; all of it is listed.
    """
    draft, author = locked(rule_set), Author(by, at, role)
    own_draft = by is not None and _is_own_draft(by, draft)
    definition = draft.definition()
    if seen is not None and seen != draft_hash(definition):
        raise ChangedSince
    name_faults = lexicons.check(lexicon) if lexicon else ()
    if faults := publishing_faults(definition) + name_faults:
        raise DefinitionError(faults)
    names = draft.started_from.lexicon if draft.is_again and draft.started_from else store_lexicon(lexicon)
    edition = _insert_edition(draft, definition, names, author, change_note, without_second_reviewer=own_draft)
    close(draft)
    record_change(draft, Change.PUBLISHED, author, subject=str(edition))
    record_event(Action.EDITION_PUBLISHED, by=by, role=role, subject=f"edition {edition.number}")
    return edition


def _is_own_draft(by: User, draft: RuleSet) -> bool:
    """True when the publisher touched the draft, where the installation lets one person do both.

    Raises:
        NotProposed: it is not with the approver.
        OwnDraft: they touched it, and a second person has to publish it.
    """
    if draft.proposed_at is None:
        raise NotProposed
    own_draft = by.pk in draft.contributors()
    if own_draft and not settings.ONE_PERSON_PUBLISHES:
        raise OwnDraft
    return own_draft


def draft_hash(definition: Definition) -> str:
    """The hash by which an approver's page tells which draft it showed."""
    return content_hash(rules.to_json(definition))


def _insert_edition(
    draft: RuleSet,
    definition: Definition,
    names: StoredLexicon | None,
    author: Author,
    change_note: str,
    *,
    without_second_reviewer: bool,
) -> Edition:
    content = rules.to_json(dataclasses.replace(definition, lexicon=names.sha256 if names else ""))
    last = Edition.objects.aggregate(last=Max("number"))["last"] or 0
    return Edition.objects.create(
        number=last + 1,
        content=content,
        sha256=content_hash(content),
        lexicon=names,
        rule_set=draft,
        written_by=", ".join(dict.fromkeys(draft.contributors().values())),
        published_at=author.at,
        published_by=author.by,
        published_by_name=author.name,
        change_note=change_note,
        without_second_reviewer=without_second_reviewer,
    )


# Reviews ------------------------------------------------------------------------------------------------------


def publishing_faults(definition: Definition, ran: Sequence[CaseResult] | None = None) -> tuple[Fault, ...]:
    """All that stops a definition from being published: faults, cases with another outcome, unshowable texts.

    ``ran`` are the results of its cases, where they were run already.
    """
    return faults_of(definition, ran) + font_faults(definition)
